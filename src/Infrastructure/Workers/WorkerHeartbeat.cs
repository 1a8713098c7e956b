using DataPipeline.Domain.Common;
using DataPipeline.Infrastructure.Persistence;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace DataPipeline.Infrastructure.Workers;

/// <summary>Lets the other processes know that this one works: for a lease at a time, as with its chunks, so that one that was killed or halted is not counted for longer.</summary>
internal sealed class WorkerHeartbeat(WorkerDirectory workers, IIdGenerator ids, IOptions<WorkerOptions> settings, TimeProvider clock, ILogger<WorkerHeartbeat> logger) : BackgroundService
{
    private static readonly TimeSpan FarewellTime = TimeSpan.FromSeconds(2);

    private readonly string _worker = ids.NewId().ToString("N");

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var options = settings.Value;
        if (!options.Enabled) return;
        using var timer = new PeriodicTimer(options.Lease / 3, clock);
        try
        {
            do await NoteAsync(options.Lease, stoppingToken);
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            await LeaveAsync();
        }
    }

    private async Task NoteAsync(TimeSpan life, CancellationToken stopping)
    {
        try
        {
            await workers.NoteAsync(_worker, life, stopping);
        }
        catch (Exception failure) when (!stopping.IsCancellationRequested)
        {
            WorkerLog.UpkeepFailed(logger, "The sign of life", failure);
        }
    }

    private async Task LeaveAsync()
    {
        using var timeout = new CancellationTokenSource(FarewellTime, clock);
        try
        {
            await workers.RemoveAsync(_worker, timeout.Token);
        }
        catch (Exception)
        {
            // A database that is away: the worker counts as alive until the lease is over.
        }
    }
}
