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
    private readonly IProcessor _processor = options.AddToRoot ? new IntoRoot(options) : new IntoTarget(options);

    public ProcessorResult Process(Record record, ProcessorContext context) => _processor.Process(record, context);

    private static bool TryRead(RecordValue text, out RecordValue value) => RecordValue.TryParse(Encoding.UTF8.GetBytes(text.GetString()), out value);

    private sealed class IntoTarget(JsonOptions options) : TextProcessor(options)
    {
        protected override ProcessorResult ChangeText(ref RecordValue text)
        {
            if (!TryRead(text, out var value)) return Failures.NotParsed(Field, text, "is not JSON");
            text = value;
            return ProcessorResult.Continue;
        }
    }

    private sealed class IntoRoot(JsonOptions options) : ParsingProcessor(options.Field, options.IgnoreMissing)
    {
        protected override ProcessorResult Parse(RecordValue text, Record record)
        {
            if (!TryRead(text, out var value)) return Failures.NotParsed(Field, text, "is not JSON");
            if (value.Kind != RecordValueKind.Object) return Failures.WrongType(Field, text, "a JSON object");
            record.Restore(RecordValue.FromObject(record.Root.EnumerateObject().Concat(value.EnumerateObject())));
            return ProcessorResult.Continue;
        }
    }
}
