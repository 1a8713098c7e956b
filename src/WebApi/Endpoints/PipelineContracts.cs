using System.Reflection;
using System.Text.Json;
using DataPipeline.Application.Pipelines;
using DataPipeline.Application.Processing;
using DataPipeline.Domain.Common;
using DataPipeline.Domain.Pipelines;
using DataPipeline.WebApi.Http;

namespace DataPipeline.WebApi.Endpoints;

/// <summary>A pipeline as it is sent: the shape that the document shows; it is read by <see cref="PipelineBody"/>.</summary>
/// <param name="Name">1 to 100 characters, unique per owner, case aside.</param>
/// <param name="Config">Source, processors, destination, error policy.</param>
internal sealed record PipelineRequest(string Name, JsonElement Config, string? Description = null);

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

internal sealed record PipelineResponse(
    Guid Id, string Name, string? Description, PipelineStatus Status, int Version, JsonElement Config,
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

/// <param name="LatencyMs">Submission to end of the batches that ended in the last 24 hours.</param>
/// <param name="RecordsPerSecond">Processing speed over the same batches.</param>
internal sealed record PipelineMetricsResponse(
    long RecordsProcessed, long RecordsDelivered, long RecordsDropped, long RecordsFailed, BatchCountsResponse Batches, BatchLatency LatencyMs, double? RecordsPerSecond)
{
    internal static PipelineMetricsResponse Of(PipelineMetrics metrics) => new(
        metrics.RecordsProcessed, metrics.RecordsDelivered, metrics.RecordsDropped, metrics.RecordsFailed,
        new(metrics.PendingBatches, metrics.ProcessingBatches, metrics.CompletedBatches, metrics.FailedBatches, metrics.CancelledBatches),
        metrics.Latency, metrics.RecordsPerSecond);
}

internal sealed record BatchCountsResponse(int Pending, int Processing, int Completed, int Failed, int Cancelled);

internal sealed record PipelineSummaryResponse(
    Guid Id, string Name, string? Description, PipelineStatus Status, int Version, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt, DateTimeOffset? LastRunAt, double? ErrorRate)
{
    internal static PipelineSummaryResponse Of(PipelineSummary pipeline) => new(
        pipeline.Id, pipeline.Name, pipeline.Description, pipeline.Status, pipeline.Version, pipeline.CreatedAt, pipeline.UpdatedAt, pipeline.Activity.LastRunAt, pipeline.Activity.ErrorRate);
}

/// <param name="Points">One for each step, also where nothing happened.</param>
/// <param name="Processors">What each processor of the version has done.</param>
internal sealed record PipelineSeriesResponse(
    DateTimeOffset From, DateTimeOffset To, double StepMs, IReadOnlyList<MetricPointResponse> Points, int Version, IReadOnlyList<ProcessorStatisticsResponse> Processors)
{
    internal static PipelineSeriesResponse Of(PipelineSeries series) => new(
        series.From, series.To, series.Step.TotalMilliseconds, [.. series.Points.Select(MetricPointResponse.Of)], series.Version, [.. series.Processors.Select(ProcessorStatisticsResponse.Of)]);
}

/// <param name="Batches">How many batches ended.</param>
/// <param name="LatencyMs">Submission to end of those batches.</param>
internal sealed record MetricPointResponse(DateTimeOffset At, long Processed, long Delivered, long Dropped, long Failed, int Batches, PointLatencyResponse LatencyMs)
{
    internal static MetricPointResponse Of(MetricPoint point) => new(
        point.At, point.Delivered + point.Dropped + point.Failed, point.Delivered, point.Dropped, point.Failed, point.Batches, new(point.LatencyP50, point.LatencyP95));
}

internal sealed record PointLatencyResponse(double? P50, double? P95);

/// <param name="Records">How many records it processed; those its condition passed over do not count.</param>
/// <param name="Failed">How often it failed, also where that was handled or ignored.</param>
/// <param name="TotalMs">For how long it worked, estimated from samples.</param>
internal sealed record ProcessorStatisticsResponse(int Index, string Type, string? Tag, long Records, long Failed, long Dropped, double TotalMs)
{
    internal static ProcessorStatisticsResponse Of(ProcessorTally tally) =>
        new(tally.Processor.Index, tally.Processor.Type, tally.Processor.Tag, tally.Records, tally.Failed, tally.Dropped, Math.Round(tally.TotalMs, 3));
}
