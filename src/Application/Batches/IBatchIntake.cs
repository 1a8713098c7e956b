using DataPipeline.Domain.Batches;
using DataPipeline.Domain.Common;
using DataPipeline.Domain.Pipelines;

namespace DataPipeline.Application.Batches;

/// <summary>A cut of a submission, as it will lie in the queue.</summary>
/// <param name="FirstRecord">Index in the batch of its first record.</param>
/// <param name="Payload">The compressed frames, opaque to everything but the queue.</param>
public readonly record struct ChunkContent(int FirstRecord, int RecordCount, ReadOnlyMemory<byte> Payload);

/// <summary>The chunks of a submission that was read to its end, in order. Larger ones lie in a temporary file, so reading them is cheap in memory and may be repeated.</summary>
public interface IChunkSource : IAsyncDisposable
{
    int RecordCount { get; }

    /// <summary>What all payloads take up together.</summary>
    long Bytes { get; }

    /// <summary>Each content is valid until the next is asked for.</summary>
    IAsyncEnumerable<ChunkContent> ReadAsync(CancellationToken ct);
}

/// <summary>Takes the chunks of a submission while its body is being read, compresses them, and keeps little of them in memory. Used by one request; not thread-safe.</summary>
public interface IChunkSpool : IChunkSource
{
    /// <param name="firstRecord">Index in the batch of the chunk's first record.</param>
    /// <param name="frames">The chunk's records, see <see cref="Processing.ChunkCodec"/>; may be reused by the caller afterwards.</param>
    /// <exception cref="SpoolUnavailableException">There is no room for it.</exception>
    ValueTask AddAsync(int firstRecord, int recordCount, ReadOnlyMemory<byte> frames, CancellationToken ct);
}

/// <summary>Makes spools, no more at a time than <see cref="BatchOptions.MaxConcurrentSubmissions"/> and half of them for one owner: what they hold of memory and disk is bounded, and no owner can keep the others out. Thread-safe.</summary>
public interface IChunkSpoolFactory
{
    /// <summary>Waits, a few seconds at most, until there is room for one more; its disposal makes room again.</summary>
    /// <returns>The spool; <c>null</c> where there was no room in time.</returns>
    ValueTask<IChunkSpool?> CreateAsync(OwnerId owner, CancellationToken ct);
}

/// <summary>The temporary folder has no room, or cannot be written: a fault of the machine that may pass.</summary>
public sealed class SpoolUnavailableException : Exception
{
    public SpoolUnavailableException(Exception cause) : base("The temporary folder cannot be used.", cause) { }

    public SpoolUnavailableException() { }

    public SpoolUnavailableException(string message) : base(message) { }

    public SpoolUnavailableException(string message, Exception innerException) : base(message, innerException) { }
}

/// <summary>What an owner has that is not finished.</summary>
/// <param name="Batches">How many batches are pending or processing.</param>
/// <param name="Bytes">What their records take up in the queue, compressed; counted in full until a batch has ended.</param>
public readonly record struct OwnerBacklog(int Batches, long Bytes)
{
    /// <returns>Why nothing may be added to it; <c>null</c> where something may. The last that is added may pass the limit of bytes.</returns>
    internal Error? Check(BatchOptions limits)
    {
        if (Batches >= limits.MaxPendingPerOwner) return BatchErrors.TooManyPending(limits.MaxPendingPerOwner);
        return Bytes >= limits.MaxPendingBytesPerOwner ? BatchErrors.TooMuchPending(limits.MaxPendingBytesPerOwner) : null;
    }
}

/// <summary>The first answer to an idempotency key, if there was one.</summary>
/// <param name="BodyHash">SHA-256 of the body it came with, after decompression.</param>
public sealed record IdempotentSubmission(Guid BatchId, byte[] BodyHash);

/// <summary>A claim to an idempotency key while the request that made it is under way.</summary>
/// <param name="Token">Tells this request from another that took over an abandoned reservation.</param>
public sealed record IdempotencyReservation(Guid PipelineId, string Key, Guid Token);

/// <summary>Where a submission becomes durable. Thread-safe.</summary>
public interface IBatchIntake
{
    /// <summary>What the owner has that is not finished, at this moment.</summary>
    Task<OwnerBacklog> ReadBacklogAsync(OwnerId owner, CancellationToken ct);

    /// <summary>
    /// In one transaction: the batch with its chunks and the idempotency key's answer, under the pipeline as it is at that moment.
    /// When this returns successfully, no crash loses a record. Idle workers have been woken.
    /// </summary>
    /// <param name="decide">Given the locked pipeline and the owner's backlog, makes the batch or refuses it. Asked twice: first, before much is done, and last, when no other
    /// submission of the owner can come in between, so that a limit is never passed; what it makes then is not used.</param>
    /// <param name="reservation">The idempotency key to be answered with this batch, with the hash of the body; <c>null</c> where the caller gave none.</param>
    /// <returns>The batch; the refusal of <paramref name="decide"/>; or not-found where the pipeline is gone.</returns>
    Task<Result<Batch>> AcceptAsync(
        OwnerId owner, Guid pipelineId, IChunkSource chunks, (IdempotencyReservation Reservation, byte[] BodyHash)? reservation, Func<Pipeline, OwnerBacklog, Result<Batch>> decide, CancellationToken ct);

    /// <summary>Claims an idempotency key for <paramref name="lease"/>.</summary>
    /// <returns>A reservation; the earlier answer; or <c>null</c> and <c>null</c> while another request holds it.</returns>
    Task<(IdempotencyReservation? Reservation, IdempotentSubmission? Answered)> ReserveAsync(Guid pipelineId, string key, TimeSpan lease, CancellationToken ct);

    /// <summary>Prolongs a reservation while a long body is being read. Without effect on one that was lost.</summary>
    Task ExtendAsync(IdempotencyReservation reservation, TimeSpan lease, CancellationToken ct);

    /// <summary>Lets go of a key whose request was refused, so that it can be used again.</summary>
    Task ReleaseAsync(IdempotencyReservation reservation, CancellationToken ct);
}
