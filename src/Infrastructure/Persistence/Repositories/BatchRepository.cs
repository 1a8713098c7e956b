using DataPipeline.Domain.Batches;
using DataPipeline.Domain.Common;
using Microsoft.EntityFrameworkCore;

namespace DataPipeline.Infrastructure.Persistence.Repositories;

internal sealed class BatchRepository(AppDbContext context) : IBatchRepository
{
    public Task<Batch?> FindAsync(OwnerId owner, Guid pipelineId, Guid batchId, CancellationToken ct) =>
        context.LivingBatches.SingleOrDefaultAsync(b => b.Id == batchId && b.PipelineId == pipelineId && b.OwnerId == owner, ct);
}
