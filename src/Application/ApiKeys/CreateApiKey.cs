using DataPipeline.Application.Common;
using DataPipeline.Domain.ApiKeys;
using DataPipeline.Domain.Common;
using FluentValidation;

namespace DataPipeline.Application.ApiKeys;

/// <summary>Makes a key for an owner.</summary>
/// <param name="Lifetime">After what time it expires; <c>null</c> for never.</param>
/// <param name="RateLimit">Requests per window; <c>null</c> for the service's default.</param>
/// <param name="RecordsLimit">Records that may be submitted a minute; <c>null</c> for any number.</param>
public sealed record CreateApiKey(string Owner, string Name, TimeSpan? Lifetime, int? RateLimit, int? RecordsLimit) : ICommand<Result<CreatedApiKey>>;

/// <param name="Key">The key in full. It is kept nowhere.</param>
public sealed record CreatedApiKey(string Key, ApiKey Details);

internal sealed class CreateApiKeyValidator : AbstractValidator<CreateApiKey>
{
    private static readonly TimeSpan MaxLifetime = TimeSpan.FromDays(3650);

    public CreateApiKeyValidator()
    {
        RuleFor(command => command.Owner).Must(OwnerId.IsValid)
            .OverridePropertyName("owner").WithErrorCode("INVALID").WithMessage($"owner must be 1 to {OwnerId.MaxLength} letters, digits, '-', '_', '.' or '@'.");
        RuleFor(command => command.Name).Must(name => !string.IsNullOrWhiteSpace(name) && name.Length <= ApiKey.NameMaxLength && !name.Any(char.IsControl))
            .OverridePropertyName("name").WithErrorCode("INVALID").WithMessage($"name must be 1 to {ApiKey.NameMaxLength} characters and not blank.");
        RuleFor(command => command.Lifetime).Must(lifetime => lifetime is null || (lifetime > TimeSpan.Zero && lifetime <= MaxLifetime))
            .OverridePropertyName("expires").WithErrorCode("OUT_OF_RANGE").WithMessage($"expires must be more than nothing and at most {MaxLifetime.TotalDays} days.");
        RuleFor(command => command.RateLimit).Must(limit => limit is null or (>= 1 and <= ApiKey.MaxRateLimit))
            .OverridePropertyName("rate-limit").WithErrorCode("OUT_OF_RANGE").WithMessage($"rate-limit must be 1 to {ApiKey.MaxRateLimit}.");
        RuleFor(command => command.RecordsLimit).Must(limit => limit is null or (>= 1 and <= ApiKey.MaxRecordsLimit))
            .OverridePropertyName("records-limit").WithErrorCode("OUT_OF_RANGE").WithMessage($"records-limit must be 1 to {ApiKey.MaxRecordsLimit}.");
    }
}

internal sealed class CreateApiKeyHandler(IApiKeyRepository keys, IApiKeySecrets secrets, IUnitOfWork work, IIdGenerator ids, TimeProvider clock) : ICommandHandler<CreateApiKey, Result<CreatedApiKey>>
{
    public async Task<Result<CreatedApiKey>> Handle(CreateApiKey request, CancellationToken cancellationToken)
    {
        var secret = secrets.Generate();
        var now = clock.GetUtcNow();
        var key = ApiKey.Issue(ids.NewId(), new OwnerId(request.Owner), request.Name, secret.Prefix, secret.Hash, now, now + request.Lifetime, request.RateLimit, request.RecordsLimit);
        keys.Add(key);
        await work.SaveChangesAsync(cancellationToken);
        return new CreatedApiKey(secret.Key, key);
    }
}
