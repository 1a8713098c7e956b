using System.Buffers.Text;
using System.Text;
using Microsoft.Extensions.Options;

namespace DataPipeline.Infrastructure.Persistence.Encryption;

/// <summary>Section <c>Secrets</c>.</summary>
internal sealed class SecretsOptions
{
    internal const string Section = "Secrets";

    /// <summary>
    /// The keys of stored configurations, each of 32 random bytes in base64. The first encrypts, all decrypt. Default: none, and what is stored is encrypted with
    /// a key that stands in the source code, which keeps it from nobody who looks there.
    /// </summary>
    public IReadOnlyList<string> Keys { get; set; } = [];
}

internal sealed class SecretsOptionsValidator : IValidateOptions<SecretsOptions>
{
    public ValidateOptionsResult Validate(string? name, SecretsOptions options)
    {
        var faults = options.Keys.Index().Where(key => !IsKey(key.Item)).Select(key => $"Secrets:Keys:{key.Index} must be {ConfigEncryption.KeyBytes} bytes in base64; make one with \"openssl rand -base64 {ConfigEncryption.KeyBytes}\".").ToList();
        if (faults.Count == 0 && ConfigEncryption.IdsOf(options.Keys) is var ids && ids.Distinct().Count() < ids.Count) faults.Add("Secrets:Keys must not name the same key twice, nor the one of the source code.");
        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }

    private static bool IsKey(string? key) => key is not null && Base64.IsValid(Encoding.UTF8.GetBytes(key), out var length) && length == ConfigEncryption.KeyBytes;
}
