using DataPipeline.Domain.Common;

namespace DataPipeline.Domain.ApiKeys;

/// <summary>The API keys as a collection. Changes are kept by the unit of work. Belongs to one request; not thread-safe.</summary>
public interface IApiKeyRepository
{
    Task<ApiKey?> FindByHashAsync(byte[] hash, CancellationToken ct);

    /// <summary>The keys whose prefix is <paramref name="prefix"/>: one but for a chance of 62⁻⁸.</summary>
    Task<IReadOnlyList<ApiKey>> FindByPrefixAsync(string prefix, CancellationToken ct);

    /// <param name="owner">Whose keys; <c>null</c> for everybody's.</param>
    Task<IReadOnlyList<ApiKey>> ListAsync(OwnerId? owner, CancellationToken ct);

    Task<IReadOnlyList<ApiKey>> ListBootstrapAsync(CancellationToken ct);

    void Add(ApiKey key);

    void Remove(ApiKey key);

    /// <summary>Notes that the keys were used, at once and without loading them.</summary>
    Task TouchAsync(IReadOnlyCollection<Guid> keys, DateTimeOffset usedAt, CancellationToken ct);
}
