using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using DataPipeline.Application.ApiKeys;
using DataPipeline.Domain.ApiKeys;

namespace DataPipeline.Infrastructure.Security;

/// <summary><c>dpk_</c>, 43 random characters of base 62 (256 bits), and their CRC-32 in 6 more: a mistyped or made-up key is refused without a look-up, and a leaked one is recognisable.</summary>
internal sealed class ApiKeySecrets : IApiKeySecrets
{
    private const string Start = "dpk_";
    private const string Base62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    private const int RandomLength = 43;
    private const int ChecksumLength = 6;
    private const int Length = 4 + RandomLength + ChecksumLength;

    private static readonly SearchValues<char> Digits = SearchValues.Create(Base62);

    public ApiKeySecret Generate()
    {
        var random = RandomNumberGenerator.GetString(Base62, RandomLength);
        return SecretOf(Start + random + ChecksumOf(random));
    }

    public ApiKeySecret? Read(string? key)
    {
        if (key is not { Length: Length } || !key.StartsWith(Start, StringComparison.Ordinal) || key.AsSpan(Start.Length).ContainsAnyExcept(Digits)) return null;
        var random = key.AsSpan(Start.Length, RandomLength);
        return key.AsSpan(Start.Length + RandomLength).SequenceEqual(ChecksumOf(random)) ? SecretOf(key) : null;
    }

    private static ApiKeySecret SecretOf(string key) => new(key, key.Substring(Start.Length, ApiKey.PrefixLength), SHA256.HashData(Encoding.UTF8.GetBytes(key)));

    private static string ChecksumOf(ReadOnlySpan<char> random)
    {
        var crc = uint.MaxValue;
        foreach (var c in random)
        {
            crc ^= c;
            for (var bit = 0; bit < 8; bit++) crc = (crc & 1) == 0 ? crc >> 1 : (crc >> 1) ^ 0xEDB88320;
        }

        return string.Create(ChecksumLength, ~crc, (digits, value) =>
        {
            for (var i = digits.Length - 1; i >= 0; i--, value /= 62) digits[i] = Base62[(int)(value % 62)];
        });
    }
}
