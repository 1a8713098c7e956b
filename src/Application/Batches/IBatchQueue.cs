using DataPipeline.Application.Processing;
using DataPipeline.Domain.Batches;
using DataPipeline.Domain.Common;

namespace DataPipeline.Application.Batches;

/// <summary>
/// A chunk of a batch in a worker's hand. (<see cref="ChunkId"/>, <see cref="Attempt"/>, <see cref="Worker"/>) is the fence:
/// a write that carries one that is no longer current changes nothing.
/// </summary>
/// <param name="Worker">Who holds it: an id that is new at every start of a process.</param>
/// <param name="Attempt">1 for the first claim of the chunk, one more for each further one.</param>
/// <param name="FirstRecord">Index in the batch of the chunk's first record.</param>
/// <param name="PipelineName">The pipeline's name at that version.</param>
/// <param name="Payload">The frames of the records, decompressed, see <see cref="ChunkCodec"/>.</param>
public sealed record ChunkLease(
    long ChunkId, string Worker, int Attempt, Guid BatchId, Guid PipelineId, int PipelineVersion, string PipelineName, int FirstRecord, int RecordCount, ReadOnlyMemory<byte> Payload)
{
    /// <summary>What <see cref="Ordinal"/> is for the chunk without records that stands for the end of a batch.</summary>
    public const int EndOrdinal = -1;

    /// <summary>Whose batch it is.</summary>
    public OwnerId Owner { get; init; }

    /// <summary>Place among the batch's chunks, from 0; or <see cref="EndOrdinal"/>.</summary>
    public int Ordinal { get; init; }

    /// <summary>0 for a chunk as it was submitted; one more for each time a commit left a rest of it, which this is.</summary>
    public int Part { get; init; }

    /// <summary>The W3C trace context (<c>traceparent</c>) of the request that submitted the batch; <c>null</c> where nobody traced it.</summary>
    public string? TraceParent { get; init; }

    /// <summary>What became of the batch's records, where the chunk stands for the end of its batch; else <c>null</c>.</summary>
    public RecordTally? End { get; init; }
}

/// <summary>Whose chunks a claim passes over.</summary>
public sealed record ClaimExceptions(IReadOnlyCollection<Guid> Pipelines, IReadOnlyCollection<OwnerId> Owners)
{
    public static readonly ClaimExceptions None = new([], []);
}

/// <summary>What came of a commit.</summary>
public enum CommitOutcome
{
    /// <summary>The chunk's work stands; the batch goes on.</summary>
    Committed,

    /// <summary>The chunk's work stands, and the batch has ended with it.</summary>
    BatchEnded,

    /// <summary>The chunk's work stands, and another is ready now: the rest of it, or one for the end of the batch.</summary>
    LeftWork,

    /// <summary>Another worker has the chunk, or has committed it: nothing of this one's work stands.</summary>
    LeaseLost,

    /// <summary>The batch was cancelled, failed or deleted meanwhile: nothing of the chunk's work stands.</summary>
    BatchOver,
}

/// <summary>
/// The committed chunk rows as a queue of work. Leases are measured on the database's clock. Thread-safe.
/// Every method throws what the database client throws when the database is out of reach.
/// </summary>
public interface IBatchQueue
{
    /// <summary>Takes up to <paramref name="max"/> ready chunks of active pipelines, fairly between owners, and marks their batches as begun.</summary>
    /// <param name="lease">How long the chunks are the worker's, unless renewed.</param>
    /// <param name="except">Whose chunks are left to others.</param>
    Task<IReadOnlyList<ChunkLease>> ClaimAsync(string worker, int max, TimeSpan lease, ClaimExceptions except, CancellationToken ct);

    /// <summary>Prolongs the leases of <paramref name="chunks"/> that are still the worker's.</summary>
    /// <returns>The ids of those that are.</returns>
    Task<IReadOnlySet<long>> RenewAsync(string worker, IReadOnlyCollection<ChunkLease> chunks, TimeSpan lease, CancellationToken ct);

    /// <summary>In one transaction: the delivered records of <c>store</c>, the failures, the chunk's end, the batch's and the pipeline's counts, and the batch's end where this was its last chunk;
    /// where the destination wants to know of that end first (<see cref="ChunkResult.EndsWithDestination"/>), a chunk that stands for it instead.
    /// What was not processed (<see cref="ChunkResult.Rest"/>) becomes a chunk of its own, whose turn comes after the owner's others.</summary>
    Task<CommitOutcome> CommitAsync(ChunkLease chunk, ChunkResult result, CancellationToken ct);

    /// <summary>Whether the batch has ended or is gone, so that there is nothing left to do for it.</summary>
    Task<bool> IsOverAsync(Guid batchId, CancellationToken ct);

    /// <summary>Makes the chunk ready again after <paramref name="delay"/>, as if this attempt had not been: for work that is given back unfinished.</summary>
    Task GiveBackAsync(ChunkLease chunk, TimeSpan delay, CancellationToken ct);

    /// <summary>Makes the chunk ready again after <paramref name="delay"/>; the attempt counts.</summary>
    Task RetryLaterAsync(ChunkLease chunk, TimeSpan delay, CancellationToken ct);

    /// <summary>Ends the batch of the chunk as failed; its other chunks go with it.</summary>
    Task FailBatchAsync(ChunkLease chunk, BatchError reason, CancellationToken ct);

    /// <summary>Makes chunks whose lease ran out ready again; a chunk that ran out at its last attempt fails its batch instead.</summary>
    /// <param name="maxAttempts">How often a chunk may be claimed.</param>
    /// <returns>How many chunks were put back, and which batches ended.</returns>
    Task<ReclaimedChunks> ReclaimExpiredAsync(int maxAttempts, CancellationToken ct);

    /// <summary>Lines up what pipelines have waiting that are active, but were started by a process of a version that did not know to do it.</summary>
    /// <returns>How many such pipelines there were.</returns>
    Task<int> ReleaseForgottenAsync(CancellationToken ct);
}

/// <param name="Ready">How many chunks are ready again.</param>
/// <param name="EndedBatches">The batches that failed because a chunk of theirs had no attempt left.</param>
public sealed record ReclaimedChunks(int Ready, IReadOnlyList<Guid> EndedBatches);
