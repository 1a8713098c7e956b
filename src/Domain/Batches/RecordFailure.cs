using DataPipeline.Domain.Processing;

namespace DataPipeline.Domain.Batches;

/// <summary>The processor at which a record failed.</summary>
/// <param name="Index">Its place in the configuration, from 0.</param>
/// <param name="Type">Its type, for example <c>convert</c>.</param>
/// <param name="Tag">The name its owner gave it, or <c>null</c>.</param>
public sealed record ProcessorRef(int Index, string Type, string? Tag);

/// <summary>A record that could not be processed, with the reason and the record as it was submitted. Immutable.</summary>
/// <param name="RecordIndex">The record's place in its batch, from 0.</param>
/// <param name="Processor">Where it failed; <c>null</c> where it failed before the first processor.</param>
/// <param name="Code">Stable, upper-case code.</param>
/// <param name="Message">One sentence for a person; names the field and shows the offending value.</param>
/// <param name="Record">The record as submitted, UTF-8 JSON; where it is no JSON, its raw bytes.</param>
/// <param name="RecordIsJson">Whether <paramref name="Record"/> is JSON.</param>
public sealed record RecordFailure(int RecordIndex, ProcessorRef? Processor, string Code, string Message, ReadOnlyMemory<byte> Record, bool RecordIsJson)
{
    /// <summary>The record as the failing processor met it, UTF-8 JSON; <c>null</c> where it failed before the first processor.</summary>
    public ReadOnlyMemory<byte>? RecordAtFailure { get; init; }

    /// <summary>What is wrong with the record, one by one; empty where the message says it all.</summary>
    public IReadOnlyList<FailureDetail> Details { get; init; } = [];
}
