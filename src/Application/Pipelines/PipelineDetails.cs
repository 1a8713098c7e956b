using System.Linq.Expressions;
using System.Text.Json;
using DataPipeline.Domain.Pipelines;

namespace DataPipeline.Application.Pipelines;

/// <summary>A pipeline with what it has done.</summary>
/// <param name="Config">Its configuration as it may be shown: without its secrets.</param>
public sealed record PipelineDetails(Pipeline Pipeline, JsonElement Config, PipelineMetrics Metrics);

/// <summary>A pipeline as lists show it.</summary>
public sealed record PipelineSummary(Guid Id, string Name, string? Description, PipelineStatus Status, int Version, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt)
{
    internal static readonly Expression<Func<Pipeline, PipelineSummary>> Of =
        pipeline => new PipelineSummary(pipeline.Id, pipeline.Name, pipeline.Description, pipeline.Status, pipeline.Version, pipeline.CreatedAt, pipeline.UpdatedAt);

    public PipelineActivity Activity { get; init; } = PipelineActivity.None;
}
