using DataPipeline.Domain.Batches;
using DataPipeline.Domain.Common;
using DataPipeline.Domain.Pipelines;
using Microsoft.EntityFrameworkCore;

namespace DataPipeline.Infrastructure.Persistence.Repositories;

internal sealed class PipelineRepository(AppDbContext context, Database database) : IPipelineRepository
{
    public Task<Pipeline?> FindAsync(OwnerId owner, Guid id, CancellationToken ct) => context.Pipelines.SingleOrDefaultAsync(p => p.Id == id && p.OwnerId == owner, ct);

    public Task<bool> NameIsTakenAsync(OwnerId owner, string name, Guid except, CancellationToken ct)
    {
        var key = Pipeline.KeyOf(name);
        return context.Pipelines.AnyAsync(p => p.OwnerId == owner && p.NameKey == key && p.Id != except, ct);
    }

    public void Add(Pipeline pipeline) => context.Pipelines.Add(pipeline);

    public async Task<int> DeleteAsync(Pipeline pipeline, CancellationToken ct)
    {
        var active = await database.InTransactionAsync(
            async (db, transaction) =>
            {
                // Touching the row first locks out submissions, which lock it too: no batch can come in between the count and the end.
                await db.Pipelines.Where(p => p.Id == pipeline.Id).ExecuteUpdateAsync(p => p.SetProperty(row => row.NameKey, row => row.NameKey), ct);
                var batches = db.Batches.Where(b => b.PipelineId == pipeline.Id);
                if (await batches.CountAsync(b => b.Status == BatchStatus.Pending || b.Status == BatchStatus.Processing, ct) is > 0 and var count) return count;
                await db.DeliveredRecords.Where(r => batches.Any(b => b.Id == r.BatchId)).ExecuteDeleteAsync(ct);
                await db.BatchErrors.Where(e => batches.Any(b => b.Id == e.BatchId)).ExecuteDeleteAsync(ct);
                await batches.ExecuteDeleteAsync(ct);
                await db.IdempotencyKeys.Where(k => k.PipelineId == pipeline.Id).ExecuteDeleteAsync(ct);
                await db.Pipelines.Where(p => p.Id == pipeline.Id).ExecuteDeleteAsync(ct);
                await transaction.CommitAsync(ct);
                return 0;
            }, ct);
        if (active == 0) context.Entry(pipeline).State = EntityState.Detached;
        return active;
    }
}
