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
internal sealed class ExtractProcessor(ExtractOptions options) : ParsingProcessor(options.Field, options.IgnoreMissing)
{
    private readonly (int Group, FieldPath Target)[] _groups =
        [.. options.Groups.Select(name => (options.Pattern.GroupNumberFromName(name), FieldPath.Of([.. options.TargetField?.Segments ?? [], name])))];

    protected override ProcessorResult Parse(RecordValue text, Record record)
    {
        var whole = text.GetString();
        var match = options.Pattern.Match(whole);
        if (!match.Success) return Failures.NoMatch(Field, text, "does not match the pattern");
        foreach (var (number, target) in _groups)
        {
            var group = match.Groups[number];
            if (group.Success && record.Write(target, RecordValue.From(Occurrences.WholeCharacters(whole, group))) is { Outcome: ProcessorOutcome.Fail } failure) return failure;
        }

        return ProcessorResult.Continue;
    }
}
