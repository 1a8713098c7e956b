using DataPipeline.Domain.Processing;

namespace DataPipeline.Infrastructure.Processors;

/// <summary>What <c>copy</c> and <c>rename</c> have in common.</summary>
internal static class FieldMove
{
    /// <param name="removeSource">Whether the source goes, and goes first, so that the target may lie where it was.</param>
    internal static ProcessorResult Run(Record record, FieldPath source, FieldPath target, bool replace, bool removeSource, bool ignoreMissing)
    {
        var value = record.Get(source);
        if (value.IsMissing) return ignoreMissing ? ProcessorResult.Continue : Failures.Missing(source);
        if (removeSource) record.Remove(source);
        if (!replace && record.Get(target) is { IsMissing: false } present) return Failures.TargetExists(target, present);
        return record.TrySet(target, value) ? ProcessorResult.Continue : Failures.InvalidPath(target);
    }
}
