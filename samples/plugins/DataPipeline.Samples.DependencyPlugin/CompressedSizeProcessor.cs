using System.ComponentModel;
using System.Text;
using DataPipeline.Domain.Processing;
using DataPipeline.Samples.PrivateDependency;

namespace DataPipeline.Samples.DependencyPlugin;

/// <summary>Options of <c>compressedSize</c>.</summary>
public sealed record CompressedSizeOptions
{
    /// <summary>The field whose value to measure.</summary>
    [Description("The field whose value to measure.")]
    public required FieldPath Field { get; init; }

    /// <summary>The field to write the measurement to.</summary>
    [Description("The field to write the measurement to.")]
    public FieldPath TargetField { get; init; } = FieldPath.Parse("compressedSize");
}

/// <summary>Says how large a value is when it is compressed, and which version of the library compressed it.</summary>
[Processor("compressedSize", "1.0", Description = "Measures how large a value is when it is compressed.")]
[Example("""{ "type": "compressedSize", "options": { "field": "text" } }""", Record = """{ "text": "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" }""")]
public sealed class CompressedSizeProcessor(CompressedSizeOptions options) : IProcessor
{
    /// <inheritdoc/>
    public ProcessorResult Process(Record record, ProcessorContext context)
    {
        ArgumentNullException.ThrowIfNull(record);
        var size = RunLength.SizeOf(Encoding.UTF8.GetBytes(record.Get(options.Field).ToText()));
        var measurement = RecordValue.FromObject([
            new("bytes", RecordValue.From(size)),
            new("library", RecordValue.From(typeof(RunLength).Assembly.GetName().Version!.ToString())),
        ]);
        return record.TrySet(options.TargetField, measurement) ? ProcessorResult.Continue : ProcessorResult.Fail("INVALID_PATH", $"{options.TargetField} cannot be written.");
    }
}
