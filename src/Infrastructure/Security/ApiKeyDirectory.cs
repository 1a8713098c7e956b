using System.Collections.Concurrent;
using DataPipeline.Application.ApiKeys;
using DataPipeline.Domain.ApiKeys;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.DependencyInjection;

namespace DataPipeline.Infrastructure.Security;

/// <summary>Looks keys up in the database and remembers what it found, keys that do not exist included, for a few seconds.</summary>
internal sealed class ApiKeyDirectory(IServiceScopeFactory scopes, TimeProvider clock) : IApiKeyDirectory, IDisposable
{
    private const int MaxRemembered = 10_000;

    // A revoked key has 5 s to stop working; this leaves time for the look-up itself.
    private static readonly TimeSpan Remembered = TimeSpan.FromSeconds(3);

    private readonly MemoryCache _cache = new(new MemoryCacheOptions { SizeLimit = MaxRemembered });
    private readonly ConcurrentDictionary<Guid, DateTimeOffset> _uses = new();

    public async ValueTask<ApiKeyEntry?> FindAsync(byte[] hash, CancellationToken ct)
    {
        var cacheKey = Convert.ToHexString(hash);
        if (_cache.TryGetValue(cacheKey, out ApiKeyEntry? remembered)) return remembered;

        await using var scope = scopes.CreateAsyncScope();
        var key = await scope.ServiceProvider.GetRequiredService<IApiKeyRepository>().FindByHashAsync(hash, ct);
        var entry = key is null ? null : new ApiKeyEntry(key.Id, key.OwnerId, key.Prefix, key.RateLimit, key.ExpiresAt, key.RevokedAt is not null);
        return _cache.Set(cacheKey, entry, new MemoryCacheEntryOptions { AbsoluteExpirationRelativeToNow = Remembered, Size = 1 });
    }

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

    public void Dispose() => _cache.Dispose();
}
