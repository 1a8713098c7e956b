using DataPipeline.Domain.ApiKeys;
using DataPipeline.Domain.Common;

namespace DataPipeline.Application.ApiKeys;

internal static class ApiKeyLookup
{
    /// <summary>The one key that an operator means by its prefix.</summary>
    internal static async Task<Result<ApiKey>> FindOneAsync(this IApiKeyRepository keys, string prefix, CancellationToken ct)
    {
        var found = await keys.FindByPrefixAsync(prefix, ct);
        return found.Count switch
        {
            0 => ApiKeyErrors.PrefixNotFound(prefix),
            1 => found[0],
            _ => ApiKeyErrors.PrefixAmbiguous(prefix),
        };
    }
}
