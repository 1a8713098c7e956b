using System.ComponentModel;
using System.Text;
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
        var problems = new List<OptionProblem>();
        var parsed = new List<Regex>();
        for (var i = 0; i < Patterns.Count; i++)
        {
            if (LinearRegex.TryCreate(Named.GetValueOrDefault(Patterns[i], Patterns[i]), RegexOptions.None, out var regex, out var error)) parsed.Add(regex);
            else problems.Add(new($"patterns[{i}]", "INVALID_PATTERN", error));
        }

        Parsed = parsed;
        return problems;
    }
}

[Processor("redact", "1.0", Description = "Covers what must not be read in text.", IsAtomic = true)]
[Example("""{ "type": "redact", "options": { "field": "note", "patterns": ["EMAIL", "IPV4"] } }""", Record = """{ "note": "ada@example.com from 10.0.0.1" }""")]
internal sealed class RedactProcessor(RedactOptions options) : TextProcessor(options)
{
    private readonly SearchPattern[] _patterns = [.. options.Parsed.Select(regex => new SearchPattern(regex))];

    /// <summary>Looks for all patterns in the text as it came, so that none sees what another left of it.</summary>
    protected override ProcessorResult ChangeText(ref RecordValue text)
    {
        var whole = text.GetString();
        List<(int Start, int End)>? found = null;
        foreach (var pattern in _patterns)
        {
            var occurrences = pattern.In(whole);
            while (occurrences.MoveNext())
            {
                if (occurrences.End > occurrences.Start) (found ??= []).Add((occurrences.Start, occurrences.End));
            }
        }

        if (found is null) return ProcessorResult.Continue;
        if (_patterns.Length > 1) found.Sort();
        if (Cover(whole, found) is not { } covered) return TooLarge;
        Room -= covered.Length;
        text = RecordValue.From(covered);
        return ProcessorResult.Continue;
    }

    /// <param name="found">By their beginnings; what overlaps is covered once.</param>
    /// <returns><c>null</c> for what is longer than it may be.</returns>
    private string? Cover(string text, List<(int Start, int End)> found)
    {
        var covered = new StringBuilder(text.Length);
        var at = 0;
        foreach (var (start, end) in found)
        {
            if (start >= at) covered.Append(text, at, start - at).Append(options.Replacement);
            if (covered.Length > Room) return null;
            at = Math.Max(at, end);
        }

        return covered.Append(text, at, text.Length - at).ToString();
    }
}
