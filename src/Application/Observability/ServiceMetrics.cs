using System.Diagnostics.Metrics;
using DataPipeline.Domain.Batches;

namespace DataPipeline.Application.Observability;

/// <summary>
/// Every instrument of the service, declared once. Names, units and attributes follow the semantic conventions of OpenTelemetry; an attribute has a fixed
/// set of values, so that the number of time series does not grow with pipelines, batches, owners or callers. Thread-safe.
/// </summary>
public sealed class ServiceMetrics
{
    public const string MeterName = "DataPipeline";

    /// <summary>In seconds: a batch of ten takes milliseconds, one that waits for a receiver or behind a backlog minutes and hours.</summary>
    private static readonly InstrumentAdvice<double> Durations = new() { HistogramBucketBoundaries = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1_800, 7_200] };

    private readonly Counter<long> _records;
    private readonly Counter<long> _batches;
    private readonly Histogram<double> _batchDuration;
    private readonly Histogram<double> _batchQueueTime;
    private readonly Histogram<double> _batchLatency;
    private readonly Histogram<double> _chunkDuration;
    private readonly Counter<long> _chunkRetries;
    private readonly Counter<long> _leasesLost;
    private readonly Counter<long> _leasesExpired;
    private readonly Counter<long> _pluginCallsGivenUp;
    private readonly Counter<long> _rateLimitDecisions;
    private readonly Counter<long> _redisFailures;
    private readonly UpDownCounter<long> _eventStreams;
    private volatile QueueState? _queue;
    private volatile Func<bool>? _redisIsAvailable;

    public ServiceMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(MeterName);
        _records = meter.CreateCounter<long>("data_pipeline.records", "{record}", "Records that were processed, counted with the commit of their chunk.");
        _batches = meter.CreateCounter<long>("data_pipeline.batches", "{batch}", "Batches that were accepted or have ended.");
        _batchDuration = meter.CreateHistogram("data_pipeline.batch.duration", "s", "From the start of a batch's work to its end.", null, Durations);
        _batchQueueTime = meter.CreateHistogram("data_pipeline.batch.queue_time", "s", "From a batch's acceptance to the start of its work, measured when it ends.", null, Durations);
        _batchLatency = meter.CreateHistogram("data_pipeline.batch.latency", "s", "From a batch's acceptance to its end.", null, Durations);
        _chunkDuration = meter.CreateHistogram("data_pipeline.chunk.duration", "s", "How long a worker had a chunk in hand.", null, Durations);
        _chunkRetries = meter.CreateCounter<long>("data_pipeline.chunk.retries", "{retry}", "Chunks that failed and are tried again.");
        _leasesLost = meter.CreateCounter<long>("data_pipeline.leases.lost", "{lease}", "Chunks that were taken over while this process had them in hand: its late writes were refused.");
        _leasesExpired = meter.CreateCounter<long>("data_pipeline.leases.expired", "{lease}", "Chunks whose lease ran out, as a killed process leaves them behind, and which this process made ready again.");
        _pluginCallsGivenUp = meter.CreateCounter<long>("data_pipeline.plugin_calls.given_up", "{call}", "Calls of plugins' processors that did not come back in time, and whose thread and instance were given up.");
        _rateLimitDecisions = meter.CreateCounter<long>("data_pipeline.rate_limit.decisions", "{decision}", "Decisions of the rate limiter.");
        _redisFailures = meter.CreateCounter<long>("data_pipeline.redis.failures", "{call}", "Calls that Redis did not answer in time or refused, so that this process went on by itself.");
        _eventStreams = meter.CreateUpDownCounter<long>("data_pipeline.event_streams", "{stream}", "Streams of events that are open.");
        meter.CreateObservableGauge("data_pipeline.queue.depth", ObserveDepth, "{chunk}", "Chunks that are not processed yet, of all processes on the database.");
        meter.CreateObservableGauge("data_pipeline.queue.oldest_age", () => Observe<double>(state => state.OldestReadyAge.TotalSeconds), "s", "For how long the chunk that waits longest has been ready; 0 where none is.");
        meter.CreateObservableGauge("data_pipeline.redis.available", ObserveRedis, "1", "1 while this process shares limits and caches in Redis, 0 while it has to do without; nothing where Redis is not configured.");
        meter.CreateObservableGauge("data_pipeline.workers.alive", () => Observe(state => state.WorkersAlive), "{worker}", "Processes that run batches and were heard of lately, of all on the database.");
    }

    /// <summary>What the queue was like when it was last looked at; <c>null</c> while that is not known, so that nothing is reported rather than something old.</summary>
    public QueueState? Queue { get => _queue; set => _queue = value; }

    /// <summary>Tells whether Redis is there, whenever it is asked; <c>null</c> where it is not configured.</summary>
    public Func<bool>? RedisIsAvailable { get => _redisIsAvailable; set => _redisIsAvailable = value; }

    /// <summary>Lets every counter begin at zero: one that appears with its first event looks as if nothing had happened, just when something did.</summary>
    public void BeginCounting()
    {
        foreach (var outcome in (string[])["delivered", "dropped", "failed"]) _records.Add(0, Outcome(outcome));
        foreach (var status in (string[])["accepted", "completed", "failed", "cancelled"]) _batches.Add(0, Status(status));
        foreach (var counter in (Counter<long>[])[_chunkRetries, _leasesLost, _leasesExpired, _pluginCallsGivenUp, _redisFailures]) counter.Add(0);
        _eventStreams.Add(0);
        foreach (var policy in Enum.GetValues<RateLimitPolicy>())
        {
            foreach (var isAllowed in (bool[])[true, false]) _rateLimitDecisions.Add(0, Policy(policy), Result(isAllowed));
        }
    }

    public void BatchAccepted() => _batches.Add(1, Status("accepted"));

    /// <param name="batch">One that has ended; an end is to be reported once.</param>
    public void BatchEnded(Batch batch)
    {
        var status = Status(batch.Status switch
        {
            BatchStatus.Completed => "completed",
            BatchStatus.Failed => "failed",
            BatchStatus.Cancelled => "cancelled",
            _ => throw new ArgumentException($"Batch {batch.Id} has not ended.", nameof(batch)),
        });
        var end = batch.CompletedAt!.Value;
        _batches.Add(1, status);
        _batchLatency.Record(SecondsBetween(batch.CreatedAt, end), status);
        if (batch.StartedAt is not { } start) return;
        _batchQueueTime.Record(SecondsBetween(batch.CreatedAt, start), status);
        _batchDuration.Record(SecondsBetween(start, end), status);
    }

    public void RecordsProcessed(RecordTally tally)
    {
        Add(tally.Delivered, "delivered");
        Add(tally.Dropped, "dropped");
        Add(tally.Failed, "failed");

        void Add(int count, string outcome)
        {
            if (count > 0) _records.Add(count, Outcome(outcome));
        }
    }

    /// <param name="inHand">From the claim to the outcome.</param>
    public void ChunkEnded(ChunkOutcome outcome, TimeSpan inHand)
    {
        _chunkDuration.Record(inHand.TotalSeconds, new KeyValuePair<string, object?>("data_pipeline.chunk.outcome", NameOf(outcome)));
        if (outcome == ChunkOutcome.Retried) _chunkRetries.Add(1);
        if (outcome == ChunkOutcome.LeaseLost) _leasesLost.Add(1);
    }

    public void LeasesExpired(int count) => _leasesExpired.Add(count);

    public void PluginCallGivenUp() => _pluginCallsGivenUp.Add(1);

    public void RateLimitDecided(RateLimitPolicy policy, bool isAllowed) => _rateLimitDecisions.Add(1, Policy(policy), Result(isAllowed));

    public void RedisFailed() => _redisFailures.Add(1);

    public void EventStreamOpened() => _eventStreams.Add(1);

    public void EventStreamClosed() => _eventStreams.Add(-1);

    private static KeyValuePair<string, object?> Outcome(string outcome) => new("data_pipeline.record.outcome", outcome);

    private static KeyValuePair<string, object?> Status(string status) => new("data_pipeline.batch.status", status);

    private static KeyValuePair<string, object?> Policy(RateLimitPolicy policy) => new("data_pipeline.rate_limit.policy", policy switch
    {
        RateLimitPolicy.Requests => "requests",
        RateLimitPolicy.Records => "records",
        RateLimitPolicy.FailedAuthentication => "failed_authentication",
        _ => throw new ArgumentOutOfRangeException(nameof(policy), policy, null),
    });

    private static KeyValuePair<string, object?> Result(bool isAllowed) => new("data_pipeline.rate_limit.result", isAllowed ? "allowed" : "refused");

    /// <summary>The times may come from the clocks of different processes.</summary>
    private static double SecondsBetween(DateTimeOffset from, DateTimeOffset to) => Math.Max(0, (to - from).TotalSeconds);

    private static string NameOf(ChunkOutcome outcome) => outcome switch
    {
        ChunkOutcome.Committed => "committed",
        ChunkOutcome.Retried => "retried",
        ChunkOutcome.GaveUp => "gave_up",
        ChunkOutcome.GivenBack => "given_back",
        ChunkOutcome.LeaseLost => "lease_lost",
        ChunkOutcome.BatchOver => "batch_over",
        _ => throw new ArgumentOutOfRangeException(nameof(outcome), outcome, null),
    };

    private IEnumerable<Measurement<T>> Observe<T>(Func<QueueState, T> read)
        where T : struct => _queue is { } state ? [new(read(state))] : [];

    private IEnumerable<Measurement<int>> ObserveRedis() => _redisIsAvailable is { } isAvailable ? [new(isAvailable() ? 1 : 0)] : [];

    private IEnumerable<Measurement<long>> ObserveDepth()
    {
        return _queue is { } state ? [In("ready", state.Ready), In("delayed", state.Delayed), In("paused", state.Paused), In("leased", state.Leased)] : [];

        static Measurement<long> In(string name, long count) => new(count, new KeyValuePair<string, object?>("data_pipeline.chunk.state", name));
    }
}

/// <summary>The queue of chunks at a moment, as all processes on the database see it.</summary>
/// <param name="Ready">Chunks that a worker could take now.</param>
/// <param name="Delayed">Chunks of active pipelines that are to wait: before another attempt.</param>
/// <param name="Paused">Chunks of pipelines that are paused.</param>
/// <param name="Leased">Chunks that a worker has in hand.</param>
/// <param name="OldestReadyAge">Since when the one of <paramref name="Ready"/> that waits longest could have been taken; zero where there is none.</param>
/// <param name="WorkersAlive">Processes that run batches and were heard of lately.</param>
public sealed record QueueState(long Ready, long Delayed, long Paused, long Leased, TimeSpan OldestReadyAge, long WorkersAlive);

/// <summary>How it ended that a worker had a chunk in hand.</summary>
public enum ChunkOutcome
{
    /// <summary>Its work stands.</summary>
    Committed,

    /// <summary>It failed and is tried again later.</summary>
    Retried,

    /// <summary>It failed for the last time, or its destination refused it for good: its batch failed.</summary>
    GaveUp,

    /// <summary>It was given back unfinished: the service stops.</summary>
    GivenBack,

    /// <summary>It was taken over, for its lease ran out.</summary>
    LeaseLost,

    /// <summary>Its batch was cancelled, failed or deleted meanwhile.</summary>
    BatchOver,
}

/// <summary>What a rate limit counts.</summary>
public enum RateLimitPolicy
{
    /// <summary>Requests of a key.</summary>
    Requests,

    /// <summary>Submissions of a key that has a limit of records.</summary>
    Records,

    /// <summary>Wrong keys from an address.</summary>
    FailedAuthentication,
}
