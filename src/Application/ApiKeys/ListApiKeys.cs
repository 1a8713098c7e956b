using DataPipeline.Application.Common;
using DataPipeline.Domain.ApiKeys;
using DataPipeline.Domain.Common;

namespace DataPipeline.Application.ApiKeys;

/// <param name="Owner">Whose keys; <c>null</c> for everybody's.</param>
public sealed record ListApiKeys(string? Owner) : IQuery<Result<IReadOnlyList<ApiKey>>>;

internal sealed class ListApiKeysHandler(IApiKeyRepository keys) : IQueryHandler<ListApiKeys, Result<IReadOnlyList<ApiKey>>>
{
    public async Task<Result<IReadOnlyList<ApiKey>>> Handle(ListApiKeys request, CancellationToken cancellationToken)
    {
        var found = await keys.ListAsync(request.Owner is null ? null : new OwnerId(request.Owner), cancellationToken);
        return Result<IReadOnlyList<ApiKey>>.Success(found);
    }
}
