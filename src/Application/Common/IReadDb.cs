using DataPipeline.Domain.Batches;
using DataPipeline.Domain.Pipelines;

namespace DataPipeline.Application.Common;

/// <summary>What queries project from: untracked, composable, executed by the methods below. Belongs to one request; not thread-safe.</summary>
public interface IReadDb
{
    IQueryable<Pipeline> Pipelines { get; }

    IQueryable<Batch> Batches { get; }

    Task<IReadOnlyList<T>> ListAsync<T>(IQueryable<T> query, CancellationToken ct);

    Task<T?> FirstOrDefaultAsync<T>(IQueryable<T> query, CancellationToken ct);
}
