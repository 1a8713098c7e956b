using DataPipeline.Application.Common;
using DataPipeline.Domain.ApiKeys;
using DataPipeline.Domain.Common;

namespace DataPipeline.Application.ApiKeys;

/// <summary>Ends a key. Revoking it again changes nothing.</summary>
/// <param name="Prefix">As lists show it.</param>
public sealed record RevokeApiKey(string Prefix) : ICommand<Result<ApiKey>>;

internal sealed class RevokeApiKeyHandler(IApiKeyRepository keys, IUnitOfWork work, TimeProvider clock) : ICommandHandler<RevokeApiKey, Result<ApiKey>>
{
    public async Task<Result<ApiKey>> Handle(RevokeApiKey request, CancellationToken cancellationToken)
    {
        var found = await keys.FindOneAsync(request.Prefix, cancellationToken);
        if (!found.IsSuccess) return found;
        found.Value.Revoke(clock.GetUtcNow());
        await work.SaveChangesAsync(cancellationToken);
        return found;
    }
}
