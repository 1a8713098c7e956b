using System.ComponentModel;
using System.Text.RegularExpressions;
using DataPipeline.Domain.Processing;

namespace DataPipeline.Infrastructure.Processors;

internal sealed record SplitOptions : FieldOptions
{
    [Description("What stands between the parts: a regular expression.")]
    public required Regex Separator { get; init; }

    [Description("Whether empty parts at the end are kept.")]
    public bool PreserveTrailing { get; init; }
}

[Processor("split", "1.0", Description = "Splits text into an array.", IsAtomic = true)]
[Example("""{ "type": "split", "options": { "field": "tags", "separator": "\\s*,\\s*" } }""", Record = """{ "tags": "new, sale,gift" }""")]
internal sealed class SplitProcessor(SplitOptions options) : TextProcessor(options)
{
    protected override ProcessorResult ChangeText(ref RecordValue text)
    {
        var whole = text.GetString();
        var parts = new List<RecordValue>();
        var start = 0;
        foreach (var match in options.Separator.EnumerateMatches(whole))
        {
            // An empty match splits between two characters, not before the first or behind the last.
            if (match.Length == 0 && (match.Index == 0 || match.Index == whole.Length)) continue;
            parts.Add(RecordValue.From(whole[start..match.Index]));
            start = match.Index + match.Length;
        }

        parts.Add(RecordValue.From(whole[start..]));
        if (!options.PreserveTrailing && parts.Count > 1)
        {
            while (parts.Count > 0 && parts[^1].GetString().Length == 0) parts.RemoveAt(parts.Count - 1);
        }

        text = RecordValue.FromArray([.. parts]);
        return ProcessorResult.Continue;
    }
}
