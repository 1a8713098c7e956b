using System.Globalization;
using DataPipeline.Domain.Processing;

namespace DataPipeline.Infrastructure.Processors;

[Processor("bytes", "1.0", Description = "Makes a number of bytes of a size such as 1.5kb.", IsAtomic = true)]
[Example("""{ "type": "bytes", "options": { "field": "size" } }""", Record = """{ "size": "1.5kb" }""")]
internal sealed class BytesProcessor(FieldOptions options) : TextProcessor(options)
{
    /// <summary>The longer ones first: each ends with the shorter one.</summary>
    private static readonly (string Unit, long Bytes)[] Units = [("kb", 1L << 10), ("mb", 1L << 20), ("gb", 1L << 30), ("tb", 1L << 40), ("pb", 1L << 50), ("b", 1)];

    protected override ProcessorResult ChangeText(ref RecordValue text)
    {
        var size = text.GetString().AsSpan().Trim();
        foreach (var (unit, bytes) in Units)
        {
            if (!size.EndsWith(unit, StringComparison.OrdinalIgnoreCase)) continue;
            if (!decimal.TryParse(size[..^unit.Length], NumberStyles.AllowDecimalPoint | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out var count)) break;
            if (count > long.MaxValue / bytes) return Failures.NotConverted(Field, text, "is out of the range of an integer of 64 bits");
            text = RecordValue.From((long)(count * bytes));
            return ProcessorResult.Continue;
        }

        return Failures.NotConverted(Field, text, "is not a size with a unit, such as 1.5kb");
    }
}
