using DataPipeline.Domain.Batches;
using DataPipeline.Domain.Common;
using DataPipeline.Domain.Pipelines;

namespace DataPipeline.Application.Events;

/// <summary>What of a pipeline is told to those who watch it.</summary>
public sealed record PipelineState(Guid Id, string Name, PipelineStatus Status, int Version, DateTimeOffset UpdatedAt);

/// <summary>The present state of something that is watched.</summary>
/// <param name="Id">From where to go on when the stream breaks off after this event; <c>null</c> where only a later one says.</param>
public abstract record WatchEvent(string? Id);

/// <summary>A batch that is new, has come further or has ended.</summary>
public sealed record BatchEvent(string? Id, Batch Batch) : WatchEvent(Id)
{
    /// <summary>How far a batch is: it never goes down, and two states of a batch with the same position are the same.</summary>
    public static long PositionOf(Batch batch) => ((batch.IsFinished ? 2L : batch.Status == BatchStatus.Processing ? 1 : 0) << 32) + batch.ProcessedCount;
}

/// <summary>A pipeline that was started, stopped or redefined.</summary>
public sealed record PipelineEvent(string? Id, PipelineState Pipeline) : WatchEvent(Id);

/// <summary>What one stream is told. Holds a place among the streams until it is disposed. Read once, by one reader.</summary>
public interface IWatch : IDisposable
{
    /// <summary>
    /// What has changed, each time that something has: the newest state of each thing, however many there were since the last. An empty list says that nothing has for a while.
    /// Ends when the watched batch has ended or been removed, the pipeline was deleted, the key is no longer valid, the service stops, or the reader has fallen too far behind.
    /// </summary>
    IAsyncEnumerable<IReadOnlyList<WatchEvent>> ReadAsync(CancellationToken ct);
}

/// <summary>Looks for changes once a second for all who watch together. Thread-safe.</summary>
public interface IEventHub
{
    /// <summary>A batch until its end, from its present state on.</summary>
    /// <param name="keyId">The key that asks: the watch ends within seconds when it is not valid any more.</param>
    /// <param name="known">The position that the caller has seen, which is not told again; <c>null</c> for none.</param>
    /// <returns>The watch, or why there is no place for it.</returns>
    /// <remarks>Whether the owner has the batch is for the caller to know.</remarks>
    Task<Result<IWatch>> WatchBatchAsync(OwnerId owner, Guid keyId, Guid batchId, long? known, CancellationToken ct);

    /// <summary>A pipeline and its batches: its state, the batches that are not finished, and then whatever changes.</summary>
    /// <param name="keyId">The key that asks: the watch ends within seconds when it is not valid any more.</param>
    /// <param name="since">From when on the batches that have ended are told too; <c>null</c> for none of those that ended before the call.</param>
    /// <returns>The watch, or why there is no place for it.</returns>
    /// <remarks>Whether the owner has the pipeline is for the caller to know.</remarks>
    Task<Result<IWatch>> WatchPipelineAsync(OwnerId owner, Guid keyId, Guid pipelineId, DateTimeOffset? since, CancellationToken ct);
}
