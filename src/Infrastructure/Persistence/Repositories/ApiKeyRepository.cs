using DataPipeline.Domain.ApiKeys;
using DataPipeline.Domain.Common;
using Microsoft.EntityFrameworkCore;

namespace DataPipeline.Infrastructure.Persistence.Repositories;

internal sealed class ApiKeyRepository(AppDbContext context, Database database) : IApiKeyRepository
{
    public Task<ApiKey?> FindByHashAsync(byte[] hash, CancellationToken ct) => context.ApiKeys.SingleOrDefaultAsync(k => k.Hash == hash, ct);

    public async Task<IReadOnlyList<ApiKey>> FindByPrefixAsync(string prefix, CancellationToken ct) => await context.ApiKeys.Where(k => k.Prefix == prefix).OrderBy(k => k.Id).ToListAsync(ct);

    public async Task<IReadOnlyList<ApiKey>> ListAsync(OwnerId? owner, CancellationToken ct)
    {
        var keys = context.ApiKeys.AsQueryable();
        if (owner is { } wanted) keys = keys.Where(k => k.OwnerId == wanted);
        return await keys.OrderBy(k => k.Id).ToListAsync(ct);
    }

    public async Task<IReadOnlyList<ApiKey>> ListBootstrapAsync(CancellationToken ct) => await context.ApiKeys.Where(k => k.IsBootstrap).OrderBy(k => k.Id).ToListAsync(ct);

    public void Add(ApiKey key) => context.ApiKeys.Add(key);

    public void Remove(ApiKey key) => context.ApiKeys.Remove(key);

    public async Task TouchAsync(IReadOnlyCollection<Guid> keys, DateTimeOffset usedAt, CancellationToken ct)
    {
        using var turn = await database.EnterWriteAsync(ct);
        await context.ApiKeys.Where(k => keys.Contains(k.Id)).ExecuteUpdateAsync(k => k.SetProperty(key => key.LastUsedAt, usedAt), ct);
    }
}
