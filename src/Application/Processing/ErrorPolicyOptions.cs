using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace DataPipeline.Application.Processing;

/// <summary>What stands under <c>errorPolicy</c>.</summary>
internal sealed record ErrorPolicyOptions
{
    [Description("The most records that may fail before the batch fails.")]
    [Range(0, int.MaxValue)]
    public int? MaxFailedRecords { get; init; }

    [Description("The largest part of the batch's records that may fail, in percent.")]
    [Range(0.0, 100.0)]
    public double? MaxFailedPercent { get; init; }
}
