using System.ComponentModel;
using System.Text.RegularExpressions;
using DataPipeline.Domain.Processing;

namespace DataPipeline.Infrastructure.Processors;

internal sealed record ExtractOptions : IValidatedOptions
{
    [Description("The text to look at.")]
    public required FieldPath Field { get; init; }

    [Description("A regular expression with named groups; each group that matches becomes a field.")]
    public required Regex Pattern { get; init; }

    [Description("The object to write the fields into; the record itself unless told.")]
    public FieldPath? TargetField { get; init; }

    [Description("Whether nothing is done, instead of failing, where the field is missing.")]
    public bool IgnoreMissing { get; init; }

    internal IEnumerable<string> Groups => Pattern.GetGroupNames().Where(name => !char.IsAsciiDigit(name[0]));

    public IEnumerable<OptionProblem> Validate()
    {
        if (!Groups.Any()) yield return new OptionProblem("pattern", "INVALID_PATTERN", "The pattern has no named group, as in (?<name>...), so it would extract nothing.");
    }
}

[Processor("extract", "1.0", Description = "Takes the named groups of a regular expression out of text into fields.")]
[Example("""{ "type": "extract", "options": { "field": "line", "pattern": "order (?<order>[0-9]+) of (?<customer>\\w+)" } }""", Record = """{ "line": "order 17 of ada" }""")]
internal sealed class ExtractProcessor(ExtractOptions options) : IProcessor
{
    private readonly (string Group, FieldPath Target)[] _groups = [.. options.Groups.Select(name => (name, FieldPath.Of([.. options.TargetField?.Segments ?? [], name])))];

    public ProcessorResult Process(Record record, ProcessorContext context)
    {
        var value = record.Get(options.Field);
        if (value.IsMissing) return options.IgnoreMissing ? ProcessorResult.Continue : Failures.Missing(options.Field);
        if (value.Kind != RecordValueKind.String) return Failures.WrongType(options.Field, value, "a string");
        Match match;
        try
        {
            match = options.Pattern.Match(value.GetString());
        }
        catch (RegexMatchTimeoutException)
        {
            return Failures.TooSlow(options.Field, value);
        }

        if (!match.Success) return Failures.NoMatch(options.Field, value, "does not match the pattern");
        foreach (var (name, target) in _groups)
        {
            var group = match.Groups[name];
            if (group.Success && !record.TrySet(target, RecordValue.From(group.Value))) return Failures.InvalidPath(target);
        }

        return ProcessorResult.Continue;
    }
}
