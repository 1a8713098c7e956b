using DataPipeline.Domain.Batches;
using DataPipeline.Domain.Common;
using DataPipeline.Domain.Pipelines;
using Microsoft.EntityFrameworkCore;

namespace DataPipeline.Infrastructure.Persistence.Repositories;

internal sealed class PipelineRepository(AppDbContext context, Database database) : IPipelineRepository
{
    /// <summary>
    /// Whose a deleted pipeline is until everything that belongs to it has been removed. No look-up finds it, since the owner is part of every one, and
    /// no caller can be this owner, since it is no valid name.
    /// </summary>
    internal static readonly OwnerId Nobody = new("");

    public Task<Pipeline?> FindAsync(OwnerId owner, Guid id, CancellationToken ct) => context.Pipelines.SingleOrDefaultAsync(p => p.Id == id && p.OwnerId == owner, ct);

    public Task<bool> NameIsTakenAsync(OwnerId owner, string name, Guid except, CancellationToken ct)
    {
        var key = Pipeline.KeyOf(name);
        return context.Pipelines.AnyAsync(p => p.OwnerId == owner && p.NameKey == key && p.Id != except, ct);
    }

    public Task<int> CountAsync(OwnerId owner, CancellationToken ct) => context.Pipelines.CountAsync(p => p.OwnerId == owner, ct);

    public void Add(Pipeline pipeline) => context.Pipelines.Add(pipeline);

    public async Task<int> DeleteAsync(Pipeline pipeline, CancellationToken ct)
    {
        var active = await database.InTransactionAsync(
            async (db, transaction) =>
            {
                // The row is changed first, which locks out submissions, since they lock it too: no batch can come in between the count and the end.
                // The new version makes changes fail that were begun before; they find nothing when they look again.
                await db.Pipelines.Where(row => row.Id == pipeline.Id && row.OwnerId == pipeline.OwnerId).ExecuteUpdateAsync(
                    row => row.SetProperty(p => p.OwnerId, Nobody).SetProperty(p => p.NameKey, pipeline.Id.ToString()).SetProperty(p => p.Version, p => p.Version + 1), ct);
                var count = await db.Batches.CountAsync(b => b.PipelineId == pipeline.Id && (b.Status == BatchStatus.Pending || b.Status == BatchStatus.Processing), ct);
                if (count == 0) await transaction.CommitAsync(ct);
                return count;
            }, ct);
        if (active == 0) context.Entry(pipeline).State = EntityState.Detached;
        return active;
    }
}
