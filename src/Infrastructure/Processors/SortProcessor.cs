using System.ComponentModel;
using DataPipeline.Domain.Processing;

namespace DataPipeline.Infrastructure.Processors;

internal enum SortOrder
{
    Asc,
    Desc,
}

internal sealed record SortOptions : FieldOptions
{
    [Description("Whether the smallest or the largest comes first.")]
    public SortOrder Order { get; init; }
}

[Processor("sort", "1.0", Description = "Sorts an array of numbers, by value, or of texts, by ordinal.", IsAtomic = true)]
[Example("""{ "type": "sort", "options": { "field": "scores", "order": "desc" } }""", Record = """{ "scores": [3, 10, 1] }""")]
internal sealed class SortProcessor(SortOptions options) : FieldProcessor(options)
{
    private readonly int _direction = options.Order == SortOrder.Asc ? 1 : -1;

    protected override ProcessorResult Change(ref RecordValue value, ProcessorContext context)
    {
        if (value.Kind != RecordValueKind.Array) return Failures.WrongType(Field, value, "an array");
        var items = value.EnumerateArray().ToArray();
        if (items.Length == 0) return ProcessorResult.Continue;
        var kind = items[0].Kind;
        if (kind is not (RecordValueKind.Number or RecordValueKind.String)) return Failures.WrongType(Field, items[0], "a number or a text");
        foreach (var item in items)
        {
            if (item.Kind != kind) return Failures.WrongType(Field, item, kind == RecordValueKind.Number ? "a number like the elements before it" : "a text like the elements before it");
        }

        var order = kind == RecordValueKind.Number
            ? Comparer<RecordValue>.Create((a, b) => _direction * RecordValue.CompareNumbers(a, b))
            : Comparer<RecordValue>.Create((a, b) => _direction * string.CompareOrdinal(a.GetString(), b.GetString()));
        value = RecordValue.FromArray([.. items.Order(order)]);
        return ProcessorResult.Continue;
    }
}
