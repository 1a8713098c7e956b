using DataPipeline.Domain.Common;

namespace DataPipeline.Domain.Pipelines;

/// <summary>The pipelines as a collection. Changes are kept by the unit of work. Belongs to one request; not thread-safe.</summary>
public interface IPipelineRepository
{
    /// <returns>The pipeline, tracked, or <c>null</c> where <paramref name="owner"/> has none of this id.</returns>
    Task<Pipeline?> FindAsync(OwnerId owner, Guid id, CancellationToken ct);

    /// <summary>Whether another pipeline of the owner bears the name, case aside.</summary>
    /// <param name="except">The pipeline that may bear it.</param>
    Task<bool> NameIsTakenAsync(OwnerId owner, string name, Guid except, CancellationToken ct);

    /// <summary>How many pipelines the owner has.</summary>
    Task<int> CountAsync(OwnerId owner, CancellationToken ct);

    void Add(Pipeline pipeline);

    /// <summary>
    /// Deletes the pipeline unless a batch of it is active. It and all that belongs to it is gone at once for every caller; what that takes up is given back later.
    /// It is not read, so that one whose configuration cannot be decrypted can be deleted too.
    /// </summary>
    /// <returns>How many active batches prevented it, 0 when it is deleted; <c>null</c> where <paramref name="owner"/> has none of this id.</returns>
    Task<int?> DeleteAsync(OwnerId owner, Guid id, CancellationToken ct);
}
