using System.Globalization;

namespace DataPipeline.Domain.Processing;

/// <summary>Numbers as JSON writes them, compared by their exact value, whatever their size.</summary>
internal static class JsonNumber
{
    /// <summary>Whether the text is one number after the grammar of JSON.</summary>
    internal static bool IsValid(ReadOnlySpan<byte> text)
    {
        var at = text is [(byte)'-', ..] ? 1 : 0;
        var digits = CountDigits(text[at..]);
        if (digits == 0 || (digits > 1 && text[at] == (byte)'0')) return false;
        at += digits;
        if (at < text.Length && text[at] == (byte)'.')
        {
            digits = CountDigits(text[(at + 1)..]);
            if (digits == 0) return false;
            at += 1 + digits;
        }

        if (at < text.Length && text[at] is (byte)'e' or (byte)'E')
        {
            at++;
            if (at < text.Length && text[at] is (byte)'+' or (byte)'-') at++;
            digits = CountDigits(text[at..]);
            if (digits == 0) return false;
            at += digits;
        }

        return at == text.Length;
    }

    internal static int Compare(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        if (left.SequenceEqual(right)) return 0;
        var a = Parts.Of(left);
        var b = Parts.Of(right);
        if (a.Sign != b.Sign) return a.Sign.CompareTo(b.Sign);
        if (a.Sign == 0) return 0;
        var order = a.Exponent.CompareTo(b.Exponent);
        for (var i = 0; order == 0 && (i < a.DigitCount || i < b.DigitCount); i++) order = a.DigitAt(i).CompareTo(b.DigitAt(i));
        return a.Sign * Math.Sign(order);
    }

    internal static int HashCode(ReadOnlySpan<byte> text)
    {
        var parts = Parts.Of(text);
        var hash = new HashCode();
        hash.Add(parts.Sign);
        if (parts.Sign == 0) return hash.ToHashCode();
        hash.Add(parts.Exponent);
        for (var i = 0; i < parts.DigitCount; i++) hash.Add(parts.DigitAt(i));
        return hash.ToHashCode();
    }

    private static int CountDigits(ReadOnlySpan<byte> text)
    {
        var end = text.IndexOfAnyExceptInRange((byte)'0', (byte)'9');
        return end < 0 ? text.Length : end;
    }

    /// <summary>A number as sign, significant digits (none of them a leading or trailing zero) and the power of ten of the first digit.</summary>
    private readonly ref struct Parts
    {
        private readonly ReadOnlySpan<byte> _mantissa;
        private readonly int _first;
        private readonly int _point;

        private Parts(ReadOnlySpan<byte> mantissa, int first, int point, int count, int sign, long exponent)
        {
            _mantissa = mantissa;
            (_first, _point, DigitCount, Sign, Exponent) = (first, point, count, sign, exponent);
        }

        internal int DigitCount { get; }

        internal int Sign { get; }

        internal long Exponent { get; }

        internal static Parts Of(ReadOnlySpan<byte> text)
        {
            var negative = text is [(byte)'-', ..];
            var mantissa = negative ? text[1..] : text;
            long exponent = 0;
            if (mantissa.IndexOfAny((byte)'e', (byte)'E') is >= 0 and var e)
            {
                exponent = ParseExponent(mantissa[(e + 1)..]);
                mantissa = mantissa[..e];
            }

            var first = mantissa.IndexOfAnyInRange((byte)'1', (byte)'9');
            if (first < 0) return default;
            var last = mantissa.LastIndexOfAnyInRange((byte)'1', (byte)'9');
            var point = mantissa.IndexOf((byte)'.');
            if (point < 0) point = mantissa.Length;
            exponent += first < point ? point - first - 1 : point - first;
            var count = last - first + 1 - (first < point && point < last ? 1 : 0);
            return new Parts(mantissa, first, point, count, negative ? -1 : 1, exponent);
        }

        internal int DigitAt(int i)
        {
            if (i >= DigitCount) return 0;
            var at = _first + i;
            return _mantissa[_first < _point && at >= _point ? at + 1 : at] - '0';
        }

        /// <summary>An exponent of more than 18 digits is as good as infinite.</summary>
        private static long ParseExponent(ReadOnlySpan<byte> text)
        {
            if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var exponent)) return Math.Clamp(exponent, -Limit, Limit);
            return text is [(byte)'-', ..] ? -Limit : Limit;
        }

        private const long Limit = 1_000_000_000_000_000_000;
    }
}
