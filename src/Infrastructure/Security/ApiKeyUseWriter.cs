using DataPipeline.Application.Common;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace DataPipeline.Infrastructure.Security;

/// <summary>Writes when keys were last used, once a minute for all of them, and at the end. A crash loses a minute of it.</summary>
internal sealed partial class ApiKeyUseWriter : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    private readonly ApiKeyDirectory _directory;
    private readonly IDatabase _database;
    private readonly TimeProvider _clock;
    private readonly ILogger<ApiKeyUseWriter> _logger;
    private readonly Lazy<Task> _lastWrite;

    public ApiKeyUseWriter(ApiKeyDirectory directory, IDatabase database, TimeProvider clock, ILogger<ApiKeyUseWriter> logger)
    {
        (_directory, _database, _clock, _logger) = (directory, database, clock, logger);

        // A host that is told to stop by two at once stops its services twice; neither may go on before this is written.
        _lastWrite = new Lazy<Task>(() => WriteAsync(CancellationToken.None));
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, _clock);
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
        await _lastWrite.Value.WaitAsync(cancellationToken);
    }

    private async Task WriteAsync(CancellationToken ct)
    {
        try
        {
            await _directory.WriteUsesAsync(ct);
        }
        catch (Exception failure) when (_database.IsOutOfReach(failure))
        {
            NotWritten(_logger, failure);
        }
    }

    [LoggerMessage(4000, LogLevel.Warning, "The last uses of API keys could not be written; they will be with the next ones")]
    private static partial void NotWritten(ILogger logger, Exception failure);
}
