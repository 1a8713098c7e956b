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

    public Task<int?> DeleteAsync(OwnerId owner, Guid id, CancellationToken ct) => database.InTransactionAsync<int?>(
        async (db, transaction) =>
        {
            // The row is changed first, which locks out submissions, since they lock it too: no batch can come in between the count and the end.
            // The new version makes changes fail that were begun before; they find nothing when they look again.
            var found = await db.Pipelines.Where(row => row.Id == id && row.OwnerId == owner).ExecuteUpdateAsync(
                row => row.SetProperty(p => p.OwnerId, Nobody).SetProperty(p => p.NameKey, id.ToString()).SetProperty(p => p.Version, p => p.Version + 1), ct);
            if (found == 0) return null;
            var active = await db.Batches.CountAsync(b => b.PipelineId == id && (b.Status == BatchStatus.Pending || b.Status == BatchStatus.Processing), ct);
            if (active == 0) await transaction.CommitAsync(ct);
            return active;
        }, ct);
}
