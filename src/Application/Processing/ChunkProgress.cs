using System.Buffers;
using DataPipeline.Application.Batches;
using DataPipeline.Domain.Batches;
using DataPipeline.Domain.Processing;

namespace DataPipeline.Application.Processing;

/// <summary>How far the work on a chunk has come. Used by one thread at a time.</summary>
/// <param name="maxOutput">How many bytes are gathered before the work stops: the record that passes it is the last.</param>
internal sealed class ChunkProgress(ChunkLease chunk, int maxOutput)
{
    private readonly int _maxOutput = Math.Max(maxOutput, chunk.Payload.Length);
    private readonly List<RecordFailure> _failures = [];
    private StepTally[] _tallies = [];
    private ReadOnlyMemory<byte> _frames = chunk.Payload;
    private int _begun = -1;
    private int _settled;
    private int _dropped;
    private long _failedBytes;

    internal DeliveredRecords Delivered { get; } = new(chunk.RecordCount, chunk.Payload.Length + (chunk.Payload.Length / 8));

    /// <summary>Whether there is a record to go on with, and room for what comes of it.</summary>
    internal bool GoesOn => _settled < chunk.RecordCount && Delivered.Length + _failedBytes < _maxOutput;

    /// <summary>Index in the batch of the record that is next.</summary>
    internal int RecordIndex => chunk.FirstRecord + _settled;

    /// <summary>The next record. Each call gives the same one until it is settled.</summary>
    /// <param name="behind">What comes after it.</param>
    internal ChunkFrame Next(out ReadOnlyMemory<byte> behind)
    {
        behind = _frames;
        return ChunkCodec.ReadNext(ref behind);
    }

    /// <summary>Where each step is counted.</summary>
    internal StepTally[] TalliesOf(CompiledStep[] steps)
    {
        if (_tallies.Length == 0) _tallies = Array.ConvertAll(steps, step => new StepTally(step));
        return _tallies;
    }

    /// <summary>To be called before the processors of a record where some of them come from plugins: where a call was given up, the record begins anew.</summary>
    internal void BeginCalls(CallWatch watch)
    {
        watch.BeginRecord();
        foreach (var tally in _tallies) tally.BeginRecord(isRepeated: _begun == RecordIndex);
        _begun = RecordIndex;
    }

    internal void Deliver(ReadOnlySpan<byte> json, ReadOnlyMemory<byte> behind)
    {
        Delivered.Buffer.Write(json);
        Delivered.Add(RecordIndex);
        Settle(behind);
    }

    internal void Deliver(Record record, ReadOnlyMemory<byte> behind)
    {
        record.WriteTo(Delivered.Buffer);
        Delivered.Add(RecordIndex);
        Settle(behind);
    }

    internal void Drop(ReadOnlyMemory<byte> behind)
    {
        _dropped++;
        Settle(behind);
    }

    internal void Fail(RecordFailure failure, ReadOnlyMemory<byte> behind)
    {
        _failures.Add(failure);
        _failedBytes += (failure.RecordAtFailure?.Length ?? 0) + failure.Message.Length + failure.Details.Sum(detail => detail.Field.Length + detail.Message.Length);
        Settle(behind);
    }

    internal ChunkResult ToResult(CompiledPipeline pipeline) => new(new RecordTally(Delivered.Count, _dropped, _failures.Count), Delivered, _failures, pipeline.Policy)
    {
        Processors = Array.ConvertAll(_tallies, tally => tally.Total()),
        Rest = _settled < chunk.RecordCount ? new ChunkRest(RecordIndex, chunk.RecordCount - _settled, _frames) : null,
    };

    private void Settle(ReadOnlyMemory<byte> behind)
    {
        _frames = behind;
        _settled++;
    }
}
