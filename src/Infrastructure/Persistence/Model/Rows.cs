using DataPipeline.Domain.Common;
using DataPipeline.Domain.Pipelines;

namespace DataPipeline.Infrastructure.Persistence.Model;

/// <summary>A name and configuration a pipeline has or had. Never changed.</summary>
internal sealed class PipelineVersionRow
{
    public Guid PipelineId { get; init; }

    public int Version { get; init; }

    public required string Name { get; init; }

    public required PipelineConfig Config { get; init; }

    /// <summary><c>null</c> of versions that are older than this column.</summary>
    public DateTimeOffset? CreatedAt { get; init; }
}

/// <summary>What became of all records of a pipeline.</summary>
internal sealed class PipelineCountersRow
{
    public Guid PipelineId { get; init; }

    public long Delivered { get; init; }

    public long Dropped { get; init; }

    public long Failed { get; init; }
}

/// <summary>What a processor of a pipeline version did to the records it met.</summary>
internal sealed class ProcessorStatisticsRow
{
    public Guid PipelineId { get; init; }

    public int Version { get; init; }

    public int ProcessorIndex { get; init; }

    public long Records { get; init; }

    public long Failed { get; init; }

    public long Dropped { get; init; }

    public double TotalMs { get; init; }
}

/// <summary>What became of the records of a pipeline whose work was committed within one minute.</summary>
internal sealed class MetricBucketRow
{
    public Guid PipelineId { get; init; }

    /// <summary>The first moment of the minute.</summary>
    public DateTimeOffset StartedAt { get; init; }

    public long Delivered { get; init; }

    public long Dropped { get; init; }

    public long Failed { get; init; }
}

/// <summary>A cut of a batch that is not processed yet. Ready while <see cref="LeaseOwner"/> is <c>null</c> and <see cref="ReadyAt"/> has passed.</summary>
internal sealed class BatchChunkRow
{
    public long Id { get; init; }

    public Guid BatchId { get; init; }

    public Guid PipelineId { get; init; }

    public OwnerId OwnerId { get; init; }

    public int Ordinal { get; init; }

    /// <summary>0 as submitted; one more for each time that a commit left a rest, which this is.</summary>
    public int Part { get; init; }

    public int FirstRecord { get; init; }

    public int RecordCount { get; init; }

    /// <summary>How often it was claimed.</summary>
    public int Attempt { get; init; }

    public string? LeaseOwner { get; init; }

    public DateTimeOffset? LeaseUntil { get; init; }

    public DateTimeOffset ReadyAt { get; init; }

    /// <summary>The turn at which the chunk is served: each owner has one chunk a turn.</summary>
    public long Round { get; init; }

    public required byte[] Payload { get; init; }
}

/// <summary>A process that runs batches. It counts as alive until <see cref="AliveUntil"/>, which it prolongs while it is.</summary>
internal sealed class WorkerRow
{
    public required string Id { get; init; }

    public DateTimeOffset AliveUntil { get; init; }
}

/// <summary>What is kept of one record of a batch.</summary>
internal interface IRowOfRecord
{
    Guid BatchId { get; }

    int RecordIndex { get; }
}

internal sealed class BatchErrorRow : IRowOfRecord
{
    public long Id { get; init; }

    public Guid BatchId { get; init; }

    public int RecordIndex { get; init; }

    public int? ProcessorIndex { get; init; }

    public string? ProcessorType { get; init; }

    public string? ProcessorTag { get; init; }

    public required string Code { get; init; }

    public required string ErrorMessage { get; init; }

    /// <summary>Bytes, since what was submitted may be no valid text.</summary>
    public required byte[] Record { get; init; }

    public bool RecordIsJson { get; init; }

    public byte[]? RecordAtFailure { get; init; }

    /// <summary>See <see cref="FailureDetails"/>.</summary>
    public string? Details { get; init; }

    public DateTimeOffset CreatedAt { get; init; }
}

/// <summary>Without a foreign key: the check of each of millions of rows would cost more than the rest of the write, and the chunk that is committed with them vouches for the batch.</summary>
internal sealed class DeliveredRecordRow : IRowOfRecord
{
    public Guid BatchId { get; init; }

    public int RecordIndex { get; init; }

    public required string Record { get; init; }
}

/// <summary>An idempotency key: reserved by <see cref="Token"/>, then answered with <see cref="BatchId"/>. Either holds until <see cref="ExpiresAt"/>.</summary>
internal sealed class IdempotencyKeyRow
{
    public Guid PipelineId { get; init; }

    public required string Key { get; init; }

    public Guid Token { get; init; }

    public Guid? BatchId { get; init; }

    public byte[]? BodyHash { get; init; }

    public DateTimeOffset ExpiresAt { get; init; }
}

/// <summary>The one row that says which process removes what is old, and how far that has come.</summary>
internal sealed class RetentionRow
{
    /// <summary>The only value of <see cref="Id"/>.</summary>
    internal const int TheOne = 1;

    public int Id { get; init; }

    public required string Holder { get; init; }

    /// <summary>Until then the turn is the holder's; after that it is anybody's.</summary>
    public DateTimeOffset DueAt { get; init; }

    /// <summary>The delivered records of batches that ended before this are removed.</summary>
    public DateTimeOffset? RecordsUntil { get; init; }

    /// <summary>The failed records of batches that ended before this are removed.</summary>
    public DateTimeOffset? ErrorsUntil { get; init; }
}
