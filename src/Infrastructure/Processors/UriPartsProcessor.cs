using System.Buffers;
using System.ComponentModel;
using System.Globalization;
using DataPipeline.Domain.Processing;

namespace DataPipeline.Infrastructure.Processors;

internal sealed record UriPartsOptions
{
    [Description("The URI to take apart.")]
    public required FieldPath Field { get; init; }

    [Description("The object to write its parts to.")]
    public FieldPath TargetField { get; init; } = FieldPath.Parse("url");

    [Description("Whether the URI itself is among the parts.")]
    public bool KeepOriginal { get; init; } = true;

    [Description("Whether the field is removed afterwards.")]
    public bool RemoveIfSuccessful { get; init; }

    [Description("Whether nothing is done, instead of failing, where the field is missing.")]
    public bool IgnoreMissing { get; init; }
}

[Processor("uriParts", "1.0", Description = "Takes a URI, or a path as servers log it, apart.")]
[Example("""{ "type": "uriParts", "options": { "field": "address", "targetField": "url" } }""", Record = """{ "address": "https://example.com:8443/orders/17.html?full=1" }""")]
internal sealed class UriPartsProcessor(UriPartsOptions options) : ParsingProcessor(options.Field, options.IgnoreMissing)
{
    private static readonly SearchValues<char> SchemeCharacters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+.-");

    private static readonly SearchValues<char> AddressCharacters = SearchValues.Create("0123456789ABCDEFabcdef:.");

    /// <summary>What has to be escaped everywhere in a URI; white space and control characters besides.</summary>
    private static readonly SearchValues<char> Unsafe = SearchValues.Create("<>\"{}|\\^`");

    protected override ProcessorResult Parse(RecordValue text, Record record)
    {
        var parts = new List<KeyValuePair<string, RecordValue>>(9);
        if (options.KeepOriginal) parts.Add(new("original", text));
        if (!TryTakeApart(text.GetString(), parts)) return Failures.NotParsed(Field, text, "is not a URI");
        if (options.RemoveIfSuccessful) record.Remove(Field);
        return record.Write(options.TargetField, RecordValue.FromObject(parts));
    }

    private static bool TryTakeApart(ReadOnlySpan<char> text, List<KeyValuePair<string, RecordValue>> parts)
    {
        var hasFragment = Cut(ref text, '#', out var fragment);
        var hasQuery = Cut(ref text, '?', out var query);
        if (text is not ['/', ..] && !TryTakeScheme(ref text, parts)) return false;
        var hasAuthority = text.StartsWith("//");
        if (hasAuthority && !TryTakeAuthority(ref text, parts)) return false;

        // Behind a host, what should be escaped is taken as it is; without one, it is a sign that the text is no URI.
        if (!hasAuthority && (HasUnsafe(text) || HasUnsafe(query) || HasUnsafe(fragment))) return false;
        Add(parts, "path", text);
        if (text.LastIndexOf('/') is >= 0 and var slash && text[slash..].LastIndexOf('.') is >= 0 and var dot && slash + dot < text.Length - 1) Add(parts, "extension", text[(slash + dot + 1)..]);
        if (hasQuery) Add(parts, "query", query);
        if (hasFragment) Add(parts, "fragment", fragment);
        return true;
    }

    private static bool TryTakeScheme(ref ReadOnlySpan<char> text, List<KeyValuePair<string, RecordValue>> parts)
    {
        var colon = text.IndexOf(':');
        if (colon <= 0 || !char.IsAsciiLetter(text[0]) || text[..colon].ContainsAnyExcept(SchemeCharacters)) return false;
        Add(parts, "scheme", text[..colon]);
        text = text[(colon + 1)..];
        return true;
    }

    private static bool TryTakeAuthority(ref ReadOnlySpan<char> text, List<KeyValuePair<string, RecordValue>> parts)
    {
        var authority = text[2..];
        var slash = authority.IndexOf('/');
        text = slash < 0 ? default : authority[slash..];
        if (slash >= 0) authority = authority[..slash];
        if (authority.LastIndexOf('@') is >= 0 and var at)
        {
            Add(parts, "userInfo", authority[..at]);
            authority = authority[(at + 1)..];
        }

        var end = authority is ['[', ..] ? authority.IndexOf(']') + 1 : authority.IndexOf(':');
        var host = end < 0 ? authority : authority[..end];
        var isHost = host is ['[', .. var address, ']'] ? !address.IsEmpty && !address.ContainsAnyExcept(AddressCharacters) : !HasUnsafe(host) && !host.ContainsAny('[', ']');
        if (!isHost || (host.IsEmpty && text.IsEmpty)) return false;
        Add(parts, "domain", host);
        var port = authority[host.Length..];
        if (port.IsEmpty || port is [':']) return true;
        if (port[0] != ':' || !ushort.TryParse(port[1..], NumberStyles.None, CultureInfo.InvariantCulture, out var number)) return false;
        parts.Add(new("port", RecordValue.From(number)));
        return true;
    }

    private static bool Cut(ref ReadOnlySpan<char> text, char sign, out ReadOnlySpan<char> behind)
    {
        var at = text.IndexOf(sign);
        behind = at < 0 ? default : text[(at + 1)..];
        if (at >= 0) text = text[..at];
        return at >= 0;
    }

    private static bool HasUnsafe(ReadOnlySpan<char> text)
    {
        foreach (var character in text)
        {
            if (char.IsWhiteSpace(character) || char.IsControl(character) || Unsafe.Contains(character)) return true;
        }

        return false;
    }

    private static void Add(List<KeyValuePair<string, RecordValue>> parts, string name, ReadOnlySpan<char> value) => parts.Add(new(name, RecordValue.From(value.ToString())));
}
