using System.ComponentModel;
using DataPipeline.Domain.Processing;

namespace DataPipeline.Infrastructure.Processors;

internal sealed record AppendOptions
{
    [Description("The array to append to. A missing field becomes one, any other value its first element.")]
    public required FieldPath Field { get; init; }

    [Description("What to append: one value or an array of them, their texts may be templates.")]
    public required ValueTemplate Value { get; init; }

    [Description("Whether a value is appended that is in the array already.")]
    public bool AllowDuplicates { get; init; } = true;
}

[Processor("append", "1.0", Description = "Appends values to an array.", IsAtomic = true)]
[Example("""{ "type": "append", "options": { "field": "tags", "value": "imported", "allowDuplicates": false } }""", Record = """{ "tags": ["new"] }""")]
internal sealed class AppendProcessor(AppendOptions options) : IProcessor
{
    public ProcessorResult Process(Record record, ProcessorContext context)
    {
        var present = record.Get(options.Field);
        var appended = options.Value.Evaluate(record, context);
        var items = new List<RecordValue>();
        if (present.Kind == RecordValueKind.Array) items.AddRange(present.EnumerateArray());
        else if (!present.IsMissing) items.Add(present);

        var before = items.Count;
        var seen = options.AllowDuplicates ? null : items.ToHashSet();
        foreach (var item in appended.Kind == RecordValueKind.Array ? appended.EnumerateArray() : [appended])
        {
            if (seen?.Add(item) != false) items.Add(item);
        }

        if (items.Count == before) return ProcessorResult.Continue;
        return record.Write(options.Field, RecordValue.FromArray([.. items]));
    }
}
