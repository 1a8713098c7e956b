using System.Diagnostics.CodeAnalysis;
using System.Text;
using DataPipeline.Domain.Processing;

namespace DataPipeline.Infrastructure.Processors;

[Processor("lowercase", "1.0", Description = "Makes text lower case, whatever the language.", IsAtomic = true)]
[Example("""{ "type": "lowercase", "options": { "field": "email" } }""", Record = """{ "email": "Ada@Example.com" }""")]
internal sealed class LowercaseProcessor(FieldOptions options) : TextProcessor(options)
{
    private const int StackLimit = 512;

    [SuppressMessage("Globalization", "CA1308", Justification = "Lower case is what is asked for.")]
    protected override ProcessorResult ChangeText(ref RecordValue text)
    {
        if (text.TryGetUtf8(out var utf8) && utf8.Length <= StackLimit && Ascii.IsValid(utf8))
        {
            if (!utf8.ContainsAnyInRange((byte)'A', (byte)'Z')) return ProcessorResult.Continue;
            Span<byte> lower = stackalloc byte[StackLimit];
            Ascii.ToLower(utf8, lower, out var length);
            text = RecordValue.FromUtf8(lower[..length]);
        }
        else
        {
            text = RecordValue.From(text.GetString().ToLowerInvariant());
        }

        return ProcessorResult.Continue;
    }
}
