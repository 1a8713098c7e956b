using System.ComponentModel;
using System.Text.RegularExpressions;
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

    internal Regex Compile(int index) => new(Named.GetValueOrDefault(Patterns[index], Patterns[index]), RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);

    public IEnumerable<OptionProblem> Validate()
    {
        for (var i = 0; i < Patterns.Count; i++)
        {
            if (FaultOf(i) is { } fault) yield return new OptionProblem($"patterns[{i}]", "INVALID_PATTERN", fault);
        }
    }

    private string? FaultOf(int index)
    {
        try
        {
            Compile(index);
            return null;
        }
        catch (Exception e) when (e is NotSupportedException or ArgumentException)
        {
            return e.Message;
        }
    }
}

[Processor("redact", "1.0", Description = "Covers what must not be read in text.", IsAtomic = true)]
[Example("""{ "type": "redact", "options": { "field": "note", "patterns": ["EMAIL", "IPV4"] } }""", Record = """{ "note": "ada@example.com from 10.0.0.1" }""")]
internal sealed class RedactProcessor(RedactOptions options) : TextProcessor(options)
{
    private readonly Regex[] _patterns = [.. Enumerable.Range(0, options.Patterns.Count).Select(options.Compile)];
    private readonly MatchEvaluator _cover = _ => options.Replacement;

    protected override ProcessorResult ChangeText(ref RecordValue text)
    {
        var before = text.GetString();
        var after = before;
        foreach (var pattern in _patterns) after = pattern.Replace(after, _cover);
        if (!ReferenceEquals(before, after)) text = RecordValue.From(after);
        return ProcessorResult.Continue;
    }
}
