using DataPipeline.Domain.Processing;

namespace DataPipeline.Infrastructure.Processors;

[Processor("trim", "1.0", Description = "Takes white space off both ends of text.", IsAtomic = true)]
[Example("""{ "type": "trim", "options": { "field": "name" } }""", Record = """{ "name": "  Ada " }""")]
internal sealed class TrimProcessor(FieldOptions options) : TextProcessor(options)
{
    protected override ProcessorResult ChangeText(ref RecordValue text)
    {
        // Between two printable ASCII characters there is nothing to trim.
        if (text.TryGetUtf8(out var utf8) && utf8 is [> 0x20 and < 0x7f, .., > 0x20 and < 0x7f]) return ProcessorResult.Continue;
        var whole = text.GetString();
        var trimmed = whole.Trim();
        if (trimmed.Length != whole.Length) text = RecordValue.From(trimmed);
        return ProcessorResult.Continue;
    }
}
