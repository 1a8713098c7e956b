using System.ComponentModel;
using DataPipeline.Domain.Processing;

namespace DataPipeline.Infrastructure.Processors;

internal sealed record DissectOptions : IValidatedOptions
{
    [Description("The text to take apart.")]
    public required FieldPath Field { get; init; }

    [Description("Keys and the text between them: %{a} %{+a} %{?skip} %{*k}=%{&k} %{b->}.")]
    public required string Pattern { get; init; }

    [Description("What to put between the parts of an appended key.")]
    public string AppendSeparator { get; init; } = "";

    [Description("Whether nothing is done, instead of failing, where the field is missing.")]
    public bool IgnoreMissing { get; init; }

    public IEnumerable<OptionProblem> Validate()
    {
        if (!DissectPattern.TryParse(Pattern, out _, out var error)) yield return new OptionProblem("pattern", "INVALID_PATTERN", error);
    }
}

[Processor("dissect", "1.0", Description = "Takes text apart at fixed delimiters.")]
[Example("""{ "type": "dissect", "options": { "field": "line", "pattern": "%{client} - %{user} [%{time}] %{message}" } }""", Record = """{ "line": "10.0.0.1 - ada [12:30] signed in" }""")]
internal sealed class DissectProcessor : ParsingProcessor
{
    private readonly DissectPattern _pattern;
    private readonly string _appendSeparator;
    private readonly (FieldPath Target, int[] Parts)[] _fields;
    private readonly (int Name, int Value)[] _references;

    /// <summary>Where the values of the keys stand in the present text.</summary>
    private readonly Range[] _values;

    public DissectProcessor(DissectOptions options)
        : base(options.Field, options.IgnoreMissing)
    {
        _pattern = DissectPattern.TryParse(options.Pattern, out var pattern, out var error) ? pattern : throw new FormatException(error);
        _appendSeparator = options.AppendSeparator;
        _values = new Range[pattern.Keys.Count];
        var keys = pattern.Keys.Select((key, index) => (Key: key, Index: index)).ToList();
        _fields = [.. keys.Where(key => key.Key.Path is not null).GroupBy(key => key.Key.Name).Select(same => (same.First().Key.Path!, PartsOf([.. same])))];
        _references = [.. keys.Where(key => key.Key.Kind == DissectKeyKind.Name)
            .Select(name => (name.Index, keys.Find(key => key.Key.Kind == DissectKeyKind.Value && key.Key.Name == name.Key.Name).Index))];
    }

    protected override ProcessorResult Parse(RecordValue text, Record record)
    {
        var whole = text.GetString();
        if (!_pattern.TryMatch(whole, _values)) return Failures.NoMatch(Field, text, "does not match the pattern");
        foreach (var (target, parts) in _fields)
        {
            if (whole.Length + ((long)parts.Length * _appendSeparator.Length) > record.MaxBytes && LengthOf(parts, whole) > record.MaxBytes) return ProcessorResult.TooLarge(record.MaxBytes);
            var value = parts is [var only] ? whole[_values[only]] : string.Join(_appendSeparator, parts.Select(part => whole[_values[part]]));
            if (record.Write(target, RecordValue.From(value)) is { Outcome: ProcessorOutcome.Fail } failure) return failure;
        }

        foreach (var (name, value) in _references)
        {
            var key = whole[_values[name]];
            if (key.Length == 0) return Failures.NoMatch(Field, text, "has an empty name for a field");
            if (record.Write(KeyPath.Of(key, null), RecordValue.From(whole[_values[value]])) is { Outcome: ProcessorOutcome.Fail } failure) return failure;
        }

        return ProcessorResult.Continue;
    }

    private long LengthOf(int[] parts, string text) => parts.Sum(part => (long)_values[part].GetOffsetAndLength(text.Length).Length) + ((parts.Length - 1L) * _appendSeparator.Length);

    /// <summary>The keys whose values make a field, in order: all where they are appended, else the last, which overwrites those before.</summary>
    private static int[] PartsOf(IReadOnlyList<(DissectKey Key, int Index)> same) =>
        same.Any(key => key.Key.Kind == DissectKeyKind.Append) ? [.. same.OrderBy(key => key.Key.Order).Select(key => key.Index)] : [same[^1].Index];
}
