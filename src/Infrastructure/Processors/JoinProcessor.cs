using System.ComponentModel;
using System.Text;
using DataPipeline.Domain.Processing;

namespace DataPipeline.Infrastructure.Processors;

internal sealed record JoinOptions : FieldOptions
{
    [Description("What to put between the elements.")]
    public required string Separator { get; init; }
}

[Processor("join", "1.0", Description = "Joins the elements of an array into one text.", IsAtomic = true)]
[Example("""{ "type": "join", "options": { "field": "tags", "separator": ", " } }""", Record = """{ "tags": ["new", "sale"] }""")]
internal sealed class JoinProcessor(JoinOptions options) : FieldProcessor(options)
{
    protected override ProcessorResult Change(ref RecordValue value, ProcessorContext context)
    {
        if (value.Kind != RecordValueKind.Array) return Failures.WrongType(Field, value, "an array");
        var text = new StringBuilder();
        for (var i = 0; i < value.Count; i++)
        {
            if (value[i].Kind is RecordValueKind.Array or RecordValueKind.Object) return Failures.WrongType(Field, value[i], "a text, a number or a boolean");
            if (i > 0) text.Append(options.Separator);
            text.Append(value[i].ToText());
            if (text.Length > Room) return TooLarge;
        }

        value = RecordValue.From(text.ToString());
        return ProcessorResult.Continue;
    }
}
