namespace DataPipeline.Application.Pipelines;

/// <summary>What a pipeline has done since it was created, and how fast and well of late.</summary>
/// <param name="RecordsProcessed">All records processed so far, in batches of any status; the sum of the three that follow.</param>
/// <param name="PendingBatches">How many of its batches are pending now; likewise the other statuses.</param>
/// <param name="Latency">Of the batches that ended of late.</param>
/// <param name="RecordsPerSecond">Processing speed over the same batches: records by seconds from start to end; <c>null</c> where there are none.</param>
public sealed record PipelineMetrics(
    long RecordsProcessed, long RecordsDelivered, long RecordsDropped, long RecordsFailed,
    int PendingBatches, int ProcessingBatches, int CompletedBatches, int FailedBatches, int CancelledBatches,
    BatchLatency Latency, double? RecordsPerSecond, PipelineActivity Activity)
{
    /// <summary>Those of a pipeline that has no batch.</summary>
    public static readonly PipelineMetrics None = new(0, 0, 0, 0, 0, 0, 0, 0, 0, BatchLatency.None, null, PipelineActivity.None);
}

/// <summary>Submission to end of a batch, in milliseconds, by nearest rank; all <c>null</c> where no batch ended of late.</summary>
public sealed record BatchLatency(double? Average, double? P50, double? P95, double? P99, double? Max)
{
    public static readonly BatchLatency None = new(null, null, null, null, null);
}

/// <param name="LastRunAt">When a batch last started or ended; <c>null</c> where none has.</param>
/// <param name="ErrorRate">Failed by processed records of the batches that ended of late, 0 to 1; <c>null</c> where none was processed.</param>
public sealed record PipelineActivity(DateTimeOffset? LastRunAt, double? ErrorRate)
{
    public static readonly PipelineActivity None = new(null, null);
}

/// <param name="At">When the step began.</param>
/// <param name="Batches">How many batches ended in it.</param>
/// <param name="LatencyP50">Submission to end of those batches, in milliseconds, by nearest rank; <c>null</c> where there are none. Likewise <paramref name="LatencyP95"/>.</param>
public sealed record MetricPoint(DateTimeOffset At, long Delivered, long Dropped, long Failed, int Batches, double? LatencyP50, double? LatencyP95);

/// <param name="Index">The processor's place in the configuration.</param>
/// <param name="TotalMs">For how long it worked, see <see cref="Processing.ProcessorTally.TotalMs"/>.</param>
public sealed record ProcessorCounts(int Index, long Records, long Failed, long Dropped, double TotalMs);

/// <summary>
/// Reads what the commits of the workers have counted; exact, also right after a restart.
/// "Of late" is: the batches that ended in the last 24 hours, at most the last <see cref="MaxRecentBatches"/>. Thread-safe.
/// </summary>
public interface IPipelineMetrics
{
    /// <summary>How far back "of late" reaches.</summary>
    static readonly TimeSpan RecentWindow = TimeSpan.FromHours(24);

    /// <summary>How many batches "of late" covers at most.</summary>
    const int MaxRecentBatches = 1_000;

    /// <returns>The metrics; <see cref="PipelineMetrics.None"/> where the pipeline has no batch or does not exist.</returns>
    Task<PipelineMetrics> ReadAsync(Guid pipelineId, CancellationToken ct);

    /// <summary>What a list of pipelines shows, read with one query for all of them.</summary>
    /// <param name="pipelineIds">Up to 200.</param>
    /// <returns>An entry for each of <paramref name="pipelineIds"/>.</returns>
    Task<IReadOnlyDictionary<Guid, PipelineActivity>> ReadActivityAsync(IReadOnlyCollection<Guid> pipelineIds, CancellationToken ct);

    /// <summary>Consecutive steps, those without work too.</summary>
    /// <param name="from">Start of the first one: a whole minute.</param>
    /// <param name="step">Whole minutes.</param>
    Task<IReadOnlyList<MetricPoint>> ReadSeriesAsync(Guid pipelineId, DateTimeOffset from, TimeSpan step, int count, CancellationToken ct);

    /// <summary>What was counted for the processors of a version; those that met no record yet may be missing.</summary>
    Task<IReadOnlyList<ProcessorCounts>> ReadProcessorsAsync(Guid pipelineId, int version, CancellationToken ct);
}
