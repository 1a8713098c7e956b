using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;

namespace DataPipeline.Infrastructure.Processors;

/// <summary>
/// A regular expression that is looked for over and over again. One that means nothing but a text is looked for as a text, which is many times as fast. Immutable and thread-safe.
/// </summary>
internal sealed class SearchPattern(Regex regex)
{
    private static readonly SearchValues<char> Special = SearchValues.Create("\\*+?|{}[]()^$.");

    private readonly string? _literal = LiteralOf(regex);

    /// <summary>Where the pattern matches in a text, from left to right and not overlapping.</summary>
    internal Occurrences In(ReadOnlySpan<char> text) => new(_literal, regex, text);

    /// <returns>The one text that the pattern matches, or <c>null</c> where it may match others.</returns>
    private static string? LiteralOf(Regex regex)
    {
        const RegexOptions WithoutEffect = RegexOptions.NonBacktracking | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.Multiline | RegexOptions.Singleline;
        var pattern = regex.ToString();
        if (pattern.Length == 0 || (regex.Options & ~WithoutEffect) != RegexOptions.None) return null;
        if (!pattern.AsSpan().ContainsAny(Special)) return pattern;
        return IsEscapedSign(pattern) ? pattern[1..] : null;
    }

    private static bool IsEscapedSign([NotNullWhen(true)] string pattern) => pattern is ['\\', var sign] && Special.Contains(sign);
}

/// <summary>
/// The places of a pattern in a text. Regular expressions see a character outside of the basic plane as two; here a match takes all of it where it takes half, and none begins within it.
/// </summary>
internal ref struct Occurrences
{
    private readonly ReadOnlySpan<char> _text;
    private readonly string? _literal;
    private Regex.ValueMatchEnumerator _matches;
    private int _at;

    internal Occurrences(string? literal, Regex regex, ReadOnlySpan<char> text)
    {
        _text = text;
        _literal = literal;
        if (literal is null) _matches = regex.EnumerateMatches(text);
    }

    /// <summary>Where the present match begins.</summary>
    internal int Start { get; private set; }

    /// <summary>Behind the present match, which may be empty.</summary>
    internal int End { get; private set; }

    internal bool MoveNext()
    {
        if (_literal is null) return MoveToMatch();
        var found = _text[_at..].IndexOf(_literal, StringComparison.Ordinal);
        if (found < 0) return false;
        Start = _at + found;
        _at = End = Start + _literal.Length;
        return true;
    }

    /// <summary>Whether the place lies between the halves of a character.</summary>
    internal static bool IsWithinCharacter(ReadOnlySpan<char> text, int at) => at > 0 && at < text.Length && char.IsLowSurrogate(text[at]) && char.IsHighSurrogate(text[at - 1]);

    /// <summary>What a group matched, with the other half of a character that it has half of at an end.</summary>
    internal static string WholeCharacters(string text, Group group)
    {
        var (start, end) = (group.Index, group.Index + group.Length);
        if (start == end) return "";
        if (IsWithinCharacter(text, start)) start--;
        if (IsWithinCharacter(text, end)) end++;
        return text[start..end];
    }

    private bool MoveToMatch()
    {
        while (_matches.MoveNext())
        {
            var (start, end) = (_matches.Current.Index, _matches.Current.Index + _matches.Current.Length);
            if (start < _at) continue;
            if (IsWithinCharacter(_text, start) && start-- == end) continue;
            if (IsWithinCharacter(_text, end)) end++;
            (Start, End, _at) = (start, end, end);
            return true;
        }

        return false;
    }
}
