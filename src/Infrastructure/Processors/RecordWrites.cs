using DataPipeline.Domain.Processing;

namespace DataPipeline.Infrastructure.Processors;

internal static class RecordWrites
{
    /// <summary>Puts a value at the path, or says why it cannot stand there.</summary>
    internal static ProcessorResult Write(this Record record, FieldPath target, RecordValue value) =>
        record.TrySet(target, value) ? ProcessorResult.Continue : Failures.InvalidPath(target, record);
}
