using System.Collections.Concurrent;
using DataPipeline.Application.Batches;
using DataPipeline.Application.Common;
using DataPipeline.Application.Observability;
using DataPipeline.Application.Processing;
using DataPipeline.Domain.Batches;
using DataPipeline.Domain.Common;
using DataPipeline.Domain.Processing;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace DataPipeline.Infrastructure.Workers;

/// <summary>
/// Claims chunks, has them run and commits what came of them, as many at once as the options say.
/// A crash at any point costs the work on the chunks in hand: their leases run out, and another worker claims them.
/// </summary>
internal sealed class BatchWorker(
    IBatchQueue queue, IChunkRunner runner, IBatchSignals signals, IDatabase database, ServiceMetrics metrics, IIdGenerator ids, IOptions<WorkerOptions> settings, TimeProvider clock, ILogger<BatchWorker> logger)
    : BackgroundService
{
    /// <summary>How long chunks in hand may take to finish at shutdown before they are given back: the host waits 30 s in all.</summary>
    private static readonly TimeSpan FinishTime = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan GiveBackTime = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan FirstRetryDelay = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LongestRetryDelay = TimeSpan.FromMinutes(1);

    /// <summary>How long a delivery may take before it counts as a slow one, which holds no slot: others' work goes on while a receiver thinks.</summary>
    private static readonly TimeSpan DeliveryPatience = TimeSpan.FromSeconds(1);

    /// <summary>How many slow deliveries are in hand at most; past that they hold their slots, since each keeps its records in memory.</summary>
    private const int MaxSlowDeliveries = 32;

    /// <summary>How many of these one pipeline may have. Its further chunks are given back unprocessed for a while.</summary>
    private const int MaxSlowDeliveriesPerPipeline = 4;
    private static readonly TimeSpan FirstSetAside = TimeSpan.FromSeconds(15);

    private readonly WorkerOptions _options = settings.Value;
    private readonly string _worker = ids.NewId().ToString("N");
    private readonly ConcurrentDictionary<long, InHand> _inHand = new();
    private readonly ConcurrentDictionary<long, Guid> _slow = new();
    private readonly SemaphoreSlim _slots = new(settings.Value.Concurrency);

    public override void Dispose()
    {
        _slots.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!_options.Enabled) return;
        WorkerLog.Started(logger, _worker, _options.Concurrency);

        // Chunks outlive the order to stop, and so do their leases.
        using var abandon = new CancellationTokenSource(Timeout.InfiniteTimeSpan, clock);
        using var finish = stoppingToken.Register(() => abandon.CancelAfter(FinishTime));
        using var idle = new CancellationTokenSource();
        var renewing = RenewLeasesAsync(idle.Token);
        try
        {
            await ClaimAsync(abandon.Token, stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Shutdown: what is in hand is finished below.
        }

        await Task.WhenAll(_inHand.Values.Select(chunk => chunk.Running));
        await idle.CancelAsync();
        await renewing;
        WorkerLog.Stopped(logger, _worker);
    }

    private async Task ClaimAsync(CancellationToken abandon, CancellationToken stopping)
    {
        var failures = 0;
        while (true)
        {
            var free = await TakeFreeSlotsAsync(stopping);
            IReadOnlyList<ChunkLease> chunks = [];
            var claimStart = clock.GetUtcNow();
            try
            {
                // Not given up at once when stopping: a claim that is cut off may have succeeded, and its chunks would wait for their lease to run out.
                chunks = await queue.ClaimAsync(_worker, free, _options.Lease, abandon);
                if (failures > 0) WorkerLog.DatabaseBack(logger);
                failures = 0;
            }
            catch (Exception failure) when (failure is not OperationCanceledException || !abandon.IsCancellationRequested)
            {
                var pause = Backoff.After(++failures, FirstPause, LongestPause);
                WorkerLog.DatabaseAway(logger, (int)pause.TotalMilliseconds, failure);
                _slots.Release(free);
                await Task.Delay(pause, clock, stopping);
                continue;
            }

            foreach (var chunk in chunks) Start(chunk, claimStart, abandon);
            if (chunks.Count == free) continue;
            _slots.Release(free - chunks.Count);
            await signals.WaitForWorkAsync(_options.Poll, stopping);
        }
    }

    private async Task<int> TakeFreeSlotsAsync(CancellationToken stopping)
    {
        await _slots.WaitAsync(stopping);
        var free = 1;
        while (_slots.Wait(0, CancellationToken.None)) free++;
        return free;
    }

    private void Start(ChunkLease chunk, DateTimeOffset claimStart, CancellationToken abandon)
    {
        var inHand = new InHand(chunk, claimStart, CancellationTokenSource.CreateLinkedTokenSource(abandon));
        _inHand[chunk.ChunkId] = inHand;
        inHand.Running = Task.Run(() => WorkAsync(inHand, abandon), CancellationToken.None);
    }

    private async Task WorkAsync(InHand inHand, CancellationToken abandon)
    {
        var chunk = inHand.Chunk;
        var start = clock.GetTimestamp();
        var outcome = ChunkOutcome.GivenBack;
        using var scope = WorkerLog.BeginChunk(logger, chunk);
        using var span = ServiceTraces.StartChunk(chunk, inHand.ClaimStart, clock.GetUtcNow());
        try
        {
            if (_slow.Values.Count(pipeline => pipeline == chunk.PipelineId) >= MaxSlowDeliveriesPerPipeline)
            {
                await HandBackAsync(chunk, ct => queue.GiveBackAsync(chunk, Backoff.After(1, FirstSetAside, FirstSetAside), ct));
                WorkerLog.SetAside(logger, chunk.ChunkId, chunk.BatchId);
                return;
            }

            var lease = inHand.Lease.Token;
            var result = await WaitingForDatabaseAsync(() => runner.RunAsync(chunk, () => inHand.Delivering = FreeSlotOfSlowAsync(inHand), lease), lease);
            outcome = Report(chunk, await WaitingForDatabaseAsync(() => queue.CommitAsync(chunk, result, lease), lease));
            result.Stored.Dispose();
        }
        catch (OperationCanceledException) when (abandon.IsCancellationRequested)
        {
            await HandBackAsync(chunk, ct => queue.GiveBackAsync(chunk, TimeSpan.Zero, ct));
            WorkerLog.GivenBack(logger, chunk.ChunkId, chunk.BatchId);
            signals.WorkArrived();
        }
        catch (OperationCanceledException) when (inHand.Lease.IsCancellationRequested)
        {
            outcome = await ReportLossAsync(chunk, abandon);
        }
        catch (Exception failure)
        {
            span.Fail(failure);
            outcome = await HandleFailureAsync(chunk, failure);
        }
        finally
        {
            metrics.ChunkEnded(outcome, clock.GetElapsedTime(start));
            await inHand.Ended.CancelAsync();
            await inHand.Delivering;
            if (!_slow.TryRemove(chunk.ChunkId, out _)) _slots.Release();
            _inHand.TryRemove(chunk.ChunkId, out _);
            inHand.Dispose();
        }
    }

    /// <summary>Runs beside a delivery, and ends with the chunk's work at the latest.</summary>
    private async Task FreeSlotOfSlowAsync(InHand inHand)
    {
        await Task.Delay(DeliveryPatience, clock, inHand.Ended.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (inHand.Ended.IsCancellationRequested || _slow.Count >= MaxSlowDeliveries) return;
        _slow[inHand.Chunk.ChunkId] = inHand.Chunk.PipelineId;
        _slots.Release();
    }

    /// <summary>A database that is away costs the chunk no attempt: what was done is kept in hand for as long as no other worker has taken the chunk.</summary>
    private async Task<T> WaitingForDatabaseAsync<T>(Func<Task<T>> step, CancellationToken ct)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await step();
            }
            catch (Exception failure) when (failure is not DeliveryException && database.IsOutOfReach(failure))
            {
                var pause = Backoff.After(attempt, FirstPause, LongestPause);
                WorkerLog.DatabaseAway(logger, (int)pause.TotalMilliseconds, failure);
                await Task.Delay(pause, clock, ct);
            }
        }
    }

    private ChunkOutcome Report(ChunkLease chunk, CommitOutcome outcome)
    {
        if (outcome == CommitOutcome.LeaseLost)
        {
            WorkerLog.LeaseLost(logger, chunk.ChunkId, chunk.BatchId);
            return ChunkOutcome.LeaseLost;
        }

        if (outcome == CommitOutcome.BatchOver)
        {
            WorkerLog.BatchOver(logger, chunk.ChunkId, chunk.BatchId);
            return ChunkOutcome.BatchOver;
        }

        WorkerLog.Committed(logger, chunk.ChunkId, chunk.BatchId, chunk.RecordCount, chunk.Attempt);
        if (outcome == CommitOutcome.BatchEnded) ReportEnd(chunk.BatchId);
        if (outcome == CommitOutcome.EndIsDue) signals.WorkArrived();
        return ChunkOutcome.Committed;
    }

    /// <summary>A chunk that is not ours any more: another worker's, unless there is nothing left to do for its batch.</summary>
    private async Task<ChunkOutcome> ReportLossAsync(ChunkLease chunk, CancellationToken abandon)
    {
        var isOver = false;
        try
        {
            isOver = await queue.IsOverAsync(chunk.BatchId, abandon);
        }
        catch (Exception)
        {
            // A database that is away; whoever has it back will have taken the chunk over.
        }

        return Report(chunk, isOver ? CommitOutcome.BatchOver : CommitOutcome.LeaseLost);
    }

    private void ReportEnd(Guid batchId)
    {
        WorkerLog.BatchEnded(logger, batchId);
        signals.BatchEnded(batchId);
    }

    private async Task<ChunkOutcome> HandleFailureAsync(ChunkLease chunk, Exception failure)
    {
        if (chunk.Attempt >= _options.MaxAttempts || failure is DeliveryException { IsPermanent: true })
        {
            if (failure is DeliveryException { IsPermanent: true }) WorkerLog.DestinationRefused(logger, chunk.ChunkId, chunk.BatchId, chunk.Attempt, failure);
            else WorkerLog.GaveUp(logger, chunk.ChunkId, chunk.BatchId, chunk.Attempt, failure);
            var reason = failure is DeliveryException refusal
                ? BatchErrors.DestinationFailed(refusal.Message)
                : BatchErrors.ProcessingFailed($"Records from index {chunk.FirstRecord} on could not be processed in {chunk.Attempt} attempts.");
            if (await HandBackAsync(chunk, ct => queue.FailBatchAsync(chunk, reason, ct))) ReportEnd(chunk.BatchId);
            return ChunkOutcome.GaveUp;
        }

        var delay = Backoff.After(chunk.Attempt, FirstRetryDelay, LongestRetryDelay);
        WorkerLog.Retrying(logger, chunk.ChunkId, chunk.BatchId, chunk.Attempt, (int)delay.TotalMilliseconds, failure);
        await HandBackAsync(chunk, ct => queue.RetryLaterAsync(chunk, delay, ct));
        return ChunkOutcome.Retried;
    }

    /// <summary>Where this fails, nothing is lost but time: the lease runs out, and the chunk is claimed again or its batch failed then.</summary>
    private async Task<bool> HandBackAsync(ChunkLease chunk, Func<CancellationToken, Task> handBack)
    {
        using var timeout = new CancellationTokenSource(GiveBackTime, clock);
        try
        {
            await handBack(timeout.Token);
            return true;
        }
        catch (Exception failure)
        {
            WorkerLog.NotHandedBack(logger, chunk.ChunkId, failure);
            return false;
        }
    }

    /// <summary>One statement for all chunks in hand. What is not renewed in time is dropped at once, since another may have it.</summary>
    private async Task RenewLeasesAsync(CancellationToken ct)
    {
        using var timer = new PeriodicTimer(_options.Lease / 3, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(ct))
            {
                var chunks = _inHand.Values.ToList();
                if (chunks.Count == 0) continue;
                try
                {
                    var held = await queue.RenewAsync(_worker, chunks.ConvertAll(c => c.Chunk), _options.Lease, ct);
                    foreach (var lost in chunks.Where(c => !held.Contains(c.Chunk.ChunkId))) lost.Drop();
                }
                catch (Exception failure) when (failure is not OperationCanceledException)
                {
                    // The commit is fenced, so going on with a lease that may have run out costs at most the work.
                    WorkerLog.UpkeepFailed(logger, "The renewal of leases", failure);
                }
            }
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            return; // Nothing is in hand any more.
        }
    }

    private sealed class InHand(ChunkLease chunk, DateTimeOffset claimStart, CancellationTokenSource lease) : IDisposable
    {
        internal ChunkLease Chunk => chunk;

        internal DateTimeOffset ClaimStart => claimStart;

        /// <summary>Cancelled when the chunk is no longer ours or has to be given back.</summary>
        internal CancellationTokenSource Lease => lease;

        /// <summary>Cancelled when nothing is left to do with the chunk.</summary>
        internal CancellationTokenSource Ended { get; } = new();

        internal Task Running { get; set; } = Task.CompletedTask;

        /// <summary>What watches the chunk's delivery.</summary>
        internal Task Delivering { get; set; } = Task.CompletedTask;

        public void Dispose()
        {
            lease.Dispose();
            Ended.Dispose();
        }

        internal void Drop()
        {
            try
            {
                lease.Cancel();
            }
            catch (ObjectDisposedException)
            {
                // It was committed while the renewal was under way.
            }
        }
    }
}
