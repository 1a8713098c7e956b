using System.ComponentModel;
using System.Text;
using DataPipeline.Domain.Processing;

namespace DataPipeline.Infrastructure.Processors;

internal sealed record JsonOptions : FieldOptions, IValidatedOptions
{
    [Description("Whether the properties of the object that is read are written into the record itself.")]
    public bool AddToRoot { get; init; }

    public IEnumerable<OptionProblem> Validate()
    {
        if (AddToRoot && TargetField is not null) yield return new OptionProblem("targetField", "INVALID_VALUE", "targetField and addToRoot exclude each other.");
    }
}

[Processor("json", "1.0", Description = "Reads text as JSON.", IsAtomic = true)]
[Example("""{ "type": "json", "options": { "field": "payload", "targetField": "event" } }""", Record = """{ "payload": "{\"id\":17}" }""")]
internal sealed class JsonProcessor(JsonOptions options) : IProcessor
{
    private readonly FieldPath _target = options.TargetField ?? options.Field;

    public ProcessorResult Process(Record record, ProcessorContext context)
    {
        var value = record.Get(options.Field);
        if (value.IsMissing) return options.IgnoreMissing ? ProcessorResult.Continue : Failures.Missing(options.Field);
        if (value.Kind != RecordValueKind.String) return Failures.WrongType(options.Field, value, "a string");
        if (!RecordValue.TryParse(Encoding.UTF8.GetBytes(value.GetString()), out var parsed)) return Failures.NotParsed(options.Field, value, "is not JSON");
        if (!options.AddToRoot) return record.TrySet(_target, parsed) ? ProcessorResult.Continue : Failures.InvalidPath(_target);
        if (parsed.Kind != RecordValueKind.Object) return Failures.WrongType(options.Field, value, "a JSON object");
        record.Restore(RecordValue.FromObject(record.Root.EnumerateObject().Concat(parsed.EnumerateObject())));
        return ProcessorResult.Continue;
    }
}
