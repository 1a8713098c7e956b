using System.Text.Unicode;
using DataPipeline.Application.Processing;

namespace DataPipeline.Application.Batches.Intake;

/// <summary>Why what stands in a record's place is none.</summary>
/// <param name="IsJson">Whether what is kept of it can be shown as JSON.</param>
internal readonly record struct Refusal(Rejection Reason, bool IsJson);

/// <summary>The rules that one record can break alone. Not thread-safe.</summary>
internal sealed class RecordInspector(BatchOptions limits)
{
    private readonly int _keptOfTooLarge = Math.Min(4_096, limits.MaxRecordBytes);

    internal JsonScanner Scanner { get; } = new();

    /// <param name="value">The JSON value that <see cref="Scanner"/> has just found, without white space around it.</param>
    /// <returns><c>null</c> where it is a record.</returns>
    internal Refusal? Judge(ReadOnlySpan<byte> value)
    {
        if (value.Length > limits.MaxRecordBytes) return TooLarge();
        if (!Utf8.IsValid(value)) return InvalidUtf8();
        // Raw, because a reader of the failure need not bear the depth that the service does not.
        if (Scanner.Depth > limits.MaxDepth) return new Refusal(new Rejection("RECORD_TOO_DEEP", $"The record is {Scanner.Depth} levels deep; at most {limits.MaxDepth} are allowed."), IsJson: false);
        if (value[0] != (byte)'{') return new Refusal(new Rejection("NOT_AN_OBJECT", $"A record is a JSON object, not {KindOf(value[0])}."), IsJson: true);
        if (Scanner.RepeatedName is { } name) return new Refusal(new Rejection("DUPLICATE_PROPERTY", $"The property \"{Cut(name)}\" stands twice in one object."), IsJson: true);
        return null;
    }

    internal Refusal TooLarge() => new(new Rejection("RECORD_TOO_LARGE", $"The record has more than {limits.MaxRecordBytes} bytes; at most its first {_keptOfTooLarge} are kept."), IsJson: false);

    internal static Refusal InvalidUtf8() => new(new Rejection("INVALID_UTF8", "The record is not valid UTF-8."), IsJson: false);

    internal static Refusal MalformedJson(string fault) => new(new Rejection("MALFORMED_JSON", fault), IsJson: false);

    internal static Refusal MalformedCsv(string fault) => new(new Rejection("MALFORMED_CSV", fault), IsJson: false);

    /// <summary>The part of a too large record that is kept, cut between characters.</summary>
    internal ReadOnlySpan<byte> Head(ReadOnlySpan<byte> text)
    {
        if (text.Length <= _keptOfTooLarge) return text;
        var end = _keptOfTooLarge;
        while (end > _keptOfTooLarge - 4 && (text[end] & 0xC0) == 0x80) end--;
        return text[..end];
    }

    internal static string Cut(string name) => name.Length <= 100 ? name : $"{name.AsSpan(0, char.IsHighSurrogate(name[99]) ? 99 : 100)}…";

    private static string KindOf(byte first) => first switch
    {
        (byte)'[' => "an array",
        (byte)'"' => "a string",
        (byte)'t' or (byte)'f' => "a boolean",
        (byte)'n' => "null",
        _ => "a number",
    };
}
