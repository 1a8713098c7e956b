using System.Globalization;
using System.Text;
using System.Text.Unicode;
using DataPipeline.Domain.Processing;

namespace DataPipeline.Infrastructure.Processors;

[Processor("urlDecode", "1.0", Description = "Decodes URL-encoded text.", IsAtomic = true)]
[Example("""{ "type": "urlDecode", "options": { "field": "query" } }""", Record = """{ "query": "name=Ada+Lovelace%26co" }""")]
internal sealed class UrlDecodeProcessor(FieldOptions options) : TextProcessor(options)
{
    protected override ProcessorResult ChangeText(ref RecordValue text)
    {
        var encoded = text.GetString();
        if (!encoded.AsSpan().ContainsAny('%', '+')) return ProcessorResult.Continue;
        var source = Encoding.UTF8.GetBytes(encoded);
        var decoded = new byte[source.Length];
        var length = 0;
        for (var at = 0; at < source.Length; at++)
        {
            if (source[at] != (byte)'%')
            {
                decoded[length++] = source[at] == (byte)'+' ? (byte)' ' : source[at];
                continue;
            }

            if (at + 2 >= source.Length || !byte.TryParse(source.AsSpan(at + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out decoded[length++]))
                return Failures.NotConverted(Field, text, "has a bad escape");
            at += 2;
        }

        if (!Utf8.IsValid(decoded.AsSpan(0, length))) return Failures.NotConverted(Field, text, "has escapes that are not UTF-8");
        text = RecordValue.FromUtf8(decoded.AsSpan(0, length));
        return ProcessorResult.Continue;
    }
}
