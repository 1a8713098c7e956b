using System.ComponentModel.DataAnnotations;

namespace DataPipeline.Application.Processing;

/// <summary>What processors may make of a record: section <c>Processing</c> of the configuration.</summary>
public sealed class ProcessingOptions
{
    public const string Section = "Processing";

    /// <summary>How long a record may become on its way, in bytes of JSON; no less than it was submitted with. 1 KiB to 256 MiB; default 4 MiB. A processor that would make it longer fails.</summary>
    [Range(1 << 10, 256 << 20)]
    public int MaxRecordBytes { get; set; } = 4 << 20;

    /// <summary>
    /// For how many milliseconds a processor of a plugin, or a <c>foreach</c>, may be at one record, 10 to 600,000; default 10,000. What takes longer is cancelled, and what does not
    /// end then is given up a second later. The other built-in processors have narrower bounds of their own.
    /// </summary>
    [Range(10, 600_000)]
    public int TimeoutMilliseconds { get; set; } = 10_000;

    internal TimeSpan Timeout => TimeSpan.FromMilliseconds(TimeoutMilliseconds);
}
