using System.Globalization;
using System.Numerics;

namespace DataPipeline.Application.Processing.JsonSchema;

/// <summary>
/// A JSON number as sign, significant digits (none of them a leading or trailing zero) and powers of ten, so that nothing is rounded and
/// <c>1e999999999</c> costs no more than 1. An exponent beyond 18 digits counts as one of 18.
/// </summary>
internal readonly ref struct ExactNumber
{
    private const int MaxSmallDigits = 18;
    private const ulong ChunkOfDigits = 1_000_000_000_000_000_000;
    private const long MaxExponent = 1_000_000_000_000_000_000;

    private static readonly ulong[] PowersOfTen = [.. Enumerable.Range(0, MaxSmallDigits + 1).Select(power => (ulong)BigInteger.Pow(10, power))];

    private readonly ReadOnlySpan<byte> _text;

    /// <summary>All significant digits, where they are at most <see cref="MaxSmallDigits"/>.</summary>
    private readonly ulong _mantissa;
    private readonly int _digits;
    private readonly int _sign;

    /// <summary>The power of ten of the first significant digit.</summary>
    private readonly long _magnitude;

    private ExactNumber(ReadOnlySpan<byte> text, int sign, ulong mantissa, int digits, long magnitude)
    {
        _text = text;
        (_sign, _mantissa, _digits, _magnitude) = (sign, mantissa, digits, magnitude);
    }

    /// <summary>Whether it has no fraction: 1.0 and 1e400 have none.</summary>
    internal bool IsInteger => _sign == 0 || Scale >= 0;

    internal int Sign => _sign;

    /// <summary>The power of ten of the last significant digit.</summary>
    private long Scale => _magnitude - (_digits - 1);

    private bool IsSmall => _digits <= MaxSmallDigits;

    /// <param name="text">A number after the grammar of JSON.</param>
    internal static ExactNumber Parse(ReadOnlySpan<byte> text)
    {
        var start = text[0] == (byte)'-' ? 1 : 0;
        ulong mantissa = 0;
        int digits = 0, zeros = 0, first = -1;
        long magnitude = 0;
        var inFraction = false;
        for (var at = start; at < text.Length; at++)
        {
            var digit = text[at] - '0';
            if (digit is < 0 or > 9)
            {
                if (text[at] == (byte)'.')
                {
                    inFraction = true;
                    continue;
                }

                magnitude += ParseExponent(text[(at + 1)..]);
                break;
            }

            if (first < 0)
            {
                if (inFraction) magnitude--;
                if (digit == 0) continue;
                first = at;
            }
            else if (!inFraction)
            {
                magnitude++;
            }

            if (digit == 0)
            {
                zeros++;
                continue;
            }

            digits += zeros + 1;
            if (digits <= MaxSmallDigits) mantissa = mantissa * PowersOfTen[zeros + 1] + (ulong)digit;
            zeros = 0;
        }

        return first < 0 ? default : new ExactNumber(text[first..], start == 1 ? -1 : 1, mantissa, digits, magnitude);
    }

    /// <returns>Less than 0, 0 or more than 0, as <paramref name="left"/> is less than, equal to or greater than <paramref name="right"/>.</returns>
    internal static int Compare(in ExactNumber left, in ExactNumber right)
    {
        if (left._sign != right._sign) return left._sign.CompareTo(right._sign);
        if (left._sign == 0) return 0;
        var order = left._magnitude.CompareTo(right._magnitude);
        if (order == 0) order = left.IsSmall && right.IsSmall ? left.AllSmallDigits.CompareTo(right.AllSmallDigits) : CompareDigits(left, right);
        return left._sign * order;
    }

    /// <summary>Whether it is a whole number of times <paramref name="divisor"/>, which is more than 0.</summary>
    internal bool IsMultipleOf(in ExactNumber divisor)
    {
        if (_sign == 0) return true;
        var shift = Scale - divisor.Scale;

        // The digits do not end in a zero, so they are no multiple of ten.
        if (shift < 0) return false;
        if (divisor.IsSmall && _digits + shift <= MaxSmallDigits) return _mantissa * PowersOfTen[(int)shift] % divisor._mantissa == 0;
        if (divisor.IsSmall)
        {
            UInt128 modulus = divisor._mantissa;
            return Remainder(divisor._mantissa) * PowerOfTen(shift, modulus) % modulus == 0;
        }

        var large = divisor.ToInteger(null);
        return ToInteger(large) * BigInteger.ModPow(10, shift, large) % large == 0;
    }

    /// <summary>As a count: what is more than a <see cref="long"/> holds is the largest one. The number is an integer and not negative.</summary>
    internal long ToCount() => _sign == 0 ? 0 : _magnitude < MaxSmallDigits ? (long)(_mantissa * PowersOfTen[(int)Scale]) : long.MaxValue;

    internal void AddTo(ref HashCode hash)
    {
        hash.Add(_sign);
        hash.Add(_magnitude);
        hash.Add(_digits);
        if (IsSmall)
        {
            hash.Add(_mantissa);
            return;
        }

        var digits = new Digits(this);
        while (digits.MoveNext(out var digit)) hash.Add(digit);
    }

    private ulong AllSmallDigits => _mantissa * PowersOfTen[MaxSmallDigits - _digits];

    private static int CompareDigits(in ExactNumber left, in ExactNumber right)
    {
        var a = new Digits(left);
        var b = new Digits(right);
        while (true)
        {
            var hasLeft = a.MoveNext(out var x);
            var hasRight = b.MoveNext(out var y);
            if (x != y) return x.CompareTo(y);
            if (!hasLeft && !hasRight) return 0;
        }
    }

    private static UInt128 PowerOfTen(long power, UInt128 modulus)
    {
        var result = UInt128.One % modulus;
        for (var square = (UInt128)10 % modulus; power > 0; power >>= 1, square = square * square % modulus)
        {
            if ((power & 1) == 1) result = result * square % modulus;
        }

        return result;
    }

    private static long ParseExponent(ReadOnlySpan<byte> text)
    {
        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var exponent)) return Math.Clamp(exponent, -MaxExponent, MaxExponent);
        return text[0] == (byte)'-' ? -MaxExponent : MaxExponent;
    }

    /// <summary>What is left of the significant digits after division; the divisor has at most 18 digits.</summary>
    private UInt128 Remainder(ulong divisor)
    {
        if (IsSmall) return _mantissa % divisor;
        UInt128 remainder = 0;
        var digits = new Digits(this);
        while (digits.MoveNext(out var digit)) remainder = (remainder * 10 + (uint)digit) % divisor;
        return remainder;
    }

    /// <summary>The significant digits as an integer, kept below <paramref name="modulus"/> where there is one.</summary>
    private BigInteger ToInteger(BigInteger? modulus)
    {
        BigInteger result = 0;
        ulong chunk = 0, unit = 1;
        var digits = new Digits(this);
        for (var more = digits.MoveNext(out var digit); more;)
        {
            chunk = chunk * 10 + (uint)digit;
            unit *= 10;
            more = digits.MoveNext(out digit);
            if (more && unit < ChunkOfDigits) continue;
            result = result * unit + chunk;
            if (modulus is { } limit) result %= limit;
            (chunk, unit) = (0, 1);
        }

        return result;
    }

    /// <summary>The significant digits one after the other; 0 behind the last one.</summary>
    private ref struct Digits(ExactNumber number)
    {
        private readonly ReadOnlySpan<byte> _text = number._text;
        private int _left = number._digits;
        private int _at;

        internal bool MoveNext(out int digit)
        {
            digit = 0;
            if (_left == 0) return false;
            _left--;
            if (_text[_at] == (byte)'.') _at++;
            digit = _text[_at++] - '0';
            return true;
        }
    }
}
