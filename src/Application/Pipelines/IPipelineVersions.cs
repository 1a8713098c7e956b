using DataPipeline.Domain.Pipelines;

namespace DataPipeline.Application.Pipelines;

/// <summary>The configurations a pipeline had, by version; a version never changes. Thread-safe.</summary>
public interface IPipelineVersions
{
    /// <returns>The configuration, or <c>null</c> where the pipeline is gone.</returns>
    Task<PipelineConfig?> FindAsync(Guid pipelineId, int version, CancellationToken ct);
}
