namespace DataPipeline.Application.Batches;

/// <summary>Tells, within this process and where the database can do it across processes, that something happened that somebody may be waiting for. A signal may be lost: whoever waits polls as well. Thread-safe.</summary>
public interface IBatchSignals
{
    /// <summary>Chunks are ready: work was submitted, given back, or its pipeline started.</summary>
    void WorkArrived();

    /// <summary>Completes when work has arrived since the last call returned, or after <paramref name="atMost"/>.</summary>
    Task WaitForWorkAsync(TimeSpan atMost, CancellationToken ct);

    /// <summary>The batch has ended.</summary>
    void BatchEnded(Guid batchId);

    /// <summary>Completes when the batch is said to have ended, or after <paramref name="atMost"/>.</summary>
    Task WaitForEndAsync(Guid batchId, TimeSpan atMost, CancellationToken ct);
}
