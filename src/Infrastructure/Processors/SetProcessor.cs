using System.ComponentModel;
using DataPipeline.Domain.Processing;

namespace DataPipeline.Infrastructure.Processors;

internal sealed record SetOptions : IValidatedOptions
{
    [Description("The field to write.")]
    public required FieldPath Field { get; init; }

    [Description("What to write: any JSON, its texts may be templates.")]
    [NullIsValue]
    public ValueTemplate? Value { get; init; }

    [Description("The field whose value to write, instead of a value.")]
    public FieldPath? CopyFrom { get; init; }

    [Description("Whether a field that is there already is overwritten; if not, only a missing one is written.")]
    public bool Override { get; init; } = true;

    [Description("Whether nothing is done where the value is null or the empty text.")]
    public bool IgnoreEmptyValue { get; init; }

    public IEnumerable<OptionProblem> Validate()
    {
        if (Value is null && CopyFrom is null) yield return new OptionProblem("value", "REQUIRED", "value or copyFrom is required.");
        if (Value is not null && CopyFrom is not null) yield return new OptionProblem("copyFrom", "INVALID_VALUE", "value and copyFrom exclude each other.");
    }
}

[Processor("set", "1.0", Description = "Writes a value, or a copy of another field, into a field.", IsAtomic = true)]
[Example("""{ "type": "set", "options": { "field": "label", "value": "{{customer.name}}, {{amount}} EUR" } }""", Record = """{ "customer": { "name": "Ada" }, "amount": 12.50 }""")]
internal sealed class SetProcessor(SetOptions options) : IProcessor
{
    public ProcessorResult Process(Record record, ProcessorContext context)
    {
        if (!options.Override && !record.Get(options.Field).IsMissing) return ProcessorResult.Continue;
        var value = options.Value is { } template ? template.Evaluate(record, context) : record.Get(options.CopyFrom!);
        if (options.IgnoreEmptyValue && IsEmpty(value)) return ProcessorResult.Continue;
        if (options.CopyFrom is { } source && value.IsMissing) return Failures.Missing(source);
        return record.Write(options.Field, value);
    }

    private static bool IsEmpty(RecordValue value) => value.IsMissing || (value.Kind == RecordValueKind.String && value.GetString().Length == 0);
}
