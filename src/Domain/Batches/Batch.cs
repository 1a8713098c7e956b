using DataPipeline.Domain.Common;
using DataPipeline.Domain.Pipelines;

namespace DataPipeline.Domain.Batches;

/// <summary>Why a batch failed.</summary>
/// <param name="Code">Stable, upper-case code.</param>
/// <param name="Message">One sentence for a person.</param>
public sealed record BatchError(string Code, string Message);

/// <summary>What became of some records. All counts are 0 or more.</summary>
public readonly record struct RecordTally(int Delivered, int Dropped, int Failed)
{
    public int Processed => Delivered + Dropped + Failed;
}

/// <summary>Records submitted together, run under one version of one pipeline, and the account of what became of them. Aggregate root.</summary>
public sealed class Batch
{
    private Batch(Guid id, Guid pipelineId, OwnerId ownerId, int pipelineVersion, int recordCount, Guid? retryOf, DateTimeOffset createdAt)
    {
        Id = id;
        PipelineId = pipelineId;
        OwnerId = ownerId;
        PipelineVersion = pipelineVersion;
        RecordCount = recordCount;
        RetryOf = retryOf;
        CreatedAt = createdAt;
    }

    public Guid Id { get; private set; }

    public Guid PipelineId { get; private set; }

    public OwnerId OwnerId { get; private set; }

    public int PipelineVersion { get; private set; }

    public BatchStatus Status { get; private set; }

    public int RecordCount { get; private set; }

    public int DeliveredCount { get; private set; }

    public int DroppedCount { get; private set; }

    public int FailedCount { get; private set; }

    public int ProcessedCount => DeliveredCount + DroppedCount + FailedCount;

    public DateTimeOffset CreatedAt { get; private set; }

    public DateTimeOffset? StartedAt { get; private set; }

    public DateTimeOffset? CompletedAt { get; private set; }

    /// <summary>The batch whose failed records this one is made of, where it is a retry.</summary>
    public Guid? RetryOf { get; private set; }

    /// <summary>Why it failed; <c>null</c> unless <see cref="Status"/> is <see cref="BatchStatus.Failed"/>.</summary>
    public BatchError? Error { get; private set; }

    public bool IsFinished => Status is BatchStatus.Completed or BatchStatus.Failed or BatchStatus.Cancelled;

    /// <summary>A batch of an active pipeline, under its present version.</summary>
    /// <param name="recordCount">1 or more.</param>
    public static Result<Batch> Submit(Guid id, Pipeline pipeline, int recordCount, Guid? retryOf, DateTimeOffset now)
    {
        if (pipeline.EnsureAcceptsBatches().Error is { } refusal) return refusal;
        if (recordCount < 1) return BatchErrors.Empty();
        return new Batch(id, pipeline.Id, pipeline.OwnerId, pipeline.Version, recordCount, retryOf, now);
    }

    /// <summary>A worker has begun. Repeating it changes nothing.</summary>
    public void Begin(DateTimeOffset now)
    {
        if (Status != BatchStatus.Pending) return;
        Status = BatchStatus.Processing;
        StartedAt = now;
    }

    /// <summary>Takes the account of a chunk, and ends the batch where that was the last chunk or passed a bound of <paramref name="policy"/>.</summary>
    /// <param name="completes">Whether a batch without anything left to process is completed; if not, it waits for <see cref="Complete"/>.</param>
    /// <exception cref="InvalidOperationException">The batch has ended, or would have more processed than submitted records: the caller's fence has failed.</exception>
    public void Advance(RecordTally tally, ErrorPolicy policy, DateTimeOffset now, bool completes = true)
    {
        if (IsFinished) throw new InvalidOperationException($"Batch {Id} is {Status}; it takes no more records.");
        if (ProcessedCount + tally.Processed > RecordCount) throw new InvalidOperationException($"Batch {Id} would have more processed than submitted records.");
        Begin(now);
        DeliveredCount += tally.Delivered;
        DroppedCount += tally.Dropped;
        FailedCount += tally.Failed;
        if (FailedCount == RecordCount) End(BatchStatus.Failed, BatchErrors.AllRecordsFailed(RecordCount), now);
        else if (policy.BoundPassedBy(FailedCount, RecordCount) is { } bound) End(BatchStatus.Failed, BatchErrors.ErrorThresholdExceeded(bound), now);
        else if (completes && ProcessedCount == RecordCount) End(BatchStatus.Completed, null, now);
    }

    /// <summary>Ends a batch of which every record is processed, and whose destination knows it.</summary>
    /// <exception cref="InvalidOperationException">The batch has ended, or has records that are not processed: the caller's fence has failed.</exception>
    public void Complete(DateTimeOffset now)
    {
        if (IsFinished || ProcessedCount != RecordCount) throw new InvalidOperationException($"Batch {Id} is {Status} with {ProcessedCount} of {RecordCount} records processed; it cannot be completed.");
        End(BatchStatus.Completed, null, now);
    }

    /// <summary>Ends the batch because it cannot go on. One that has ended stays as it is.</summary>
    public void Fail(BatchError error, DateTimeOffset now)
    {
        if (!IsFinished) End(BatchStatus.Failed, error, now);
    }

    /// <summary>Ends the batch; records not yet processed are not processed.</summary>
    public Result Cancel(DateTimeOffset now)
    {
        if (IsFinished) return BatchErrors.Finished(this);
        End(BatchStatus.Cancelled, null, now);
        return Result.Success;
    }

    /// <summary>The batch as it was when it was accepted, whatever has become of it since.</summary>
    public Batch AsSubmitted() => new(Id, PipelineId, OwnerId, PipelineVersion, RecordCount, RetryOf, CreatedAt);

    public Result EnsureRetryable()
    {
        if (!IsFinished) return BatchErrors.NotFinished(this);
        return FailedCount == 0 ? BatchErrors.NothingFailed(this) : Result.Success;
    }

    private void End(BatchStatus status, BatchError? error, DateTimeOffset now)
    {
        Status = status;
        Error = error;
        CompletedAt = now;
    }
}
