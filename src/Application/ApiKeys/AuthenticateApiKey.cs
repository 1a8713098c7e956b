using DataPipeline.Application.Common;
using DataPipeline.Domain.Common;

namespace DataPipeline.Application.ApiKeys;

/// <summary>Finds out for whom a request acts.</summary>
/// <param name="Key">What the caller sent.</param>
public sealed record AuthenticateApiKey(string Key) : IQuery<Result<ApiKeyEntry>>
{
    /// <summary>Without the key, which has no place in a log.</summary>
    public override string ToString() => nameof(AuthenticateApiKey);
}

internal sealed class AuthenticateApiKeyHandler(IApiKeySecrets secrets, IApiKeyDirectory directory, TimeProvider clock) : IQueryHandler<AuthenticateApiKey, Result<ApiKeyEntry>>
{
    public async Task<Result<ApiKeyEntry>> Handle(AuthenticateApiKey request, CancellationToken cancellationToken)
    {
        if (secrets.Read(request.Key) is not { } secret) return ApiKeyErrors.Invalid;
        var entry = await directory.FindAsync(secret.Hash, cancellationToken);
        if (entry is null || entry.IsRevoked || entry.Expires <= clock.GetUtcNow()) return ApiKeyErrors.Invalid;
        directory.NoteUse(entry.Id);
        return entry;
    }
}
