using DataPipeline.Domain.Processing;

namespace DataPipeline.Infrastructure.Processors;

/// <summary>What the built-in processors fail with. Every message names the field and shows the value.</summary>
internal static class Failures
{
    private const int ShownLength = 200;

    internal static ProcessorResult Missing(FieldPath field) => ProcessorResult.Fail("FIELD_MISSING", $"{field} is missing.");

    internal static ProcessorResult TargetExists(FieldPath target, RecordValue present) => ProcessorResult.Fail("TARGET_EXISTS", $"{target} exists already: {Show(present)}.");

    internal static ProcessorResult InvalidPath(FieldPath target) =>
        ProcessorResult.Fail("INVALID_PATH", $"{target} cannot be written: it runs through a value that is neither object nor array, past the end of an array, or too deep.");

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

    /// <summary>The value as JSON, cut where it is long.</summary>
    internal static string Show(RecordValue value)
    {
        var json = value.ToJson();
        return json.Length <= ShownLength ? json : $"{json.AsSpan(0, char.IsHighSurrogate(json[ShownLength - 1]) ? ShownLength - 1 : ShownLength)}…";
    }
}
