using System.Security.Cryptography;
using System.Text;
using DataPipeline.Application.Pipelines;
using Microsoft.Extensions.Options;

namespace DataPipeline.Infrastructure.Persistence.Encryption;

/// <summary>
/// Encrypts texts with AES-256-GCM (NIST SP 800-38D) under a random nonce of 96 bits. What is stored names its key, so that keys can be changed; what lies in clear,
/// as earlier versions left it, is read as it is, for a configuration begins with a brace. Thread-safe.
/// </summary>
internal sealed class ConfigEncryption
{
    internal const int KeyBytes = 32;

    /// <summary>How an encrypted text begins: with this, the id of its key, and a colon.</summary>
    internal const string Mark = "aes256gcm:";

    internal const int KeyIdLength = 8;

    private const int NonceBytes = 12;
    private const int TagBytes = 16;

    private static readonly byte[] Embedded = SHA256.HashData("DataPipeline: everybody can read this key"u8);

    private readonly Dictionary<string, byte[]> _keys;
    private readonly string _current;

    public ConfigEncryption(IOptions<SecretsOptions> options)
    {
        var keys = KeysOf(options.Value.Keys);
        _keys = keys.ToDictionary(IdOf);
        _current = IdOf(keys[0]);
        IsEmbedded = keys.Count == 1;
        Keys = string.Join(' ', keys.Select(IdOf));
    }

    /// <summary>For tools that connect to nothing.</summary>
    internal static ConfigEncryption Default { get; } = new(Options.Create(new SecretsOptions()));

    /// <summary>Whether it encrypts with the key that everybody can read.</summary>
    internal bool IsEmbedded { get; }

    /// <summary>The ids of the keys, the one that encrypts first.</summary>
    internal string Keys { get; }

    /// <summary>How a text begins that is encrypted with the present key.</summary>
    internal string Prefix => $"{Mark}{_current}:";

    internal bool Has(string keyId) => _keys.ContainsKey(keyId);

    internal string Encrypt(string text)
    {
        var plain = Encoding.UTF8.GetBytes(text);
        var bytes = new byte[NonceBytes + plain.Length + TagBytes];
        var nonce = bytes.AsSpan(0, NonceBytes);
        RandomNumberGenerator.Fill(nonce);
        using var aes = new AesGcm(_keys[_current], TagBytes);
        aes.Encrypt(nonce, plain, bytes.AsSpan(NonceBytes, plain.Length), bytes.AsSpan(^TagBytes..));
        return Prefix + Convert.ToBase64String(bytes);
    }

    /// <exception cref="UnreadableConfigurationException">Its key is not known here, or it is not what was stored.</exception>
    internal string Decrypt(string stored)
    {
        if (!stored.StartsWith(Mark, StringComparison.Ordinal)) return stored;
        var end = Mark.Length + KeyIdLength;
        var id = stored.Length > end && stored[end] == ':' ? stored[Mark.Length..end] : "";
        if (!_keys.TryGetValue(id, out var key)) throw new UnreadableConfigurationException($"A configuration is encrypted with the key {id}, which is not among Secrets:Keys.");
        try
        {
            var bytes = Convert.FromBase64String(stored[(end + 1)..]);
            if (bytes.Length < NonceBytes + TagBytes) throw new FormatException();
            var plain = new byte[bytes.Length - NonceBytes - TagBytes];
            using var aes = new AesGcm(key, TagBytes);
            aes.Decrypt(bytes.AsSpan(0, NonceBytes), bytes.AsSpan(NonceBytes, plain.Length), bytes.AsSpan(^TagBytes..), plain);
            return Encoding.UTF8.GetString(plain);
        }
        catch (Exception failure) when (failure is FormatException or AuthenticationTagMismatchException)
        {
            throw new UnreadableConfigurationException("A configuration is not what was stored.", failure);
        }
    }

    /// <summary>The ids of keys in base64 and of the one that everybody can read. A text names its key by one, so that no two may be the same.</summary>
    internal static IReadOnlyList<string> IdsOf(IEnumerable<string> keys) => KeysOf(keys).ConvertAll(IdOf);

    private static List<byte[]> KeysOf(IEnumerable<string> keys) => [.. keys.Select(Convert.FromBase64String), Embedded];

    /// <summary>Tells keys apart and says nothing of them.</summary>
    private static string IdOf(byte[] key) => Convert.ToHexStringLower(SHA256.HashData(key).AsSpan(0, KeyIdLength / 2));
}
