using DataPipeline.Application.ApiKeys;
using DataPipeline.Domain.ApiKeys;
using DataPipeline.Domain.Common;
using Microsoft.Extensions.Options;

namespace DataPipeline.Infrastructure.Security;

/// <summary>Section <c>ApiKeys</c>.</summary>
internal sealed class ApiKeysOptions
{
    internal const string Section = "ApiKeys";

    /// <summary>Keys that exist for as long as they stand here. Default: none.</summary>
    public IReadOnlyList<BootstrapKeyOptions> Bootstrap { get; set; } = [];
}

/// <summary>A key in the configuration; all three are required.</summary>
internal sealed class BootstrapKeyOptions
{
    /// <summary>Whom the key acts for: letters, digits, <c>-</c>, <c>_</c>, <c>.</c> or <c>@</c>. No default.</summary>
    public string? Owner { get; set; }

    /// <summary>What the key is called, to tell it from others of its owner. No default.</summary>
    public string? Name { get; set; }

    /// <summary>A whole key, as <c>keys create</c> prints it. No default.</summary>
    public string? Key { get; set; }
}

internal sealed class ApiKeysOptionsValidator(IApiKeySecrets secrets) : IValidateOptions<ApiKeysOptions>
{
    public ValidateOptionsResult Validate(string? name, ApiKeysOptions options)
    {
        var faults = options.Bootstrap.SelectMany(Faults).ToList();
        var keys = options.Bootstrap.Select(key => key.Key).ToList();
        if (keys.Distinct().Count() < keys.Count) faults.Add("ApiKeys:Bootstrap must not name the same Key twice.");
        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }

    private IEnumerable<string> Faults(BootstrapKeyOptions key, int index)
    {
        var path = $"ApiKeys:Bootstrap:{index}";
        if (!OwnerId.IsValid(key.Owner)) yield return $"{path}:Owner must be 1 to {OwnerId.MaxLength} letters, digits, '-', '_', '.' or '@'.";
        if (string.IsNullOrWhiteSpace(key.Name) || key.Name.Length > ApiKey.NameMaxLength) yield return $"{path}:Name must be 1 to {ApiKey.NameMaxLength} characters and not blank.";
        if (secrets.Read(key.Key) is null) yield return $"{path}:Key is not an API key; make one with \"keys create\".";
    }
}
