using DataPipeline.Application.Batches;
using DataPipeline.Application.Observability;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace DataPipeline.Infrastructure.Workers;

/// <summary>Puts back the chunks of workers that died, and lines up those that were forgotten.</summary>
internal sealed class QueueUpkeep(IBatchQueue queue, IBatchSignals signals, ServiceMetrics metrics, IOptions<WorkerOptions> settings, TimeProvider clock, ILogger<QueueUpkeep> logger) : BackgroundService
{
    /// <summary>What a killed worker leaves behind waits for its lease and, at most, this.</summary>
    private static readonly TimeSpan LongestInterval = TimeSpan.FromSeconds(3);

    /// <summary>What was forgotten is an exception, and looking for it takes a look at all that is held.</summary>
    private static readonly TimeSpan TimeBetweenLooks = TimeSpan.FromMinutes(1);

    private long? _lastLook;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var options = settings.Value;
        if (!options.Enabled) return;
        var interval = options.Lease / 3 < LongestInterval ? options.Lease / 3 : LongestInterval;
        using var timer = new PeriodicTimer(interval, clock);
        try
        {
            do
            {
                await TryAsync("Putting back chunks", () => ReclaimAsync(options.MaxAttempts, stoppingToken));
                await TryAsync("Lining up chunks", () => ReleaseForgottenAsync(stoppingToken));
            }
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

    private async Task ReleaseForgottenAsync(CancellationToken ct)
    {
        if (_lastLook is { } last && clock.GetElapsedTime(last) < TimeBetweenLooks) return;
        _lastLook = clock.GetTimestamp();
        if (await queue.ReleaseForgottenAsync(ct) > 0) signals.WorkArrived();
    }

    private async Task TryAsync(string step, Func<Task> work)
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
