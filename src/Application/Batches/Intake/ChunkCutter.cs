using DataPipeline.Application.Common;
using DataPipeline.Application.Processing;
using DataPipeline.Domain.Batches;
using DataPipeline.Domain.Common;

namespace DataPipeline.Application.Batches.Intake;

/// <summary>Collects the records of a submission into the chunk at hand and says when it is full. The first chunks are an eighth, a quarter and a half as large as the others. Not thread-safe.</summary>
internal sealed class ChunkCutter(BatchOptions limits, ChunkOptions sizes) : IDisposable
{
    private const int FirstChunkRecords = 1_000;
    private const int FirstChunkShare = 8;
    private const int FrameOverhead = 256;

    private readonly PooledBuffer _frames = new(16 << 10);
    private int _maxRecords = Math.Min(FirstChunkRecords, sizes.ChunkRecords);
    private int _maxBytes = sizes.ChunkBytes / FirstChunkShare;

    /// <summary>Records of the chunk at hand.</summary>
    internal int Count { get; private set; }

    /// <summary>Index in the batch of the chunk's first record.</summary>
    internal int FirstRecord { get; private set; }

    /// <summary>Records of the submission so far.</summary>
    internal int Total => FirstRecord + Count;

    /// <summary>Whether a record was turned away because the chunk at hand has no room for it.</summary>
    internal bool IsFull { get; private set; }

    /// <summary>Set when the submission has more records than a batch may have.</summary>
    internal Error? Error { get; private set; }

    internal ReadOnlyMemory<byte> Frames => _frames.WrittenMemory;

    /// <returns>False where it was not taken: see <see cref="IsFull"/> and <see cref="Error"/>.</returns>
    internal bool TryAdd(ReadOnlySpan<byte> record)
    {
        if (!HasRoomFor(record.Length)) return false;
        ChunkCodec.WriteRecord(_frames, record);
        Count++;
        return true;
    }

    /// <inheritdoc cref="TryAdd"/>
    internal bool TryReject(Refusal refusal, ReadOnlySpan<byte> submitted)
    {
        if (!HasRoomFor(submitted.Length)) return false;
        ChunkCodec.WriteRejected(_frames, refusal.Reason, submitted, refusal.IsJson);
        Count++;
        return true;
    }

    internal void StartNext()
    {
        FirstRecord = Total;
        Count = 0;
        IsFull = false;
        _frames.Clear();
        _maxRecords = (int)Math.Min(_maxRecords * 2L, sizes.ChunkRecords);
        if (_maxRecords > FirstChunkRecords * FirstChunkShare) _maxRecords = sizes.ChunkRecords;
        _maxBytes = (int)Math.Min(_maxBytes * 2L, sizes.ChunkBytes);
    }

    public void Dispose() => _frames.Dispose();

    private bool HasRoomFor(int length)
    {
        if (Total == limits.MaxRecords) Error = BatchErrors.TooManyRecords(limits.MaxRecords);
        else IsFull = Count == _maxRecords || (Count > 0 && _frames.Length + length + FrameOverhead > _maxBytes);
        return Error is null && !IsFull;
    }
}
