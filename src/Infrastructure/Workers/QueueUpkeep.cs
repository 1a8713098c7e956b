using DataPipeline.Application.Batches;
using DataPipeline.Application.Observability;
using DataPipeline.Infrastructure.Persistence;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace DataPipeline.Infrastructure.Workers;

/// <summary>Puts back the chunks of workers that died, and removes idempotency keys that nobody can use any more.</summary>
internal sealed class QueueUpkeep(IBatchQueue queue, IdempotencyKeyCleaner keys, IBatchSignals signals, ServiceMetrics metrics, IOptions<WorkerOptions> settings, TimeProvider clock, ILogger<QueueUpkeep> logger) : BackgroundService
{
    private const int LookupsPerCleaning = 60;
    private static readonly TimeSpan LongestInterval = TimeSpan.FromSeconds(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var options = settings.Value;
        if (!options.Enabled) return;
        var interval = options.Lease / 3 < LongestInterval ? options.Lease / 3 : LongestInterval;
        using var timer = new PeriodicTimer(interval, clock);
        try
        {
            for (var turn = 0; ; turn++)
            {
                await DoAsync("Putting back chunks", () => ReclaimAsync(options.MaxAttempts, stoppingToken));
                if (turn % LookupsPerCleaning == 0) await DoAsync("Removing idempotency keys", () => keys.RemoveExpiredAsync(stoppingToken));
                await timer.WaitForNextTickAsync(stoppingToken);
            }
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

    private async Task DoAsync(string step, Func<Task> work)
    {
        try
        {
            await work();
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            WorkerLog.UpkeepFailed(logger, step, failure);
        }
    }
}
