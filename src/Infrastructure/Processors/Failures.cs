using DataPipeline.Domain.Processing;

namespace DataPipeline.Infrastructure.Processors;

/// <summary>What the built-in processors fail with. Every message names the field and shows the value.</summary>
internal static class Failures
{
    private const int ShownLength = 200;

    internal static ProcessorResult Missing(FieldPath field) => ProcessorResult.Fail("FIELD_MISSING", $"{field} is missing.");

    internal static ProcessorResult TargetExists(FieldPath target, RecordValue present) => ProcessorResult.Fail("TARGET_EXISTS", $"{target} exists already: {Show(present)}.");

    /// <param name="record">As it was when it refused to be written.</param>
    internal static ProcessorResult InvalidPath(FieldPath target, Record record)
    {
        for (var length = 1; length < target.Segments.Count; length++)
        {
            var parent = FieldPath.Of([.. target.Segments.Take(length)]);
            var value = record.Get(parent);
            if (value.IsMissing) break;
            if (value.Kind is not (RecordValueKind.Object or RecordValueKind.Array)) return NotWritten(target, $"{parent} is {Show(value)}, which is neither object nor array");
            var next = FieldPath.Of([.. target.Segments.Take(length + 1)]);
            if (value.Kind == RecordValueKind.Array && record.Get(next).Kind == RecordValueKind.Absent) return NotWritten(target, $"{parent} is an array that has no element {target.Segments[length]}");
        }

        return NotWritten(target, "the record would be nested too deep");
    }

    /// <param name="expected">With its article: <c>a string</c>.</param>
    internal static ProcessorResult WrongType(FieldPath field, RecordValue value, string expected) => ProcessorResult.Fail("TYPE_MISMATCH", $"{field}: {Show(value)} is not {expected}");

    /// <param name="problem">What it is or is not: <c>is not a number</c>.</param>
    internal static ProcessorResult NotConverted(FieldPath field, RecordValue value, string problem) => ProcessorResult.Fail("CONVERSION_FAILED", $"{field}: {Show(value)} {problem}");

    /// <param name="problem">What it is or is not: <c>is not JSON</c>.</param>
    internal static ProcessorResult NotParsed(FieldPath field, RecordValue value, string problem) => ProcessorResult.Fail("PARSE_FAILED", $"{field}: {Show(value)} {problem}");

    /// <param name="problem">What it is or is not: <c>is not in the map</c>.</param>
    internal static ProcessorResult NoMatch(FieldPath field, RecordValue value, string problem) => ProcessorResult.Fail("NO_MATCH", $"{field}: {Show(value)} {problem}");

    /// <summary>A <see cref="System.Text.RegularExpressions.RegexMatchTimeoutException"/> as what it is to the record.</summary>
    internal static ProcessorResult TooSlow(FieldPath field, RecordValue value) => ProcessorResult.Fail("PROCESSOR_TIMEOUT", $"{field}: {Show(value)} takes too long to match");

    private static ProcessorResult NotWritten(FieldPath target, string reason) => ProcessorResult.Fail("INVALID_PATH", $"{target} cannot be written: {reason}.");

    /// <summary>The value as JSON, cut where it is long.</summary>
    internal static string Show(RecordValue value)
    {
        var json = value.ToJson();
        return json.Length <= ShownLength ? json : $"{json.AsSpan(0, char.IsHighSurrogate(json[ShownLength - 1]) ? ShownLength - 1 : ShownLength)}…";
    }
}
