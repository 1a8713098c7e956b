using DataPipeline.Application.Common;
using DataPipeline.Domain.ApiKeys;
using DataPipeline.Domain.Common;
using FluentValidation;

namespace DataPipeline.Application.ApiKeys;

/// <summary>
/// Makes a key that takes the place of another: of the same owner, name and limits, and good for as long as that was made for.
/// The other goes on for a while, so that whoever uses it can change over, and is not replaced again: whoever has lost the new key replaces that.
/// </summary>
/// <param name="Prefix">Of the key to replace, as lists show it.</param>
/// <param name="Grace">For how long that goes on; nothing ends it at once.</param>
public sealed record RotateApiKey(string Prefix, TimeSpan Grace) : ICommand<Result<RotatedApiKey>>;

/// <param name="Key">The new key in full. It is kept nowhere.</param>
public sealed record RotatedApiKey(string Key, ApiKey Details, ApiKey Replaced);

internal sealed class RotateApiKeyValidator : AbstractValidator<RotateApiKey>
{
    private static readonly TimeSpan MaxGrace = TimeSpan.FromDays(365);

    public RotateApiKeyValidator() =>
        RuleFor(command => command.Grace).Must(grace => grace >= TimeSpan.Zero && grace <= MaxGrace)
            .OverridePropertyName("grace").WithErrorCode("OUT_OF_RANGE").WithMessage($"grace must be at most {MaxGrace.TotalDays} days.");
}

internal sealed class RotateApiKeyHandler(IApiKeyRepository keys, IApiKeySecrets secrets, IUnitOfWork work, IIdGenerator ids, TimeProvider clock) : ICommandHandler<RotateApiKey, Result<RotatedApiKey>>
{
    public async Task<Result<RotatedApiKey>> Handle(RotateApiKey request, CancellationToken cancellationToken)
    {
        var found = await keys.FindOneAsync(request.Prefix, cancellationToken);
        if (!found.IsSuccess) return found.Error;
        var (old, now) = (found.Value, clock.GetUtcNow());
        if (old.IsBootstrap) return ApiKeyErrors.FromConfiguration(old.Prefix);
        if (old.ReplacedBy is { } successor) return ApiKeyErrors.Replaced(old.Prefix, successor);
        if (!old.IsUsable(now)) return ApiKeyErrors.NotUsable(old.Prefix);
        var secret = secrets.Generate();
        var key = ApiKey.Issue(ids.NewId(), old.OwnerId, old.Name, secret.Prefix, secret.Hash, now, now + (old.ExpiresAt - old.CreatedAt), old.RateLimit, old.RecordsLimit);
        keys.Add(key);
        old.ReplaceBy(key, now + request.Grace);
        await work.SaveChangesAsync(cancellationToken);
        return new RotatedApiKey(secret.Key, key, old);
    }
}
