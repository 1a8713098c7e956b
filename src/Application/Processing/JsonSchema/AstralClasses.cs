namespace DataPipeline.Application.Processing.JsonSchema;

/// <summary>
/// Lets a regular expression over UTF-16 see each character beyond the basic plane as one: in the text it is replaced by half a surrogate
/// pair, which cannot stand there otherwise. Characters that no set of the expression tells apart share one. Immutable.
/// </summary>
internal sealed class AstralClasses
{
    internal const int First = 0x10000;
    internal const int Last = 0x10FFFF;

    private const int FirstStandIn = 0xD800;
    private const int MaxClasses = 0x800;
    private const int MaxComparisons = 1_000_000;

    /// <summary>Where the ranges begin that all belong to one class each, ascending.</summary>
    private readonly int[] _starts;
    private readonly char[] _standIns;

    private AstralClasses(int[] starts, char[] standIns) => (_starts, _standIns) = (starts, standIns);

    /// <param name="sets">All sets of the expression.</param>
    /// <exception cref="NotSupportedException">They are too many, or tell more classes apart than there are halves of surrogate pairs.</exception>
    internal static AstralClasses Of(IEnumerable<CodePointSet> sets)
    {
        var astral = sets.Where(set => set.AstralRanges.Any()).ToList();
        int[] starts = [First, .. astral.SelectMany(set => set.AstralRanges).SelectMany(range => new[] { range.First, range.Last + 1 }).Where(start => start is > First and <= Last).Distinct().Order()];
        if ((long)starts.Length * astral.Count > MaxComparisons) throw new NotSupportedException();
        var classes = new int[starts.Length];
        foreach (var set in astral)
        {
            var refined = new Dictionary<(int Class, bool IsMember), int>();
            for (var i = 0; i < starts.Length; i++)
            {
                var key = (classes[i], set.Contains(starts[i]));
                if (!refined.TryGetValue(key, out var number)) refined.Add(key, number = refined.Count);
                classes[i] = number;
            }

            if (refined.Count > MaxClasses) throw new NotSupportedException();
        }

        return new AstralClasses(starts, [.. classes.Select(number => (char)(FirstStandIn + number))]);
    }

    /// <summary>What stands for the characters of a set, each once.</summary>
    internal IEnumerable<char> StandInsOf(CodePointSet set) => set.AstralRanges.Any() ? _standIns.Where((_, i) => set.Contains(_starts[i])).Distinct() : [];

    /// <summary>Replaces the characters beyond the basic plane.</summary>
    /// <returns>The new length of the text.</returns>
    internal int Replace(Span<char> text)
    {
        var at = text.IndexOfAnyInRange('\uD800', '\uDFFF');
        if (at < 0) return text.Length;
        var length = at;
        for (; at < text.Length; at++)
        {
            if (!char.IsHighSurrogate(text[at]))
            {
                text[length++] = text[at];
                continue;
            }

            var place = Array.BinarySearch(_starts, char.ConvertToUtf32(text[at], text[at + 1]));
            text[length++] = _standIns[place < 0 ? ~place - 1 : place];
            at++;
        }

        return length;
    }
}
