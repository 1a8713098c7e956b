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
    private readonly SearchPattern _separator = new(options.Separator);

    protected override ProcessorResult ChangeText(ref RecordValue text)
    {
        var whole = text.GetString();
        var parts = new List<RecordValue>();
        var (start, kept) = (0, 0);
        var separators = _separator.In(whole);
        while (separators.MoveNext())
        {
            // An empty match splits between two characters, not before the first or behind the last.
            if (separators.Start == separators.End && (separators.Start == 0 || separators.End == whole.Length)) continue;
            Add(whole[start..separators.Start]);
            start = separators.End;
        }

        Add(whole[start..]);
        if (!options.PreserveTrailing && parts.Count > 1) parts.RemoveRange(kept, parts.Count - kept);
        text = RecordValue.FromArray([.. parts]);
        return ProcessorResult.Continue;

        void Add(string part)
        {
            parts.Add(RecordValue.From(part));
            if (part.Length > 0) kept = parts.Count;
        }
    }
}
