using System.Buffers;
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
/// <param name="Order">Its place among the appended parts of one name; those without one come first.</param>
/// <param name="Padded">Whether the delimiter behind it may stand several times.</param>
/// <param name="Delimiter">The text behind it; empty for the last key.</param>
internal sealed record DissectKey(DissectKeyKind Kind, string Name, FieldPath? Path, int Order, bool Padded, string Delimiter)
{
    internal const int NoOrder = -1;
}

/// <summary>A pattern such as <c>%{a} %{+a} %{?skip} %{*k}=%{&amp;k} %{b->}</c>. Immutable and thread-safe.</summary>
internal sealed class DissectPattern
{
    private static readonly SearchValues<char> Modifiers = SearchValues.Create("+*&?/");

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

    /// <summary>Finds the value of each key.</summary>
    /// <param name="values">As many as there are keys; where their values stand in the text.</param>
    /// <returns>Whether the text matches; if not, <paramref name="values"/> mean nothing.</returns>
    internal bool TryMatch(ReadOnlySpan<char> text, Range[] values)
    {
        // Nothing behind the prefix is no value, not even an empty one.
        if (!text.StartsWith(_prefix, StringComparison.Ordinal) || text.Length == _prefix.Length) return false;
        var at = _prefix.Length;
        for (var i = 0; i < values.Length; i++)
        {
            var delimiter = Keys[i].Delimiter;
            if (delimiter.Length == 0)
            {
                values[i] = at..text.Length;
                return true;
            }

            var length = text[at..].IndexOf(delimiter, StringComparison.Ordinal);
            if (length < 0) return false;
            values[i] = at..(at + length);
            at += length + delimiter.Length;
            while (Keys[i].Padded && text[at..].StartsWith(delimiter, StringComparison.Ordinal)) at += delimiter.Length;
        }

        return true;
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
        var order = DissectKey.NoOrder;
        if (kind == DissectKeyKind.Append && name.LastIndexOf('/') is > 0 and var slash)
        {
            if (!int.TryParse(name.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out order)) error = $"\"{text}\" has no number behind its slash.";
            name = name[..slash];
        }

        FieldPath? path = null;
        if (error is null && name.AsSpan().ContainsAny(Modifiers) && !name.Contains('[', StringComparison.Ordinal)) error = $"\"{text}\" has a modifier within its name: + * & ? may stand once, before the name, and /2 behind it with +.";
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
