using System.ComponentModel;

namespace DataPipeline.Application.Processing;

/// <summary>Options of the source <c>api</c>.</summary>
internal sealed record ApiSourceOptions
{
    [Description("A JSON Schema (2020-12) that every record must match; one that does not fails before the first processor.")]
    public RecordSchema? RecordSchema { get; init; }
}
