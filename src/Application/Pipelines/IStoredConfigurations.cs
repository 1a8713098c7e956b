namespace DataPipeline.Application.Pipelines;

/// <summary>Configurations as they lie in the database: encrypted, for they may hold secrets. Thread-safe.</summary>
public interface IStoredConfigurations
{
    /// <summary>Encrypts with the present key whatever lies in clear or under another key. May be repeated, and be run beside processes that serve.</summary>
    /// <returns>How many configurations that were.</returns>
    /// <exception cref="UnreadableConfigurationException">Some lie under keys that this process has not, or one was changed; the others, or those before it, have been encrypted anew.</exception>
    Task<int> ReencryptAsync(CancellationToken ct);

    /// <summary>The ids of keys under which something lies and which this process has not.</summary>
    Task<IReadOnlyList<string>> FindMissingKeysAsync(CancellationToken ct);
}

/// <summary>A stored configuration cannot be decrypted with the keys this process has. The message is fit for an operator and holds no secret.</summary>
public sealed class UnreadableConfigurationException : Exception
{
    public UnreadableConfigurationException(string message) : base(message) { }

    public UnreadableConfigurationException() { }

    public UnreadableConfigurationException(string message, Exception innerException) : base(message, innerException) { }
}
