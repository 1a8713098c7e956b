using System.Buffers;

namespace DataPipeline.Application.Processing.JsonSchema;

/// <summary>URIs after the grammar of RFC 3986: with a scheme, all in ASCII.</summary>
internal static class UriFormat
{
    private const string UnreservedAndSubDelimiters = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-._~!$&'()*+,;=";

    private static readonly SearchValues<byte> Scheme = Create("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ+-.");
    private static readonly SearchValues<byte> RegisteredName = Create(UnreservedAndSubDelimiters + "%");
    private static readonly SearchValues<byte> UserInfo = Create(UnreservedAndSubDelimiters + "%:");
    private static readonly SearchValues<byte> FutureAddress = Create(UnreservedAndSubDelimiters + ":");
    private static readonly SearchValues<byte> Path = Create(UnreservedAndSubDelimiters + "%:@/");
    private static readonly SearchValues<byte> QueryOrFragment = Create(UnreservedAndSubDelimiters + "%:@/?");

    internal static bool IsUri(ReadOnlySpan<byte> text)
    {
        var colon = text.IndexOf((byte)':');
        if (colon < 1 || !char.IsAsciiLetter((char)text[0]) || text[..colon].ContainsAnyExcept(Scheme) || !HasWholeEscapes(text)) return false;
        var rest = text[(colon + 1)..];
        if (rest.IndexOf((byte)'#') is >= 0 and var hash)
        {
            if (rest[(hash + 1)..].ContainsAnyExcept(QueryOrFragment)) return false;
            rest = rest[..hash];
        }

        if (rest.IndexOf((byte)'?') is >= 0 and var mark)
        {
            if (rest[(mark + 1)..].ContainsAnyExcept(QueryOrFragment)) return false;
            rest = rest[..mark];
        }

        if (!rest.StartsWith("//"u8)) return !rest.ContainsAnyExcept(Path);
        rest = rest[2..];
        var slash = rest.IndexOf((byte)'/');
        var authority = slash < 0 ? rest : rest[..slash];
        return IsAuthority(authority) && !rest[authority.Length..].ContainsAnyExcept(Path);
    }

    private static bool IsAuthority(ReadOnlySpan<byte> text)
    {
        if (text.IndexOf((byte)'@') is >= 0 and var at)
        {
            if (text[..at].ContainsAnyExcept(UserInfo)) return false;
            text = text[(at + 1)..];
        }

        var hostEnd = text is [(byte)'[', ..] ? text.IndexOf((byte)']') + 1 : text.IndexOf((byte)':');
        if (hostEnd < 0) hostEnd = text.Length;
        var host = text[..hostEnd];
        var port = text[hostEnd..];
        if (!port.IsEmpty && (port[0] != (byte)':' || port[1..].ContainsAnyExceptInRange((byte)'0', (byte)'9'))) return false;
        return host is [(byte)'[', .., (byte)']'] ? IsIPLiteral(host[1..^1]) : !host.ContainsAnyExcept(RegisteredName);
    }

    private static bool IsIPLiteral(ReadOnlySpan<byte> text)
    {
        if (text is not [(byte)'v' or (byte)'V', ..]) return StringFormats.IsIPv6(text);
        var dot = text.IndexOf((byte)'.');
        if (dot < 2 || dot == text.Length - 1) return false;
        foreach (var digit in text[1..dot])
        {
            if (!char.IsAsciiHexDigit((char)digit)) return false;
        }

        return !text[(dot + 1)..].ContainsAnyExcept(FutureAddress);
    }

    private static bool HasWholeEscapes(ReadOnlySpan<byte> text)
    {
        while (text.IndexOf((byte)'%') is >= 0 and var at)
        {
            text = text[(at + 1)..];
            if (text.Length < 2 || !char.IsAsciiHexDigit((char)text[0]) || !char.IsAsciiHexDigit((char)text[1])) return false;
        }

        return true;
    }

    private static SearchValues<byte> Create(string characters) => SearchValues.Create([.. characters.Select(c => (byte)c)]);
}
