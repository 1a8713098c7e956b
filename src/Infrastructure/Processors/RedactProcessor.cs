using System.ComponentModel;
using System.Text.RegularExpressions;
using DataPipeline.Application.Processing;
using DataPipeline.Domain.Processing;

namespace DataPipeline.Infrastructure.Processors;

internal sealed record RedactOptions : FieldOptions, IValidatedOptions
{
    private static readonly Dictionary<string, string> Named = new(StringComparer.Ordinal)
    {
        ["EMAIL"] = @"\b[A-Za-z0-9._%+\-]+@[A-Za-z0-9\-]+(\.[A-Za-z0-9\-]+)+\b",
        ["IPV4"] = @"\b((25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])\.){3}(25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])\b",
        ["CREDIT_CARD"] = @"\b[0-9]([ \-]?[0-9]){12,18}\b",
        ["IBAN"] = @"\b[A-Z]{2}[0-9]{2}( ?[A-Z0-9]){11,30}\b",
        ["PHONE"] = @"(\+|\b00?)[1-9]([ ()/.\-]{0,2}[0-9]){6,14}\b",
    };

    [Description("What to cover: regular expressions, or EMAIL, IPV4, CREDIT_CARD, IBAN, PHONE.")]
    [OneOrMany]
    public required IReadOnlyList<string> Patterns { get; init; }

    [Description("What to put in its place, as it stands.")]
    public string Replacement { get; init; } = "***";

    internal IReadOnlyList<Regex> Parsed { get; private set; } = [];

    public IEnumerable<OptionProblem> Validate()
    {
        var parsed = new List<Regex>();
        for (var i = 0; i < Patterns.Count; i++)
        {
            if (LinearRegex.TryCreate(Named.GetValueOrDefault(Patterns[i], Patterns[i]), RegexOptions.None, out var regex, out var error)) parsed.Add(regex);
            else yield return new OptionProblem($"patterns[{i}]", "INVALID_PATTERN", error);
        }

        Parsed = parsed;
    }
}

[Processor("redact", "1.0", Description = "Covers what must not be read in text.", IsAtomic = true)]
[Example("""{ "type": "redact", "options": { "field": "note", "patterns": ["EMAIL", "IPV4"] } }""", Record = """{ "note": "ada@example.com from 10.0.0.1" }""")]
internal sealed class RedactProcessor(RedactOptions options) : TextProcessor(options)
{
    private readonly MatchEvaluator _cover = _ => options.Replacement;

    protected override ProcessorResult ChangeText(ref RecordValue text)
    {
        var before = text.GetString();
        var after = before;
        foreach (var pattern in options.Parsed) after = pattern.Replace(after, _cover);
        if (!ReferenceEquals(before, after)) text = RecordValue.From(after);
        return ProcessorResult.Continue;
    }
}
