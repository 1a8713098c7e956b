using System.ComponentModel.DataAnnotations;

namespace DataPipeline.Application.Pipelines;

/// <summary>How many pipelines there may be: section <c>Pipelines</c> of the configuration.</summary>
public sealed class PipelineOptions
{
    public const string Section = "Pipelines";

    /// <summary>
    /// The most pipelines of an owner, 1 to 1,000,000; default 10,000. One more is refused; requests that are answered at the same moment may together pass it, by no more than there are of them.
    /// </summary>
    [Range(1, 1_000_000)]
    public int MaxPerOwner { get; set; } = 10_000;
}
