using System.Text;
using DataPipeline.Domain.Processing;

namespace DataPipeline.Infrastructure.Processors;

[Processor("uppercase", "1.0", Description = "Makes text upper case, whatever the language.", IsAtomic = true)]
[Example("""{ "type": "uppercase", "options": { "field": "currency" } }""", Record = """{ "currency": "eur" }""")]
internal sealed class UppercaseProcessor(FieldOptions options) : TextProcessor(options)
{
    private const int StackLimit = 512;

    protected override ProcessorResult ChangeText(ref RecordValue text)
    {
        if (text.TryGetUtf8(out var utf8) && utf8.Length <= StackLimit && Ascii.IsValid(utf8))
        {
            if (!utf8.ContainsAnyInRange((byte)'a', (byte)'z')) return ProcessorResult.Continue;
            Span<byte> upper = stackalloc byte[StackLimit];
            Ascii.ToUpper(utf8, upper, out var length);
            text = RecordValue.FromUtf8(upper[..length]);
        }
        else
        {
            text = RecordValue.From(text.GetString().ToUpperInvariant());
        }

        return ProcessorResult.Continue;
    }
}
