using DataPipeline.Application.Common;
using DataPipeline.Domain.ApiKeys;
using DataPipeline.Domain.Common;

namespace DataPipeline.Application.ApiKeys;

/// <summary>A key that stands in the configuration.</summary>
public sealed record BootstrapApiKey(OwnerId Owner, string Name, ApiKeySecret Secret);

/// <summary>
/// Makes the keys of the configuration, and removes those that stood in it once and no longer do.
/// One that was revoked stays revoked for as long as it stands there: who revoked it meant it.
/// </summary>
public sealed record SyncBootstrapKeys(IReadOnlyList<BootstrapApiKey> Keys) : ICommand<Result>;

internal sealed class SyncBootstrapKeysHandler(IApiKeyRepository keys, IUnitOfWork work, IIdGenerator ids, TimeProvider clock) : ICommandHandler<SyncBootstrapKeys, Result>
{
    public async Task<Result> Handle(SyncBootstrapKeys request, CancellationToken cancellationToken)
    {
        var stored = await keys.ListBootstrapAsync(cancellationToken);
        foreach (var key in stored.Where(key => !request.Keys.Any(wanted => IsSame(wanted, key)))) keys.Remove(key);
        foreach (var wanted in request.Keys.Where(wanted => !stored.Any(key => IsSame(wanted, key))))
        {
            var renamed = stored.FirstOrDefault(key => HasHash(key, wanted));
            if (renamed is null && await keys.FindByHashAsync(wanted.Secret.Hash, cancellationToken) is not null) continue;
            var key = ApiKey.Issue(ids.NewId(), wanted.Owner, wanted.Name, wanted.Secret.Prefix, wanted.Secret.Hash, clock.GetUtcNow(), isBootstrap: true);
            if (renamed?.RevokedAt is { } revoked) key.Revoke(revoked);
            keys.Add(key);
        }

        await work.SaveChangesAsync(cancellationToken);
        return Result.Success;
    }

    private static bool IsSame(BootstrapApiKey wanted, ApiKey key) => HasHash(key, wanted) && wanted.Owner == key.OwnerId && wanted.Name == key.Name;

    private static bool HasHash(ApiKey key, BootstrapApiKey wanted) => wanted.Secret.Hash.AsSpan().SequenceEqual(key.Hash);
}
