namespace DataPipeline.Application.ApiKeys;

/// <summary>A new key, the only time it is seen in full.</summary>
/// <param name="Key">What the caller sends.</param>
/// <param name="Prefix">What lists show of it.</param>
/// <param name="Hash">What is kept of it.</param>
public sealed record ApiKeySecret(string Key, string Prefix, byte[] Hash);

/// <summary>The form of API keys. Thread-safe.</summary>
public interface IApiKeySecrets
{
    ApiKeySecret Generate();

    /// <returns>The key's parts; <c>null</c> where the text is no key: its form or checksum is wrong.</returns>
    ApiKeySecret? Read(string? key);
}
