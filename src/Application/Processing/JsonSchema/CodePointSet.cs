using System.Globalization;
using System.Text;

namespace DataPipeline.Application.Processing.JsonSchema;

/// <summary>A set of Unicode code points, halves of surrogate pairs not among them, that can be written as a pattern over UTF-16.</summary>
internal sealed class CodePointSet
{
    private const int Last = 0x10FFFF;
    private const int LastOfBasicPlane = 0xFFFF;

    private static readonly Lazy<CodePointSet[]> Categories = new(ReadCategories);

    private readonly List<(int First, int Last)> _ranges = [];

    internal static CodePointSet Of(params ReadOnlySpan<(int First, int Last)> ranges)
    {
        var set = new CodePointSet();
        foreach (var (first, last) in ranges) set.Add(first, last);
        return set;
    }

    internal static CodePointSet Of(IEnumerable<UnicodeCategory> categories)
    {
        var set = new CodePointSet();
        foreach (var category in categories) set.Add(Categories.Value[(int)category]);
        return set;
    }

    internal void Add(int first, int last) => _ranges.Add((first, last));

    internal void Add(CodePointSet other) => _ranges.AddRange(other._ranges);

    internal CodePointSet Inverted()
    {
        var inverted = new CodePointSet();
        var next = 0;
        foreach (var (first, last) in Normalized())
        {
            if (first > next) inverted.Add(next, first - 1);
            next = last + 1;
        }

        if (next <= Last) inverted.Add(next, Last);
        return inverted;
    }

    /// <summary>Writes what matches exactly one code point of the set.</summary>
    internal void AppendTo(StringBuilder pattern)
    {
        var basic = new StringBuilder();
        var pairs = new StringBuilder();
        foreach (var (first, last) in Normalized())
        {
            AppendBasic(basic, first, Math.Min(last, LastOfBasicPlane));
            AppendPairs(pairs, Math.Max(first, LastOfBasicPlane + 1), last);
        }

        // A class that nothing belongs to.
        if (basic.Length == 0 && pairs.Length == 0) pattern.Append(@"[^\s\S]");
        else if (pairs.Length == 0) pattern.Append('[').Append(basic).Append(']');
        else if (basic.Length == 0) pattern.Append("(?:").Append(pairs, 1, pairs.Length - 1).Append(')');
        else pattern.Append("(?:[").Append(basic).Append(']').Append(pairs).Append(')');
    }

    private static void AppendBasic(StringBuilder basic, int first, int last)
    {
        if (first < 0xD800) AppendRange(basic, first, Math.Min(last, 0xD7FF));
        if (last > 0xDFFF) AppendRange(basic, Math.Max(first, 0xE000), last);
    }

    /// <summary>Writes a range beyond the basic plane as alternatives of one class for each half of the pair.</summary>
    private static void AppendPairs(StringBuilder pairs, int first, int last)
    {
        while (first <= last)
        {
            var (high, low) = Split(first);
            var (lastHigh, lastLow) = Split(last);
            if (high == lastHigh || low != 0xDC00)
            {
                var end = high == lastHigh ? lastLow : 0xDFFF;
                AppendPair(pairs, high, high, low, end);
                first += end - low + 1;
                continue;
            }

            // Whole rows of 1024; what is left of the last row comes in the next turn.
            var wholeHigh = lastLow == 0xDFFF ? lastHigh : lastHigh - 1;
            AppendPair(pairs, high, wholeHigh, 0xDC00, 0xDFFF);
            first += (wholeHigh - high + 1) << 10;
        }
    }

    private static (int High, int Low) Split(int codePoint) => (0xD800 + ((codePoint - 0x10000) >> 10), 0xDC00 + ((codePoint - 0x10000) & 0x3FF));

    private static void AppendPair(StringBuilder pairs, int firstHigh, int lastHigh, int firstLow, int lastLow)
    {
        pairs.Append("|[");
        AppendRange(pairs, firstHigh, lastHigh);
        pairs.Append("][");
        AppendRange(pairs, firstLow, lastLow);
        pairs.Append(']');
    }

    private static void AppendRange(StringBuilder pattern, int first, int last)
    {
        if (first > last) return;
        pattern.Append(CultureInfo.InvariantCulture, $@"\u{first:X4}");
        if (last > first) pattern.Append(CultureInfo.InvariantCulture, $@"-\u{last:X4}");
    }

    private static CodePointSet[] ReadCategories()
    {
        var sets = Enum.GetValues<UnicodeCategory>().Select(_ => new CodePointSet()).ToArray();
        for (int first = 0, next = 1; first <= Last; first = next++)
        {
            var category = CharUnicodeInfo.GetUnicodeCategory(first);
            while (next <= Last && CharUnicodeInfo.GetUnicodeCategory(next) == category) next++;
            sets[(int)category].Add(first, next - 1);
        }

        return sets;
    }

    /// <summary>The ranges in order, none of them touching another.</summary>
    private List<(int First, int Last)> Normalized()
    {
        var merged = new List<(int First, int Last)>();
        foreach (var range in _ranges.Order())
        {
            if (merged.Count > 0 && range.First <= merged[^1].Last + 1) merged[^1] = (merged[^1].First, Math.Max(merged[^1].Last, range.Last));
            else merged.Add(range);
        }

        return merged;
    }
}
