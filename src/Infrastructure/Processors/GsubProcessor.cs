using System.ComponentModel;
using System.Text;
using System.Text.RegularExpressions;
using DataPipeline.Domain.Processing;

namespace DataPipeline.Infrastructure.Processors;

internal sealed record GsubOptions : FieldOptions
{
    [Description("What to replace: a regular expression.")]
    public required Regex Pattern { get; init; }

    [Description("What to put in its place; $1 and ${name} are groups of the pattern.")]
    public required string Replacement { get; init; }
}

[Processor("gsub", "1.0", Description = "Replaces all matches of a regular expression.", IsAtomic = true)]
[Example("""{ "type": "gsub", "options": { "field": "phone", "pattern": "[^0-9+]", "replacement": "" } }""", Record = """{ "phone": "+49 (30) 123-456" }""")]
internal sealed class GsubProcessor(GsubOptions options) : TextProcessor(options)
{
    protected override ProcessorResult ChangeText(ref RecordValue text)
    {
        var before = text.GetString();
        var after = before.AsSpan().ContainsAnyInRange('\uD800', '\uDFFF') ? ReplaceWholeCharacters(before) : options.Pattern.Replace(before, options.Replacement);
        if (!ReferenceEquals(before, after)) text = RecordValue.From(after);
        return ProcessorResult.Continue;
    }

    /// <summary>The same as <see cref="Regex.Replace(string, string)"/>, but that no half of a character is left behind; see <see cref="Occurrences"/>.</summary>
    private string ReplaceWholeCharacters(string text)
    {
        var replaced = new StringBuilder(text.Length);
        var at = 0;
        for (var match = options.Pattern.Match(text); match.Success; match = match.NextMatch())
        {
            var (start, end) = (match.Index, match.Index + match.Length);
            if (start < at) continue;
            if (Occurrences.IsWithinCharacter(text, start) && start-- == end) continue;
            if (Occurrences.IsWithinCharacter(text, end)) end++;
            replaced.Append(text, at, start - at).Append(match.Result(options.Replacement));
            at = end;
        }

        return at == 0 && replaced.Length == 0 ? text : replaced.Append(text, at, text.Length - at).ToString();
    }
}
