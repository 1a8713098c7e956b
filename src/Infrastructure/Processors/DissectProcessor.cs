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
internal sealed class DissectProcessor(DissectOptions options) : IProcessor
{
    private readonly DissectPattern _pattern = DissectPattern.TryParse(options.Pattern, out var pattern, out var error) ? pattern : throw new FormatException(error);

    public ProcessorResult Process(Record record, ProcessorContext context)
    {
        var value = record.Get(options.Field);
        if (value.IsMissing) return options.IgnoreMissing ? ProcessorResult.Continue : Failures.Missing(options.Field);
        if (value.Kind != RecordValueKind.String) return Failures.WrongType(options.Field, value, "a string");
        if (_pattern.Match(value.GetString()) is not { } values) return Failures.NoMatch(options.Field, value, "does not match the pattern");
        foreach (var (target, text) in FieldsOf(values))
        {
            if (!record.TrySet(target, RecordValue.From(text))) return Failures.InvalidPath(target);
        }

        return ProcessorResult.Continue;
    }

    private IEnumerable<(FieldPath Target, string Text)> FieldsOf(string[] values)
    {
        var parts = _pattern.Keys.Zip(values, (key, value) => (Key: key, Value: value)).ToList();
        var appended = parts.Where(part => part.Key.Kind == DissectKeyKind.Append).Select(part => part.Key.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var group in parts.Where(part => part.Key.Path is not null).GroupBy(part => part.Key.Name))
        {
            var path = group.First().Key.Path!;
            yield return appended.Contains(group.Key)
                ? (path, string.Join(options.AppendSeparator, group.OrderBy(part => part.Key.Order).Select(part => part.Value)))
                : (path, group.Last().Value);
        }

        foreach (var (key, name) in parts.Where(part => part.Key.Kind == DissectKeyKind.Name))
        {
            if (name.Length > 0) yield return (FieldPath.Of(name), parts.First(part => part.Key.Kind == DissectKeyKind.Value && part.Key.Name == key.Name).Value);
        }
    }
}
