using System.ComponentModel;
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
    private readonly Replacement _replacement = new(options.Pattern, options.Replacement);

    protected override ProcessorResult ChangeText(ref RecordValue text)
    {
        var before = text.GetString();
        if (_replacement.PutInto(before, Room) is not { } after) return TooLarge;
        Room -= after.Length;
        if (!ReferenceEquals(before, after)) text = RecordValue.From(after);
        return ProcessorResult.Continue;
    }
}
