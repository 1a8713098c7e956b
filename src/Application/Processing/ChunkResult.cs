using System.Buffers;
using DataPipeline.Application.Common;
using DataPipeline.Domain.Batches;
using DataPipeline.Domain.Pipelines;

namespace DataPipeline.Application.Processing;

/// <summary>
/// Delivered records back to back in one buffer: what the <c>store</c> destination writes, without an object per record.
/// Filled by one thread, then read. The buffer is pooled: chunks of mebibytes would otherwise each leave one behind for the collector.
/// </summary>
/// <param name="capacity">How many records there may be, about.</param>
/// <param name="bytes">How long they may be together, about.</param>
public sealed class DeliveredRecords(int capacity = 0, int bytes = 0) : IDisposable
{
    private readonly PooledBuffer _buffer = new(Math.Max(bytes, 256));
    private readonly List<(int RecordIndex, int Offset, int Length)> _entries = new(capacity);

    /// <summary>Where the next record's UTF-8 JSON is written, before <see cref="Add"/> closes it.</summary>
    public IBufferWriter<byte> Buffer => _buffer;

    public int Count => _entries.Count;

    /// <summary>How long the records are together, in bytes.</summary>
    internal int Length => _buffer.Length;

    public (int RecordIndex, ReadOnlyMemory<byte> Record) this[int i]
    {
        get
        {
            var (index, offset, length) = _entries[i];
            return (index, _buffer.WrittenMemory.Slice(offset, length));
        }
    }

    /// <summary>Gives the buffer back. Nobody may hold on to a record from it. One that is not disposed of costs nothing but that.</summary>
    public void Dispose() => _buffer.Dispose();

    /// <summary>Everything written to <see cref="Buffer"/> since the last call is the record.</summary>
    public void Add(int recordIndex)
    {
        var start = _entries.Count == 0 ? 0 : _entries[^1].Offset + _entries[^1].Length;
        _entries.Add((recordIndex, start, _buffer.Length - start));
    }
}

/// <summary>The records of a chunk that were not processed, because what came of those before them is enough for one commit.</summary>
/// <param name="FirstRecord">Index in the batch of the first of them.</param>
/// <param name="RecordCount">1 or more.</param>
/// <param name="Frames">See <see cref="ChunkCodec"/>.</param>
public sealed record ChunkRest(int FirstRecord, int RecordCount, ReadOnlyMemory<byte> Frames);

/// <summary>What became of a chunk's records.</summary>
/// <param name="Tally">Its sum is the chunk's record count, without <see cref="Rest"/>.</param>
/// <param name="Stored">What the <c>store</c> destination keeps; empty for any other destination.</param>
/// <param name="Failures">By record index.</param>
/// <param name="Policy">What the batch bears, from the configuration the chunk was run with.</param>
public sealed record ChunkResult(RecordTally Tally, DeliveredRecords Stored, IReadOnlyList<RecordFailure> Failures, ErrorPolicy Policy)
{
    /// <summary>What each processor did, in the order of the configuration.</summary>
    public IReadOnlyList<ProcessorTally> Processors { get; init; } = [];

    /// <summary>What is left of the chunk; <c>null</c> where nothing is.</summary>
    public ChunkRest? Rest { get; init; }

    /// <summary>Whether the destination is told before the batch is completed.</summary>
    public bool EndsWithDestination { get; init; }
}
