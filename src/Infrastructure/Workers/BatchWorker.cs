using System.Collections.Concurrent;
using DataPipeline.Application.Batches;
using DataPipeline.Application.Common;
using DataPipeline.Application.Observability;
using DataPipeline.Application.Pipelines;
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

    /// <summary>How long a chunk may be run, or delivered, before it counts as slow and gives its slot to the next: others' work goes on while a processor spins or a receiver thinks.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private readonly WorkerOptions _options = settings.Value;
    private readonly string _worker = ids.NewId().ToString("N");
    private readonly ConcurrentDictionary<long, InHand> _inHand = new();

    /// <summary>For chunks that are not slow.</summary>
    private readonly SemaphoreSlim _slots = new(settings.Value.Concurrency);

    /// <summary>For all chunks in hand, since each keeps its records in memory.</summary>
    private readonly SemaphoreSlim _places = new(settings.Value.MaxInHand);

    public override void Dispose()
    {
        _slots.Dispose();
        _places.Dispose();
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
            var free = await TakeFreePlacesAsync(stopping);
            IReadOnlyList<ChunkLease> chunks = [];
            var claimStart = clock.GetUtcNow();
            try
            {
                // Not given up at once when stopping: a claim that is cut off may have succeeded, and its chunks would wait for their lease to run out.
                chunks = await queue.ClaimAsync(_worker, free, _options.Lease, ThoseWithEnoughInHand(), abandon);
                if (failures > 0) WorkerLog.DatabaseBack(logger);
                failures = 0;
            }
            catch (Exception failure) when (failure is not OperationCanceledException || !abandon.IsCancellationRequested)
            {
                var pause = Backoff.After(++failures, FirstPause, LongestPause);
                WorkerLog.DatabaseAway(logger, (int)pause.TotalMilliseconds, failure);
                GiveBackPlaces(free);
                await Task.Delay(pause, clock, stopping);
                continue;
            }

            foreach (var chunk in chunks) Start(chunk, claimStart, abandon);
            if (chunks.Count == free) continue;
            GiveBackPlaces(free - chunks.Count);
            await signals.WaitForWorkAsync(_options.Poll, stopping);
        }
    }

    /// <summary>Waits for a free slot among free places, and takes the others that there are, too.</summary>
    private async Task<int> TakeFreePlacesAsync(CancellationToken stopping)
    {
        await _places.WaitAsync(stopping);
        await _slots.WaitAsync(stopping);
        for (var free = 1; ; free++)
        {
            if (!_places.Wait(0, CancellationToken.None)) return free;
            if (_slots.Wait(0, CancellationToken.None)) continue;
            _places.Release();
            return free;
        }
    }

    private void GiveBackPlaces(int count)
    {
        _slots.Release(count);
        _places.Release(count);
    }

    /// <summary>Whose chunks are left where they are for now: what a pipeline or an owner may have in hand at once, it has. Where all of it is slow, there is room for others all the same.</summary>
    private ClaimExceptions ThoseWithEnoughInHand()
    {
        if (_inHand.Count < _options.MaxInHandOfPipeline) return ClaimExceptions.None;
        var chunks = _inHand.Values.Select(inHand => inHand.Chunk).ToList();
        return new ClaimExceptions(
            [.. chunks.GroupBy(chunk => chunk.PipelineId).Where(group => group.Count() >= _options.MaxInHandOfPipeline).Select(group => group.Key)],
            [.. chunks.GroupBy(chunk => chunk.Owner).Where(group => group.Count() >= _options.MaxInHandOfOwner).Select(group => group.Key)]);
    }

    private void Start(ChunkLease chunk, DateTimeOffset claimStart, CancellationToken abandon)
    {
        var inHand = new InHand(chunk, claimStart, CancellationTokenSource.CreateLinkedTokenSource(abandon));

        // A process that stands still for longer than its lease may be the one that takes its chunk over.
        _inHand.TryGetValue(chunk.ChunkId, out var lost);
        _inHand[chunk.ChunkId] = inHand;
        var running = Task.Run(() => WorkAsync(inHand, abandon), CancellationToken.None);
        inHand.Running = lost is null ? running : Task.WhenAll(lost.Running, running);
        lost?.Drop();
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
            var lease = inHand.Lease.Token;
            var result = await RunAsync(inHand, lease);
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
            _inHand.TryRemove(KeyValuePair.Create(chunk.ChunkId, inHand));
            if (!inHand.IsSlow) _slots.Release();
            _places.Release();
            inHand.Dispose();
        }
    }

    private async Task<ChunkResult> RunAsync(InHand inHand, CancellationToken lease)
    {
        using var ended = new CancellationTokenSource();
        var watching = FreeSlotOfSlowAsync(inHand, ended.Token);
        try
        {
            return await WaitingForDatabaseAsync(() => runner.RunAsync(inHand.Chunk, lease), lease);
        }
        finally
        {
            await ended.CancelAsync();
            await watching;
        }
    }

    private async Task FreeSlotOfSlowAsync(InHand inHand, CancellationToken ended)
    {
        await Task.Delay(Patience, clock, ended).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (ended.IsCancellationRequested) return;
        inHand.IsSlow = true;
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
        if (outcome == CommitOutcome.LeftWork) signals.WorkArrived();
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
            var attempts = $"Records from index {chunk.FirstRecord} on could not be processed in {chunk.Attempt} attempts";
            var reason = failure switch
            {
                DeliveryException refusal => BatchErrors.DestinationFailed(refusal.Message),
                UnreadableConfigurationException => BatchErrors.ProcessingFailed($"{attempts}: the pipeline's configuration cannot be decrypted; the service's operator can help."),
                _ => BatchErrors.ProcessingFailed($"{attempts}."),
            };
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

        internal Task Running { get; set; } = Task.CompletedTask;

        /// <summary>Whether it has given its slot away.</summary>
        internal bool IsSlow { get; set; }

        public void Dispose() => lease.Dispose();

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
