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

    /// <summary>Each content is valid until the next is asked for.</summary>
    IAsyncEnumerable<ChunkContent> ReadAsync(CancellationToken ct);
}

/// <summary>Takes the chunks of a submission while its body is being read, compresses them, and keeps little of them in memory. Used by one request; not thread-safe.</summary>
public interface IChunkSpool : IChunkSource
{
    /// <param name="firstRecord">Index in the batch of the chunk's first record.</param>
    /// <param name="frames">The chunk's records, see <see cref="Processing.ChunkCodec"/>; may be reused by the caller afterwards.</param>
    ValueTask AddAsync(int firstRecord, int recordCount, ReadOnlyMemory<byte> frames, CancellationToken ct);
}

/// <summary>Makes spools. Thread-safe.</summary>
public interface IChunkSpoolFactory
{
    IChunkSpool Create();
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
    /// <summary>How many batches of the owner are pending or processing.</summary>
    Task<int> CountUnfinishedAsync(OwnerId owner, CancellationToken ct);

    /// <summary>
    /// In one transaction: the batch with its chunks and the idempotency key's answer, under the pipeline as it is at that moment.
    /// When this returns successfully, no crash loses a record. Idle workers have been woken.
    /// </summary>
    /// <param name="decide">Given the locked pipeline and the owner's number of unfinished batches, makes the batch or refuses it.</param>
    /// <param name="reservation">The idempotency key to be answered with this batch, with the hash of the body; <c>null</c> where the caller gave none.</param>
    /// <returns>The batch; the refusal of <paramref name="decide"/>; or not-found where the pipeline is gone.</returns>
    Task<Result<Batch>> AcceptAsync(
        OwnerId owner, Guid pipelineId, IChunkSource chunks, (IdempotencyReservation Reservation, byte[] BodyHash)? reservation, Func<Pipeline, int, Result<Batch>> decide, CancellationToken ct);

    /// <summary>Claims an idempotency key for <paramref name="lease"/>.</summary>
    /// <returns>A reservation; the earlier answer; or <c>null</c> and <c>null</c> while another request holds it.</returns>
    Task<(IdempotencyReservation? Reservation, IdempotentSubmission? Answered)> ReserveAsync(Guid pipelineId, string key, TimeSpan lease, CancellationToken ct);

    /// <summary>Prolongs a reservation while a long body is being read. Without effect on one that was lost.</summary>
    Task ExtendAsync(IdempotencyReservation reservation, TimeSpan lease, CancellationToken ct);

    /// <summary>Lets go of a key whose request was refused, so that it can be used again.</summary>
    Task ReleaseAsync(IdempotencyReservation reservation, CancellationToken ct);
}
