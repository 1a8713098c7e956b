using System.ComponentModel.DataAnnotations;

namespace DataPipeline.Application.Processing;

/// <summary>What processors may make of a record: section <c>Processing</c> of the configuration.</summary>
public sealed class ProcessingOptions
{
    public const string Section = "Processing";

    /// <summary>How long a record may become on its way, in bytes of JSON; no less than it was submitted with. 1 KiB to 256 MiB; default 4 MiB. A processor that would make it longer fails.</summary>
    [Range(1 << 10, 256 << 20)]
    public int MaxRecordBytes { get; set; } = 4 << 20;
}
