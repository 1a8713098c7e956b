using System.Text;
using System.Text.RegularExpressions;

namespace DataPipeline.Infrastructure.Processors;

/// <summary>What is put in place of the matches of a pattern. Immutable and thread-safe.</summary>
/// <param name="text">In which <c>$1</c> and <c>${name}</c> stand for what groups of the pattern matched, and whatever else .NET knows.</param>
internal sealed class Replacement(Regex pattern, string text)
{
    /// <summary>The text in pieces, each with one reference at most, so that what one becomes is no longer than the text it is put into and itself.</summary>
    private readonly string[] _pieces = [.. PiecesOf(text)];

    private readonly int _references = text.Count(character => character == '$');

    /// <summary>Whether it refers to what stands around a match.</summary>
    private readonly bool _refersToContext = PiecesOf(text).Any(piece => piece is ['$', '`' or '\'' or '_', ..]);

    /// <param name="room">How many characters the result may have.</param>
    /// <returns>The text itself where nothing matches; <c>null</c> where the result would be longer, which is then not made.</returns>
    internal string? PutInto(string whole, int room) =>
        MostCharacters(whole.Length) <= room && !whole.AsSpan().ContainsAnyInRange('\uD800', '\uDFFF') ? pattern.Replace(whole, text) : PutPieces(whole, room);

    /// <summary>How long a result can be: matches do not overlap, and what a group matched lies in its match.</summary>
    private double MostCharacters(double length)
    {
        var most = length + ((length + 1) * text.Length) + (length * _references);
        return _refersToContext ? most + ((length + 1) * length * _references) : most;
    }

    /// <summary>The same as <see cref="Regex.Replace(string, string)"/>, but that no half of a character is left behind; see <see cref="Occurrences"/>.</summary>
    private string? PutPieces(string whole, int room)
    {
        var replaced = new StringBuilder();
        var at = 0;
        for (var match = pattern.Match(whole); match.Success; match = match.NextMatch())
        {
            var (start, end) = (match.Index, match.Index + match.Length);
            if (start < at) continue;
            if (Occurrences.IsWithinCharacter(whole, start) && start-- == end) continue;
            if (Occurrences.IsWithinCharacter(whole, end)) end++;
            replaced.Append(whole, at, start - at);
            foreach (var piece in _pieces)
            {
                replaced.Append(match.Result(piece));
                if (replaced.Length > room) return null;
            }

            at = end;
        }

        if (at == 0 && replaced.Length == 0) return whole;
        replaced.Append(whole, at, whole.Length - at);
        return replaced.Length > room ? null : replaced.ToString();
    }

    private static IEnumerable<string> PiecesOf(string text)
    {
        var start = 0;
        for (var at = 1; at < text.Length; at++)
        {
            if (text[at] != '$') continue;
            if (text[at - 1] == '$' && at - 1 == start)
            {
                // Two of them stand for one.
                yield return text[start..++at];
                start = at;
                continue;
            }

            yield return text[start..at];
            start = at;
        }

        if (start < text.Length) yield return text[start..];
    }
}
