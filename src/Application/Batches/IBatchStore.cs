using DataPipeline.Application.Common;
using DataPipeline.Domain.Batches;

namespace DataPipeline.Application.Batches;

/// <summary>A record that reached the <c>store</c> destination.</summary>
/// <param name="Record">UTF-8 JSON.</param>
public readonly record struct StoredRecord(int RecordIndex, ReadOnlyMemory<byte> Record);

/// <summary>A captured failure as it is read back.</summary>
public sealed record StoredFailure(RecordFailure Failure, DateTimeOffset CreatedAt);

/// <summary>What batches leave behind, and their end by request. Thread-safe.</summary>
public interface IBatchStore
{
    /// <summary>The delivered records after <paramref name="afterRecord"/>, by index.</summary>
    /// <param name="afterRecord">-1 for the first ones.</param>
    Task<Slice<StoredRecord>> ReadRecordsAsync(Guid batchId, int afterRecord, SliceSize size, CancellationToken ct);

    /// <summary>The failures after <paramref name="afterRecord"/>, by index.</summary>
    /// <param name="afterRecord">-1 for the first ones.</param>
    Task<Slice<StoredFailure>> ReadFailuresAsync(Guid batchId, int afterRecord, SliceSize size, CancellationToken ct);

    /// <summary>Locks the batch, lets <paramref name="change"/> end it, removes the chunks of one that has ended, and tells those who wait for its end. Workers that hold one of them can commit nothing any more.</summary>
    /// <returns>The batch as it is afterwards, or <c>null</c> where it is gone.</returns>
    Task<Batch?> ChangeAsync(Guid batchId, Action<Batch> change, CancellationToken ct);
}
