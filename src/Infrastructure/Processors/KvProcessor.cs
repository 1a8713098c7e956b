using System.ComponentModel;
using System.Text.RegularExpressions;
using DataPipeline.Domain.Processing;

namespace DataPipeline.Infrastructure.Processors;

internal sealed record KvOptions
{
    [Description("The text to read.")]
    public required FieldPath Field { get; init; }

    [Description("What stands between pairs: a regular expression.")]
    public required Regex FieldSplit { get; init; }

    [Description("What stands between key and value: a regular expression.")]
    public required Regex ValueSplit { get; init; }

    [Description("The object to write the fields into; the record itself unless told.")]
    public FieldPath? TargetField { get; init; }

    [Description("The keys to take; all unless told.")]
    public IReadOnlyList<string>? IncludeKeys { get; init; }

    [Description("The keys to leave out.")]
    public IReadOnlyList<string>? ExcludeKeys { get; init; }

    [Description("What to put before each key.")]
    public string Prefix { get; init; } = "";

    [Description("The characters to take off both ends of keys.")]
    public string? TrimKey { get; init; }

    [Description("The characters to take off both ends of values.")]
    public string? TrimValue { get; init; }

    [Description("Whether brackets (), <>, [] and quotes around values are taken away.")]
    public bool StripBrackets { get; init; }

    [Description("Whether nothing is done, instead of failing, where the field is missing.")]
    public bool IgnoreMissing { get; init; }
}

[Processor("kv", "1.0", Description = "Reads pairs of keys and values into fields.")]
[Example("""{ "type": "kv", "options": { "field": "line", "fieldSplit": " ", "valueSplit": "=" } }""", Record = """{ "line": "user=ada action=login" }""")]
internal sealed class KvProcessor(KvOptions options) : IProcessor
{
    private readonly char[]? _trimKey = options.TrimKey?.ToCharArray();
    private readonly char[]? _trimValue = options.TrimValue?.ToCharArray();
    private readonly HashSet<string>? _included = options.IncludeKeys?.ToHashSet(StringComparer.Ordinal);
    private readonly HashSet<string> _excluded = (options.ExcludeKeys ?? []).ToHashSet(StringComparer.Ordinal);

    public ProcessorResult Process(Record record, ProcessorContext context)
    {
        var value = record.Get(options.Field);
        if (value.IsMissing) return options.IgnoreMissing ? ProcessorResult.Continue : Failures.Missing(options.Field);
        if (value.Kind != RecordValueKind.String) return Failures.WrongType(options.Field, value, "a string");
        var pairs = new Dictionary<string, List<RecordValue>>(StringComparer.Ordinal);
        try
        {
            if (FaultIn(value.GetString(), pairs) is { } fault) return Failures.NotParsed(options.Field, value, fault);
        }
        catch (RegexMatchTimeoutException)
        {
            return Failures.TooSlow(options.Field, value);
        }

        foreach (var (key, values) in pairs)
        {
            var target = TargetOf(options.Prefix + key);
            if (!record.TrySet(target, values is [var single] ? single : RecordValue.FromArray([.. values]))) return Failures.InvalidPath(target);
        }

        return ProcessorResult.Continue;
    }

    /// <returns>What is wrong with the text, or <c>null</c>; then the pairs are in it.</returns>
    private string? FaultIn(string text, Dictionary<string, List<RecordValue>> pairs)
    {
        foreach (var part in PartsOf(text, options.FieldSplit))
        {
            if (part.Length == 0) continue;
            if (!TrySplit(part, out var key, out var value)) return $"has a part without a key and a value: {part}";
            if (_included?.Contains(key) == false || _excluded.Contains(key)) continue;
            if (!pairs.TryGetValue(key, out var values)) pairs.Add(key, values = []);
            values.Add(RecordValue.From(value));
        }

        return null;
    }

    private static IEnumerable<string> PartsOf(string text, Regex separator)
    {
        var start = 0;
        for (var match = separator.Match(text); match.Success; match = match.NextMatch())
        {
            if (match.Length == 0) continue;
            yield return text[start..match.Index];
            start = match.Index + match.Length;
        }

        yield return text[start..];
    }

    private bool TrySplit(string part, out string key, out string value)
    {
        (key, value) = ("", "");
        var match = options.ValueSplit.Match(part);
        if (!match.Success || match.Length == 0) return false;
        key = part[..match.Index];
        value = part[(match.Index + match.Length)..];
        if (_trimKey is not null) key = key.Trim(_trimKey);
        if (_trimValue is not null) value = value.Trim(_trimValue);
        if (options.StripBrackets && value is ['(', .., ')'] or ['<', .., '>'] or ['[', .., ']'] or ['"', .., '"'] or ['\'', .., '\'']) value = value[1..^1];
        return key.Length > 0;
    }

    /// <summary>A key with dots is a path, as everywhere; one that is no path is a name.</summary>
    private FieldPath TargetOf(string key)
    {
        var segments = FieldPath.TryParse(key, out var path, out _) ? path.Segments : [key];
        return FieldPath.Of([.. options.TargetField?.Segments ?? [], .. segments]);
    }
}
