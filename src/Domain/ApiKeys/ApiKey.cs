using DataPipeline.Domain.Common;

namespace DataPipeline.Domain.ApiKeys;

/// <summary>What lets a caller act for an owner. The key itself is never kept, only its SHA-256.</summary>
public sealed class ApiKey
{
    public const int NameMaxLength = 100;
    public const int PrefixLength = 8;
    public const int MaxRateLimit = 1_000_000;
    public const int MaxRecordsLimit = 1_000_000_000;

    private ApiKey(Guid id, OwnerId ownerId, string name, string prefix, byte[] hash, DateTimeOffset createdAt, DateTimeOffset? expiresAt, int? rateLimit, int? recordsLimit, bool isBootstrap)
    {
        Id = id;
        OwnerId = ownerId;
        Name = name;
        Prefix = prefix;
        Hash = hash;
        CreatedAt = createdAt;
        ExpiresAt = expiresAt;
        RateLimit = rateLimit;
        RecordsLimit = recordsLimit;
        IsBootstrap = isBootstrap;
    }

    public Guid Id { get; private set; }

    public OwnerId OwnerId { get; private set; }

    public string Name { get; private set; }

    /// <summary>The first <see cref="PrefixLength"/> random characters: tells keys apart in lists, and says too little to use one.</summary>
    public string Prefix { get; private set; }

    /// <summary>SHA-256 of the whole key, as UTF-8. A key has 256 random bits, so a slow hash would protect nothing.</summary>
    public byte[] Hash { get; private set; }

    public DateTimeOffset CreatedAt { get; private set; }

    /// <summary>From when on the key is refused; <c>null</c> for never.</summary>
    public DateTimeOffset? ExpiresAt { get; private set; }

    public DateTimeOffset? RevokedAt { get; private set; }

    /// <summary>When it last authenticated a request, to the minute or so; <c>null</c> for never.</summary>
    public DateTimeOffset? LastUsedAt { get; private set; }

    /// <summary>Requests allowed per window; <c>null</c> for the service's default.</summary>
    public int? RateLimit { get; private set; }

    /// <summary>Records that may be submitted a minute; <c>null</c> for as many as the service takes.</summary>
    public int? RecordsLimit { get; private set; }

    /// <summary>The prefix of the key that takes its place; <c>null</c> where none does. It goes on until <see cref="ExpiresAt"/>.</summary>
    public string? ReplacedBy { get; private set; }

    /// <summary>Whether it comes from configuration, and so lives only as long as it stands there.</summary>
    public bool IsBootstrap { get; private set; }

    public static ApiKey Issue(
        Guid id, OwnerId owner, string name, string prefix, byte[] hash, DateTimeOffset now, DateTimeOffset? expiresAt = null, int? rateLimit = null, int? recordsLimit = null, bool isBootstrap = false) =>
        new(id, owner, name, prefix, hash, now, expiresAt, rateLimit, recordsLimit, isBootstrap);

    public bool IsUsable(DateTimeOffset now) => RevokedAt is null && !(ExpiresAt <= now);

    /// <summary>Gives the key's place to <paramref name="successor"/>, and lets it go on until then at most; an earlier end stays.</summary>
    public void ReplaceBy(ApiKey successor, DateTimeOffset until)
    {
        ReplacedBy = successor.Prefix;
        if (!(ExpiresAt <= until)) ExpiresAt = until;
    }

    /// <summary>Revoking again keeps the first time.</summary>
    public void Revoke(DateTimeOffset now) => RevokedAt ??= now;
}
