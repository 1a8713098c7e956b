using DataPipeline.Infrastructure.Redis;
using Microsoft.Extensions.Caching.Distributed;

namespace DataPipeline.Infrastructure.Caching;

/// <summary>The second level of caches: what Redis has, and nothing while it is away. Entries do not slide; asked asynchronously alone.</summary>
internal sealed class RedisCacheLevel(RedisCircuit redis) : IDistributedCache
{
    public async Task<byte[]?> GetAsync(string key, CancellationToken token = default) => (await redis.AskAsync(server => server.StringGetAsync(NameOf(key)), token)).Answer;

    public async Task SetAsync(string key, byte[] value, DistributedCacheEntryOptions options, CancellationToken token = default) =>
        await redis.AskAsync(server => server.StringSetAsync(NameOf(key), value, options.AbsoluteExpirationRelativeToNow!.Value), token);

    public async Task RemoveAsync(string key, CancellationToken token = default) => await redis.AskAsync(server => server.KeyDeleteAsync(NameOf(key)), token);

    public Task RefreshAsync(string key, CancellationToken token = default) => Task.CompletedTask;

    public byte[]? Get(string key) => throw new NotSupportedException();

    public void Set(string key, byte[] value, DistributedCacheEntryOptions options) => throw new NotSupportedException();

    public void Refresh(string key) => throw new NotSupportedException();

    public void Remove(string key) => throw new NotSupportedException();

    private static string NameOf(string key) => $"{RedisCircuit.Prefix}cache:{key}";
}
