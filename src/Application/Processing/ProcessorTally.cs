using System.Diagnostics;
using DataPipeline.Domain.Batches;
using DataPipeline.Domain.Processing;

namespace DataPipeline.Application.Processing;

/// <summary>What a processor of a pipeline version did.</summary>
/// <param name="Records">How many records it processed; those its condition passed over do not count.</param>
/// <param name="Failed">How often it failed, also where the failure was handled or ignored.</param>
/// <param name="Dropped">How many records ended with it on purpose.</param>
/// <param name="TotalMs">For how long it worked, in milliseconds, estimated from every <see cref="StepTally.RecordsPerSample"/>th record.</param>
public sealed record ProcessorTally(ProcessorRef Processor, long Records, long Failed, long Dropped, double TotalMs);

/// <summary>Counts what a step does to the records of one chunk. Belongs to one thread at a time.</summary>
internal sealed class StepTally(CompiledStep step)
{
    /// <summary>Reading the clock for every record would cost more than a simple processor does.</summary>
    internal const int RecordsPerSample = 16;

    private Counts _counts;
    private Counts _beforeRecord;

    /// <param name="isRepeated">Whether the record was begun before, and what was counted then is not to count.</param>
    internal void BeginRecord(bool isRepeated)
    {
        if (isRepeated) _counts = _beforeRecord;
        else _beforeRecord = _counts;
    }

    /// <returns>What <see cref="End"/> wants to know.</returns>
    internal long Begin() => _counts.Records++ % RecordsPerSample == 0 ? Stopwatch.GetTimestamp() : 0;

    internal void End(long begun, ProcessorOutcome outcome)
    {
        if (outcome == ProcessorOutcome.Fail) _counts.Failed++;
        else if (outcome == ProcessorOutcome.Drop) _counts.Dropped++;
        if (begun == 0) return;
        _counts.Samples++;
        _counts.SampledTicks += Stopwatch.GetTimestamp() - begun;
    }

    internal ProcessorTally Total() => new(
        step.Reference, _counts.Records, _counts.Failed, _counts.Dropped, _counts.Samples == 0 ? 0 : Stopwatch.GetElapsedTime(0, _counts.SampledTicks).TotalMilliseconds * _counts.Records / _counts.Samples);

    private struct Counts
    {
        internal long Records;
        internal long Failed;
        internal long Dropped;
        internal long Samples;
        internal long SampledTicks;
    }
}
