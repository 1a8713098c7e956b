using DataPipeline.Application.Common;
using DataPipeline.Domain.Batches;
using DataPipeline.Domain.Common;
using DataPipeline.Domain.Pipelines;

namespace DataPipeline.Application.Batches;

internal static class BatchLookup
{
    /// <returns>The owner's batch of this pipeline, or which of the two the owner does not have.</returns>
    internal static async Task<Result<Batch>> FindBatchAsync(this IReadDb db, OwnerId owner, Guid pipelineId, Guid batchId, CancellationToken ct)
    {
        var batch = await db.FirstOrDefaultAsync(db.Batches.Where(batch => batch.Id == batchId && batch.PipelineId == pipelineId && batch.OwnerId == owner), ct);
        if (batch is not null) return batch;
        return await db.HasPipelineAsync(owner, pipelineId, ct) ? BatchErrors.NotFound(batchId) : PipelineErrors.NotFound(pipelineId);
    }

    internal static async Task<bool> HasPipelineAsync(this IReadDb db, OwnerId owner, Guid pipelineId, CancellationToken ct) =>
        await db.FirstOrDefaultAsync(db.Pipelines.Where(pipeline => pipeline.Id == pipelineId && pipeline.OwnerId == owner).Select(pipeline => (Guid?)pipeline.Id), ct) is not null;
}
