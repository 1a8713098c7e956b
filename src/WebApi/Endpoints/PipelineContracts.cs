using System.ComponentModel.DataAnnotations;
using System.Reflection;
using System.Text.Json;
using DataPipeline.Application.Pipelines;
using DataPipeline.Application.Processing;
using DataPipeline.Domain.Common;
using DataPipeline.Domain.Pipelines;
using DataPipeline.WebApi.Http;
using DataPipeline.WebApi.OpenApi;

namespace DataPipeline.WebApi.Endpoints;

// The requests are what the document shows; the bodies read them, and find all that is wrong with one at once.

/// <summary>What a pipeline is to be.</summary>
/// <param name="Name">Unique per owner, case aside.</param>
/// <param name="Description">What it is for.</param>
[Closed]
internal sealed record PipelineRequest(
    [property: StringLength(Pipeline.NameMaxLength, MinimumLength = 1)] string Name,
    [property: Shape(ConfigurationSchema.Root)] JsonElement Config,
    [property: MaxLength(Pipeline.DescriptionMaxLength)] string? Description = null);

internal sealed record PipelineBody(PipelineDefinition Definition, Error? Fault) : IBound, IBindableFromHttpContext<PipelineBody>
{
    private const int MaxDepth = 64;
    private static readonly PipelineDefinition Nothing = new(null, null, default, []);

    public static async ValueTask<PipelineBody?> BindAsync(HttpContext context, ParameterInfo parameter)
    {
        var json = await JsonRequest.ReadAsync(context, MaxDepth);
        if (!json.IsSuccess) return new PipelineBody(Nothing, json.Error);
        var body = new BodyMembers(json.Value);
        var (name, description, config) = (body.OptionalText("name"), body.OptionalText("description"), body.Any("config"));
        return new PipelineBody(new PipelineDefinition(name, description, config, body.Faults()), null);
    }
}

/// <summary>A pipeline with what it has done.</summary>
/// <param name="Version">1 at creation, one more with every change of name, description or configuration.</param>
/// <param name="Config">The configuration as it was written, with *** in the place of its secrets.</param>
/// <param name="LastRunAt">When a batch last started or ended; null where none has.</param>
/// <param name="ErrorRate">Failed by processed records of the batches that ended in the last 24 hours, 0 to 1; null where none was processed.</param>
internal sealed record PipelineResponse(
    Guid Id, string Name, string? Description, PipelineStatus Status, int Version, [property: Shape(ConfigurationSchema.Root)] JsonElement Config,
    DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt, DateTimeOffset? LastRunAt, double? ErrorRate, PipelineMetricsResponse Metrics)
{
    internal static PipelineResponse Of(PipelineDetails details)
    {
        var (pipeline, config, metrics) = details;
        return new(
            pipeline.Id, pipeline.Name, pipeline.Description, pipeline.Status, pipeline.Version, config,
            pipeline.CreatedAt, pipeline.UpdatedAt, metrics.Activity.LastRunAt, metrics.Activity.ErrorRate, PipelineMetricsResponse.Of(metrics));
    }
}

/// <summary>What a pipeline has done since it was created, and how fast of late.</summary>
/// <param name="RecordsProcessed">All records processed so far: delivered, dropped and failed.</param>
/// <param name="Batches">How many of its batches are in each status now.</param>
/// <param name="LatencyMs">Submission to end of the batches that ended in the last 24 hours, at most the last 1,000.</param>
/// <param name="RecordsPerSecond">Processing speed over the same batches; null where there are none.</param>
internal sealed record PipelineMetricsResponse(
    long RecordsProcessed, long RecordsDelivered, long RecordsDropped, long RecordsFailed, BatchCountsResponse Batches, BatchLatency LatencyMs, double? RecordsPerSecond)
{
    internal static PipelineMetricsResponse Of(PipelineMetrics metrics) => new(
        metrics.RecordsProcessed, metrics.RecordsDelivered, metrics.RecordsDropped, metrics.RecordsFailed,
        new(metrics.PendingBatches, metrics.ProcessingBatches, metrics.CompletedBatches, metrics.FailedBatches, metrics.CancelledBatches),
        metrics.Latency, metrics.RecordsPerSecond);
}

/// <summary>How many batches are in each status.</summary>
internal sealed record BatchCountsResponse(int Pending, int Processing, int Completed, int Failed, int Cancelled);

/// <summary>A pipeline as lists show it.</summary>
/// <param name="Version">1 at creation, one more with every change of name, description or configuration.</param>
/// <param name="LastRunAt">When a batch last started or ended; null where none has.</param>
/// <param name="ErrorRate">Failed by processed records of the batches that ended in the last 24 hours, 0 to 1; null where none was processed.</param>
internal sealed record PipelineSummaryResponse(
    Guid Id, string Name, string? Description, PipelineStatus Status, int Version, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt, DateTimeOffset? LastRunAt, double? ErrorRate)
{
    internal static PipelineSummaryResponse Of(PipelineSummary pipeline) => new(
        pipeline.Id, pipeline.Name, pipeline.Description, pipeline.Status, pipeline.Version, pipeline.CreatedAt, pipeline.UpdatedAt, pipeline.Activity.LastRunAt, pipeline.Activity.ErrorRate);
}

/// <summary>A pipeline's work over time.</summary>
/// <param name="From">Start of the first point.</param>
/// <param name="To">End of the last point, which may lie in the future.</param>
/// <param name="StepMs">The length of a point, in milliseconds.</param>
/// <param name="Points">One for each step, also where nothing happened.</param>
/// <param name="Version">The version whose processors are shown.</param>
/// <param name="Processors">What each processor of the version has done.</param>
internal sealed record PipelineSeriesResponse(
    DateTimeOffset From, DateTimeOffset To, double StepMs, IReadOnlyList<MetricPointResponse> Points, int Version, IReadOnlyList<ProcessorStatisticsResponse> Processors)
{
    internal static PipelineSeriesResponse Of(PipelineSeries series) => new(
        series.From, series.To, series.Step.TotalMilliseconds, [.. series.Points.Select(MetricPointResponse.Of)], series.Version, [.. series.Processors.Select(ProcessorStatisticsResponse.Of)]);
}

/// <summary>A pipeline's work in one step.</summary>
/// <param name="At">When the step began.</param>
/// <param name="Processed">How many records were processed: delivered, dropped and failed.</param>
/// <param name="Batches">How many batches ended.</param>
/// <param name="LatencyMs">Submission to end of those batches.</param>
internal sealed record MetricPointResponse(DateTimeOffset At, long Processed, long Delivered, long Dropped, long Failed, int Batches, PointLatencyResponse LatencyMs)
{
    internal static MetricPointResponse Of(MetricPoint point) => new(
        point.At, point.Delivered + point.Dropped + point.Failed, point.Delivered, point.Dropped, point.Failed, point.Batches, new(point.LatencyP50, point.LatencyP95));
}

/// <summary>Submission to end of batches, in milliseconds, by nearest rank; null where no batch ended.</summary>
internal sealed record PointLatencyResponse(double? P50, double? P95);

/// <summary>What a processor has done.</summary>
/// <param name="Index">Its place in the configuration, from 0.</param>
/// <param name="Tag">The name its owner gave it, or null.</param>
/// <param name="Records">How many records it processed; those its condition passed over do not count.</param>
/// <param name="Failed">How often it failed, also where that was handled or ignored.</param>
/// <param name="TotalMs">For how long it worked, in milliseconds, estimated from samples.</param>
internal sealed record ProcessorStatisticsResponse(int Index, string Type, string? Tag, long Records, long Failed, long Dropped, double TotalMs)
{
    internal static ProcessorStatisticsResponse Of(ProcessorTally tally) =>
        new(tally.Processor.Index, tally.Processor.Type, tally.Processor.Tag, tally.Records, tally.Failed, tally.Dropped, Math.Round(tally.TotalMs, 3));
}
