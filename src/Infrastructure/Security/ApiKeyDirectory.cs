using System.Collections.Concurrent;
using DataPipeline.Application.ApiKeys;
using DataPipeline.Domain.ApiKeys;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;

namespace DataPipeline.Infrastructure.Security;

/// <summary>Looks keys up in the database and remembers what it found, keys that do not exist included, for a few seconds; with Redis, for all processes. Of a key only its hash goes there.</summary>
internal sealed class ApiKeyDirectory(HybridCache cache, IServiceScopeFactory scopes, TimeProvider clock) : IApiKeyDirectory
{
    // A revoked key has 5 s to stop working; this leaves time for the look-up itself. Counted from the look-up, through both levels of the cache.
    private static readonly HybridCacheEntryOptions Remembered = new() { Expiration = TimeSpan.FromSeconds(3) };

    private readonly ConcurrentDictionary<Guid, DateTimeOffset> _uses = new();

    public ValueTask<ApiKeyEntry?> FindAsync(byte[] hash, CancellationToken ct) =>
        cache.GetOrCreateAsync($"key:{Convert.ToHexString(hash)}", (scopes, hash), static (lookup, ct) => LookUpAsync(lookup.scopes, lookup.hash, ct), Remembered, cancellationToken: ct);

    public void NoteUse(Guid keyId) => _uses[keyId] = clock.GetUtcNow();

    /// <summary>Writes the uses noted since the last call.</summary>
    internal async Task WriteUsesAsync(CancellationToken ct)
    {
        var noted = _uses.ToArray();
        if (noted.Length == 0) return;
        foreach (var use in noted) _uses.TryRemove(use);
        try
        {
            await using var scope = scopes.CreateAsyncScope();
            await scope.ServiceProvider.GetRequiredService<IApiKeyRepository>().TouchAsync([.. noted.Select(use => use.Key)], noted.Max(use => use.Value), ct);
        }
        catch
        {
            foreach (var (key, at) in noted) _uses.TryAdd(key, at);
            throw;
        }
    }

    private static async ValueTask<ApiKeyEntry?> LookUpAsync(IServiceScopeFactory scopes, byte[] hash, CancellationToken ct)
    {
        await using var scope = scopes.CreateAsyncScope();
        var key = await scope.ServiceProvider.GetRequiredService<IApiKeyRepository>().FindByHashAsync(hash, ct);
        return key is null ? null : new ApiKeyEntry(key.Id, key.OwnerId, key.Prefix, key.RateLimit, key.RecordsLimit, key.ExpiresAt, key.RevokedAt is not null);
    }
}
