namespace DataPipeline.Domain.Batches;

/// <summary>Where a batch is in its life: <c>pending → processing → completed | failed | cancelled</c>; <c>pending → failed | cancelled</c> too.</summary>
public enum BatchStatus
{
    /// <summary>Accepted; no worker has begun.</summary>
    Pending,

    /// <summary>A worker has begun.</summary>
    Processing,

    /// <summary>Every record was delivered, dropped on purpose or captured as failed, and not all of them failed.</summary>
    Completed,

    /// <summary>Ended early or with nothing but failures; <see cref="Batch.Error"/> says why.</summary>
    Failed,

    /// <summary>Ended by its owner.</summary>
    Cancelled,
}
