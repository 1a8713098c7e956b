using System.ComponentModel;
using DataPipeline.Domain.Common;

namespace DataPipeline.Application.ApiKeys;

/// <summary>What has to be known of a key to let a request in.</summary>
/// <param name="RateLimit">Requests per window; <c>null</c> for the service's default.</param>
/// <param name="RecordsLimit">Records that may be submitted a minute; <c>null</c> for any number.</param>
/// <param name="Expires">From when on it is refused; <c>null</c> for never.</param>
/// <param name="IsRevoked">Whether it is refused already.</param>
[ImmutableObject(true)]
public sealed record ApiKeyEntry(Guid Id, OwnerId Owner, string Prefix, int? RateLimit, int? RecordsLimit, DateTimeOffset? Expires, bool IsRevoked);

/// <summary>The keys as requests look them up: what it says may be a few seconds old. Thread-safe.</summary>
public interface IApiKeyDirectory
{
    /// <returns>The key; <c>null</c> where there is none.</returns>
    ValueTask<ApiKeyEntry?> FindAsync(byte[] hash, CancellationToken ct);

    /// <summary>Notes that the key was used now; written later, many at once.</summary>
    void NoteUse(Guid keyId);
}
