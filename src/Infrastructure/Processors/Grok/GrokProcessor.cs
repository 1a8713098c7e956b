using System.ComponentModel;
using System.Text.RegularExpressions;
using DataPipeline.Domain.Processing;

namespace DataPipeline.Infrastructure.Processors.Grok;

internal sealed record GrokOptions : IValidatedOptions
{
    [Description("The text to match.")]
    public required FieldPath Field { get; init; }

    [Description("One pattern or several; the first that matches counts. %{NAME} is a pattern of the library or of patternDefinitions, %{NAME:field} captures it, %{NAME:field:int} converts it too.")]
    [OneOrMany]
    public required IReadOnlyList<string> Patterns { get; init; }

    [Description("Patterns of one's own, by name; they go before the library's.")]
    public IReadOnlyDictionary<string, string> PatternDefinitions { get; init; } = new Dictionary<string, string>();

    [Description("Whether nothing is done, instead of failing, where the field is missing.")]
    public bool IgnoreMissing { get; init; }

    internal IReadOnlyList<GrokPattern> Parsed { get; private set; } = [];

    public IEnumerable<OptionProblem> Validate()
    {
        var problems = new List<OptionProblem>();
        foreach (var (name, definition) in PatternDefinitions)
        {
            var option = $"patternDefinitions.{name}";
            if (name.Length == 0 || !name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter == '_')) problems.Add(new(option, "INVALID_VALUE", $"\"{name}\" is no name for a pattern: letters, digits and underscores."));
            else if (!GrokPattern.TryParse($"%{{{name}}}", PatternDefinitions, out _, out var error)) problems.Add(new(option, "INVALID_PATTERN", error));
        }

        // What is wrong with a definition would be wrong with every pattern that names it.
        if (problems.Count > 0) return problems;
        var parsed = new List<GrokPattern>();
        for (var i = 0; i < Patterns.Count; i++)
        {
            if (GrokPattern.TryParse(Patterns[i], PatternDefinitions, out var pattern, out var error)) parsed.Add(pattern);
            else problems.Add(new($"patterns[{i}]", "INVALID_PATTERN", error));
        }

        Parsed = parsed;
        return problems;
    }
}

[Processor("grok", "1.0", Description = "Takes text apart by named patterns and writes what they capture into fields.")]
[Example("""{ "type": "grok", "options": { "field": "line", "patterns": ["%{IP:client} %{WORD:method} %{URIPATH:path} %{NUMBER:bytes:int}"] } }""", Record = """{ "line": "10.0.0.1 GET /index.html 15824" }""")]
internal sealed class GrokProcessor(GrokOptions options) : ParsingProcessor(options.Field, options.IgnoreMissing)
{
    protected override ProcessorResult Parse(RecordValue text, Record record)
    {
        var whole = text.GetString();
        foreach (var pattern in options.Parsed)
        {
            if (pattern.Regex.Match(whole) is { Success: true } match) return Write(pattern, match, whole, record);
        }

        return Failures.NoMatch(Field, text, "matches none of the patterns");
    }

    private static ProcessorResult Write(GrokPattern pattern, Match match, string text, Record record)
    {
        foreach (var capture in pattern.Captures)
        {
            var captured = new List<RecordValue>(capture.Groups.Count);
            var length = 0L;
            foreach (var (number, target) in capture.Groups)
            {
                if (match.Groups[number] is not { Success: true } group) continue;
                if ((length += group.Length) > record.MaxBytes) return ProcessorResult.TooLarge(record.MaxBytes);
                var value = RecordValue.From(Occurrences.WholeCharacters(text, group));
                if (target is { } type && ConvertProcessor.Convert(type, ref value) is { } problem) return Failures.NotConverted(capture.Field, value, problem);
                captured.Add(value);
            }

            // A name that captured more than once becomes an array.
            if (captured.Count == 0) continue;
            var written = captured.Count == 1 ? captured[0] : RecordValue.FromArray([.. captured]);
            if (record.Write(capture.Field, written) is { Outcome: ProcessorOutcome.Fail } failure) return failure;
        }

        return ProcessorResult.Continue;
    }
}
