using DataPipeline.Application.Common;
using DataPipeline.Domain.Batches;
using DataPipeline.Domain.Pipelines;
using Microsoft.EntityFrameworkCore;

namespace DataPipeline.Infrastructure.Persistence;

internal sealed class ReadDb(AppDbContext context) : IReadDb
{
    public IQueryable<Pipeline> Pipelines => context.Pipelines.AsNoTracking();

    public IQueryable<Batch> Batches => context.LivingBatches;

    public async Task<IReadOnlyList<T>> ListAsync<T>(IQueryable<T> query, CancellationToken ct) => await query.ToListAsync(ct);

    public Task<T?> FirstOrDefaultAsync<T>(IQueryable<T> query, CancellationToken ct) => query.FirstOrDefaultAsync(ct);
}
