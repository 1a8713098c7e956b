using System.ComponentModel;
using DataPipeline.Domain.Processing;

namespace DataPipeline.Infrastructure.Processors;

internal sealed record LookupOptions : FieldOptions
{
    [Description("What to write for which value; a number is found by its text.")]
    public required IReadOnlyDictionary<string, RecordValue> Map { get; init; }

    [Description("What to write for a value that is not in the map, instead of failing.")]
    public RecordValue? Default { get; init; }
}

[Processor("lookup", "1.0", Description = "Replaces a value by what a map says.", IsAtomic = true)]
[Example("""{ "type": "lookup", "options": { "field": "country", "targetField": "region", "map": { "DE": "EU", "US": "NA" }, "default": "other" } }""", Record = """{ "country": "DE" }""")]
internal sealed class LookupProcessor(LookupOptions options) : FieldProcessor(options)
{
    protected override ProcessorResult Change(ref RecordValue value, ProcessorContext context)
    {
        if (value.Kind is RecordValueKind.Array or RecordValueKind.Object) return Failures.WrongType(Field, value, "a text, a number or a boolean");
        if (options.Map.TryGetValue(value.ToText(), out var found)) value = found;
        else if (options.Default is { } other) value = other;
        else return Failures.NoMatch(Field, value, "is not in the map");
        return ProcessorResult.Continue;
    }
}
