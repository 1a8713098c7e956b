using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace DataPipeline.Infrastructure.Destinations;

/// <summary>Signs after the Standard Webhooks specification: HMAC-SHA256 over id, time and body. Immutable and thread-safe.</summary>
internal sealed class WebhookSignature
{
    internal const string SecretPrefix = "whsec_";

    private readonly byte[] _key;

    private WebhookSignature(byte[] key) => _key = key;

    /// <param name="secret"><c>whsec_</c> and base64; anything else is a key by its UTF-8 bytes.</param>
    /// <returns><c>null</c> where what follows <c>whsec_</c> is no base64, or there is no key.</returns>
    internal static WebhookSignature? Of(string secret)
    {
        if (!secret.StartsWith(SecretPrefix, StringComparison.Ordinal)) return secret.Length == 0 ? null : new WebhookSignature(Encoding.UTF8.GetBytes(secret));
        var text = secret[SecretPrefix.Length..];
        var key = new byte[text.Length];
        return Convert.TryFromBase64String(text, key, out var length) && length > 0 ? new WebhookSignature(key[..length]) : null;
    }

    internal string Sign(string id, long timestamp, ReadOnlySpan<byte> body)
    {
        using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, _key);
        hmac.AppendData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{id}.{timestamp}.")));
        hmac.AppendData(body);
        return $"v1,{Convert.ToBase64String(hmac.GetHashAndReset())}";
    }
}
