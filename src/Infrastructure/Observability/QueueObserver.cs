using DataPipeline.Application.Observability;
using DataPipeline.Infrastructure.Persistence;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace DataPipeline.Infrastructure.Observability;

/// <summary>Looks at the queue now and then, so that whoever reads the metrics waits for no database and asks it nothing.</summary>
internal sealed class QueueObserver(WorkerDirectory workers, ServiceMetrics metrics, TimeProvider clock, ILogger<QueueObserver> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    /// <summary>A long queue takes longer to count: the pause keeps looking at it to a twentieth of the time.</summary>
    private const int PauseFactor = 20;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        metrics.BeginCounting();
        try
        {
            while (true)
            {
                var start = clock.GetTimestamp();
                metrics.Queue = await TryReadAsync(stoppingToken);
                var pause = clock.GetElapsedTime(start) * PauseFactor;
                await Task.Delay(pause > Interval ? pause : Interval, clock, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            metrics.Queue = null; // Shutdown.
        }
    }

    private async Task<QueueState?> TryReadAsync(CancellationToken ct)
    {
        try
        {
            return await workers.ReadQueueAsync(ct);
        }
        catch (Exception failure) when (failure is not OperationCanceledException || !ct.IsCancellationRequested)
        {
            ObservabilityLog.QueueUnknown(logger, failure);
            return null;
        }
    }
}
