using DataPipeline.Domain.Processing;

namespace DataPipeline.Infrastructure.Processors;

/// <summary>What <c>copy</c> and <c>rename</c> have in common: a value goes from one place to another. A failure leaves the record as it was.</summary>
internal sealed class FieldMove(FieldPath source, FieldPath target, bool replace, bool removeSource, bool ignoreMissing)
{
    /// <summary>Whether the one may lie within the other, so that the source has to go first.</summary>
    private readonly bool _mayOverlap = removeSource && source.Segments[0] == target.Segments[0];

    internal ProcessorResult Run(Record record)
    {
        var value = record.Get(source);
        if (value.IsMissing) return ignoreMissing ? ProcessorResult.Continue : Failures.Missing(source);
        if (!_mayOverlap)
        {
            var written = Write(record, value);
            if (removeSource && written.Outcome == ProcessorOutcome.Continue) record.Remove(source);
            return written;
        }

        var before = record.Snapshot();
        record.Remove(source);
        var result = Write(record, value);
        if (result.Outcome != ProcessorOutcome.Continue) record.Restore(before);
        return result;
    }

    private ProcessorResult Write(Record record, RecordValue value)
    {
        if (!replace && record.Get(target) is { IsMissing: false } present) return Failures.TargetExists(target, present);
        return record.Write(target, value);
    }
}
