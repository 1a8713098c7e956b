using DataPipeline.Application.Batches;
using DataPipeline.Application.Observability;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace DataPipeline.Infrastructure.Workers;

/// <summary>Puts back the chunks of workers that died.</summary>
internal sealed class QueueUpkeep(IBatchQueue queue, IBatchSignals signals, ServiceMetrics metrics, IOptions<WorkerOptions> settings, TimeProvider clock, ILogger<QueueUpkeep> logger) : BackgroundService
{
    /// <summary>What a killed worker leaves behind waits for its lease and, at most, this.</summary>
    private static readonly TimeSpan LongestInterval = TimeSpan.FromSeconds(3);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var options = settings.Value;
        if (!options.Enabled) return;
        var interval = options.Lease / 3 < LongestInterval ? options.Lease / 3 : LongestInterval;
        using var timer = new PeriodicTimer(interval, clock);
        try
        {
            do await TryReclaimAsync(options.MaxAttempts, stoppingToken);
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            return; // Shutdown: other processes do it, or this one when it starts again.
        }
    }

    private async Task ReclaimAsync(int maxAttempts, CancellationToken ct)
    {
        var reclaimed = await queue.ReclaimExpiredAsync(maxAttempts, ct);
        metrics.LeasesExpired(reclaimed.Ready + reclaimed.EndedBatches.Count);
        foreach (var batchId in reclaimed.EndedBatches) signals.BatchEnded(batchId);
        if (reclaimed.Ready == 0) return;
        WorkerLog.Reclaimed(logger, reclaimed.Ready);
        signals.WorkArrived();
    }

    private async Task TryReclaimAsync(int maxAttempts, CancellationToken ct)
    {
        try
        {
            await ReclaimAsync(maxAttempts, ct);
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            WorkerLog.UpkeepFailed(logger, "Putting back chunks", failure);
        }
    }
}
