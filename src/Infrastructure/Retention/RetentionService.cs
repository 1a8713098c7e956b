using DataPipeline.Infrastructure.Workers;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace DataPipeline.Infrastructure.Retention;

/// <summary>Has what is old removed, in processes that run batches.</summary>
internal sealed class RetentionService(RetentionSweep sweep, IOptions<RetentionOptions> settings, IOptions<WorkerOptions> worker, TimeProvider clock, ILogger<RetentionService> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!worker.Value.Enabled) return;
        try
        {
            while (true)
            {
                await SweepAsync(stoppingToken);
                await Task.Delay(settings.Value.Interval, clock, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            return; // Shutdown: what is left over is removed in another turn.
        }
    }

    private async Task SweepAsync(CancellationToken ct)
    {
        var start = clock.GetTimestamp();
        try
        {
            if (await sweep.RunAsync(ct) is not { Anything: true } removed) return;
            RetentionLog.Removed(logger, removed.Pipelines, removed.Batches, removed.Records, removed.Failures, removed.Others, clock.GetElapsedTime(start).TotalMilliseconds);
        }
        catch (Exception failure) when (failure is not OperationCanceledException || !ct.IsCancellationRequested)
        {
            RetentionLog.Interrupted(logger, settings.Value.IntervalSeconds, failure);
        }
    }
}
