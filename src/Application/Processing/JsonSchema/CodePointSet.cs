using System.Globalization;
using System.Text;

namespace DataPipeline.Application.Processing.JsonSchema;

/// <summary>A set of Unicode code points, halves of surrogate pairs not among them.</summary>
internal sealed class CodePointSet
{
    private const int LastOfBasicPlane = 0xFFFF;

    private static readonly Lazy<CodePointSet[]> Categories = new(ReadCategories);

    private readonly List<(int First, int Last)> _added = [];
    private List<(int First, int Last)>? _ranges;

    internal IEnumerable<(int First, int Last)> AstralRanges => Ranges.Where(range => range.Last > LastOfBasicPlane).Select(range => (Math.Max(range.First, AstralClasses.First), range.Last));

    /// <summary>In order, none of them touching another.</summary>
    private List<(int First, int Last)> Ranges => _ranges ??= Normalize();

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

    internal void Add(int first, int last)
    {
        _added.Add((first, last));
        _ranges = null;
    }

    internal void Add(CodePointSet other)
    {
        _added.AddRange(other._added);
        _ranges = null;
    }

    internal CodePointSet Inverted()
    {
        var inverted = new CodePointSet();
        var next = 0;
        foreach (var (first, last) in Ranges)
        {
            if (first > next) inverted.Add(next, first - 1);
            next = last + 1;
        }

        if (next <= AstralClasses.Last) inverted.Add(next, AstralClasses.Last);
        return inverted;
    }

    /// <summary>Writes a class that matches each code point of the set, as <paramref name="classes"/> shows it.</summary>
    internal void AppendTo(StringBuilder pattern, AstralClasses classes)
    {
        var start = pattern.Append('[').Length;
        foreach (var (first, last) in Ranges)
        {
            AppendRange(pattern, first, Math.Min(last, 0xD7FF));
            AppendRange(pattern, Math.Max(first, 0xE000), Math.Min(last, LastOfBasicPlane));
        }

        foreach (var standIn in classes.StandInsOf(this)) AppendRange(pattern, standIn, standIn);

        // A class that nothing belongs to.
        if (pattern.Length == start) pattern.Append(@"^\s\S");
        pattern.Append(']');
    }

    internal bool Contains(int codePoint)
    {
        var place = Ranges.BinarySearch((codePoint, int.MaxValue));
        return place >= 0 || (~place > 0 && Ranges[~place - 1].Last >= codePoint);
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
        for (int first = 0, next = 1; first <= AstralClasses.Last; first = next++)
        {
            var category = CharUnicodeInfo.GetUnicodeCategory(first);
            while (next <= AstralClasses.Last && CharUnicodeInfo.GetUnicodeCategory(next) == category) next++;
            sets[(int)category].Add(first, next - 1);
        }

        return sets;
    }

    private List<(int First, int Last)> Normalize()
    {
        var merged = new List<(int First, int Last)>();
        foreach (var range in _added.Order())
        {
            if (merged.Count > 0 && range.First <= merged[^1].Last + 1) merged[^1] = (merged[^1].First, Math.Max(merged[^1].Last, range.Last));
            else merged.Add(range);
        }

        return merged;
    }
}
