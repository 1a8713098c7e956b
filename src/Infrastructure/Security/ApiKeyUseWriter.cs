using DataPipeline.Application.Common;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace DataPipeline.Infrastructure.Security;

/// <summary>Writes when keys were last used, once a minute for all of them, and at the end. A crash loses a minute of it.</summary>
internal sealed partial class ApiKeyUseWriter(ApiKeyDirectory directory, IDatabase database, TimeProvider clock, ILogger<ApiKeyUseWriter> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken)) await WriteAsync(stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Shutdown: what is noted is written by StopAsync.
        }
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await WriteAsync(cancellationToken);
    }

    private async Task WriteAsync(CancellationToken ct)
    {
        try
        {
            await directory.WriteUsesAsync(ct);
        }
        catch (Exception failure) when (database.IsOutOfReach(failure))
        {
            NotWritten(logger, failure);
        }
    }

    [LoggerMessage(4000, LogLevel.Warning, "The last uses of API keys could not be written; they will be with the next ones")]
    private static partial void NotWritten(ILogger logger, Exception failure);
}
