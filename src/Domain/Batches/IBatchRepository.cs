using DataPipeline.Domain.Common;

namespace DataPipeline.Domain.Batches;

/// <summary>The batches as a collection. Belongs to one request; not thread-safe.</summary>
public interface IBatchRepository
{
    /// <returns>The batch, or <c>null</c> where <paramref name="owner"/> has none of this id in this pipeline.</returns>
    Task<Batch?> FindAsync(OwnerId owner, Guid pipelineId, Guid batchId, CancellationToken ct);
}
