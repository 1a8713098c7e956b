using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using DataPipeline.Domain.Processing;

namespace DataPipeline.Infrastructure.Processors;

/// <summary>What a key of a dissect pattern does with its value.</summary>
internal enum DissectKeyKind
{
    Plain,
    Append,
    Skip,
    Name,
    Value,
}

/// <param name="Path">Where its value goes; <c>null</c> where it goes nowhere by itself.</param>
/// <param name="Order">Its place among the appended parts of one name.</param>
/// <param name="Padded">Whether the delimiter behind it may stand several times.</param>
/// <param name="Delimiter">The text behind it; empty for the last key.</param>
internal sealed record DissectKey(DissectKeyKind Kind, string Name, FieldPath? Path, int Order, bool Padded, string Delimiter);

/// <summary>A pattern such as <c>%{a} %{+a} %{?skip} %{*k}=%{&amp;k} %{b->}</c>. Immutable and thread-safe.</summary>
internal sealed class DissectPattern
{
    private readonly string _prefix;

    private DissectPattern(string prefix, IReadOnlyList<DissectKey> keys) => (_prefix, Keys) = (prefix, keys);

    internal IReadOnlyList<DissectKey> Keys { get; }

    internal static bool TryParse(string pattern, [NotNullWhen(true)] out DissectPattern? parsed, [NotNullWhen(false)] out string? error)
    {
        parsed = null;
        var keys = new List<DissectKey>();
        var open = pattern.IndexOf("%{", StringComparison.Ordinal);
        var prefix = open < 0 ? pattern : pattern[..open];
        while (open >= 0)
        {
            var close = pattern.IndexOf('}', open);
            if (close < 0)
            {
                error = $"The key that begins at position {open + 1} of \"{pattern}\" does not end.";
                return false;
            }

            var next = pattern.IndexOf("%{", close, StringComparison.Ordinal);
            var delimiter = next < 0 ? pattern[(close + 1)..] : pattern[(close + 1)..next];
            if (next >= 0 && delimiter.Length == 0)
            {
                error = $"Nothing stands between the keys at position {close + 1} of \"{pattern}\", so nothing would tell them apart.";
                return false;
            }

            if (!TryParseKey(pattern[(open + 2)..close], delimiter, out var key, out error)) return false;
            keys.Add(key);
            open = next;
        }

        error = FaultOf(keys, pattern);
        if (error is null) parsed = new DissectPattern(prefix, keys);
        return error is null;
    }

    /// <returns>The values of the keys in order, or <c>null</c> where the text does not match.</returns>
    internal string[]? Match(string text)
    {
        if (!text.StartsWith(_prefix, StringComparison.Ordinal)) return null;
        var at = _prefix.Length;
        var values = new string[Keys.Count];
        for (var i = 0; i < values.Length; i++)
        {
            var delimiter = Keys[i].Delimiter;
            if (delimiter.Length == 0)
            {
                values[i] = text[at..];
                return values;
            }

            var end = text.IndexOf(delimiter, at, StringComparison.Ordinal);
            if (end < 0) return null;
            values[i] = text[at..end];
            at = end + delimiter.Length;
            while (Keys[i].Padded && string.CompareOrdinal(text, at, delimiter, 0, delimiter.Length) == 0) at += delimiter.Length;
        }

        return values;
    }

    private static bool TryParseKey(string text, string delimiter, [NotNullWhen(true)] out DissectKey? key, [NotNullWhen(false)] out string? error)
    {
        key = null;
        error = null;
        var padded = text.EndsWith("->", StringComparison.Ordinal);
        var name = padded ? text[..^2] : text;
        var kind = name is [] ? DissectKeyKind.Skip : name[0] switch
        {
            '+' => DissectKeyKind.Append,
            '?' => DissectKeyKind.Skip,
            '*' => DissectKeyKind.Name,
            '&' => DissectKeyKind.Value,
            _ => DissectKeyKind.Plain,
        };
        if (kind != DissectKeyKind.Plain && name.Length > 0) name = name[1..];
        var order = 0;
        if (kind == DissectKeyKind.Append && name.LastIndexOf('/') is > 0 and var slash)
        {
            if (!int.TryParse(name.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out order)) error = $"\"{text}\" has no number behind its slash.";
            name = name[..slash];
        }

        FieldPath? path = null;
        if (error is null && kind is DissectKeyKind.Plain or DissectKeyKind.Append && !FieldPath.TryParse(name, out path, out error)) return false;
        if (error is null && kind is DissectKeyKind.Name or DissectKeyKind.Value && name.Length == 0) error = $"\"{text}\" has no name.";
        if (error is null) key = new DissectKey(kind, name, path, order, padded, delimiter);
        return error is null;
    }

    private static string? FaultOf(List<DissectKey> keys, string pattern)
    {
        if (!keys.Exists(key => key.Kind != DissectKeyKind.Skip)) return $"\"{pattern}\" has no key, so it would extract nothing.";
        var names = keys.FindAll(key => key.Kind == DissectKeyKind.Name).ConvertAll(key => key.Name);
        var values = keys.FindAll(key => key.Kind == DissectKeyKind.Value).ConvertAll(key => key.Name);
        names.Sort(StringComparer.Ordinal);
        values.Sort(StringComparer.Ordinal);
        return names.SequenceEqual(values) && names.Distinct().Count() == names.Count ? null : $"In \"{pattern}\" every %{{*name}} needs one %{{&name}}, and the other way round.";
    }
}
