using System.Buffers;
using System.Text;

namespace DataPipeline.Application.Processing.JsonSchema;

/// <summary>Whether a text, as UTF-8, has one of the formats that JSON Schema names.</summary>
internal delegate bool StringFormat(ReadOnlySpan<byte> text);

/// <summary>The formats of JSON Schema that are supported, each after the grammar of its RFC.</summary>
internal static class StringFormats
{
    private const int UuidLength = 36;

    private static readonly Dictionary<string, StringFormat> ByName = new(StringComparer.Ordinal)
    {
        ["date-time"] = IsDateTime,
        ["date"] = IsDate,
        ["time"] = IsTime,
        ["email"] = IsEmail,
        ["uri"] = UriFormat.IsUri,
        ["uuid"] = IsUuid,
        ["ipv4"] = IsIPv4,
        ["ipv6"] = IsIPv6,
    };

    private static readonly SearchValues<byte> Hexadecimal = SearchValues.Create("0123456789abcdefABCDEF"u8);
    private static readonly SearchValues<byte> Alphanumeric = SearchValues.Create("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"u8);
    private static readonly SearchValues<byte> DomainLabel = SearchValues.Create("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-"u8);
    private static readonly SearchValues<byte> EmailAtom = SearchValues.Create("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ!#$%&'*+-/=?^_`{|}~"u8);

    internal static IReadOnlyCollection<string> Names => ByName.Keys;

    internal static StringFormat? Find(string name) => ByName.GetValueOrDefault(name);

    /// <summary>RFC 3339, full-date.</summary>
    internal static bool IsDate(ReadOnlySpan<byte> text) =>
        text.Length == 10 && text[4] == (byte)'-' && text[7] == (byte)'-'
        && TryReadDigits(text[..4], out var year) && TryReadDigits(text.Slice(5, 2), out var month) && TryReadDigits(text[8..], out var day)
        && month is >= 1 and <= 12 && day >= 1 && day <= DaysIn(year, month);

    /// <summary>RFC 3339, full-time.</summary>
    internal static bool IsTime(ReadOnlySpan<byte> text)
    {
        if (text.Length < 9 || text[2] != (byte)':' || text[5] != (byte)':') return false;
        if (!TryReadDigits(text[..2], out var hour) || !TryReadDigits(text.Slice(3, 2), out var minute) || !TryReadDigits(text.Slice(6, 2), out var second)) return false;
        if (hour > 23 || minute > 59 || second > 60) return false;
        var offset = text[8..];
        if (offset[0] == (byte)'.')
        {
            var fraction = offset[1..].IndexOfAnyExceptInRange((byte)'0', (byte)'9');
            if (fraction <= 0) return false;
            offset = offset[(1 + fraction)..];
        }

        return TryReadOffset(offset, out var minutesEast) && (second < 60 || IsLastMinuteOfDay(hour * 60 + minute - minutesEast));
    }

    /// <summary>RFC 5321, Mailbox.</summary>
    internal static bool IsEmail(ReadOnlySpan<byte> text)
    {
        var local = text is [(byte)'"', ..] ? QuotedLength(text) : text.IndexOf((byte)'@');
        if (local <= 0 || local >= text.Length || text[local] != (byte)'@') return false;
        if (text[0] != (byte)'"' && !IsDotted(text[..local], EmailAtom, EmailAtom)) return false;
        var domain = text[(local + 1)..];
        return domain is [(byte)'[', .., (byte)']'] ? IsAddressLiteral(domain[1..^1]) : IsDotted(domain, DomainLabel, Alphanumeric);
    }

    /// <summary>RFC 4122, the form with hyphens.</summary>
    internal static bool IsUuid(ReadOnlySpan<byte> text)
    {
        if (text.Length != UuidLength) return false;
        for (var i = 0; i < UuidLength; i++)
        {
            if (i is 8 or 13 or 18 or 23 ? text[i] != (byte)'-' : !Hexadecimal.Contains(text[i])) return false;
        }

        return true;
    }

    /// <summary>RFC 2673, dotted-quad.</summary>
    internal static bool IsIPv4(ReadOnlySpan<byte> text)
    {
        var octets = 0;
        foreach (var range in text.Split((byte)'.'))
        {
            var octet = text[range];
            if (++octets > 4 || octet.Length is 0 or > 3 || (octet.Length > 1 && octet[0] == (byte)'0')) return false;
            if (!TryReadDigits(octet, out var number) || number > 255) return false;
        }

        return octets == 4;
    }

    /// <summary>RFC 4291, section 2.2, without a zone.</summary>
    internal static bool IsIPv6(ReadOnlySpan<byte> text)
    {
        var gap = text.IndexOf("::"u8);
        if (gap < 0) return CountGroups(text, mayEndInIPv4: true) == 8;
        var left = text[..gap];
        var right = text[(gap + 2)..];

        // Between the colons stands at least one group of zeros.
        return (left.IsEmpty ? 0 : CountGroups(left, mayEndInIPv4: false)) is >= 0 and var before
            && (right.IsEmpty ? 0 : CountGroups(right, mayEndInIPv4: true)) is >= 0 and var after
            && before + after <= 7;
    }

    private static bool IsDateTime(ReadOnlySpan<byte> text) => text.Length > 11 && text[10] is (byte)'T' or (byte)'t' && IsDate(text[..10]) && IsTime(text[11..]);

    private static int DaysIn(int year, int month) => month == 2 && year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : DateTime.DaysInMonth(1, month);

    /// <summary>Whether a minute, counted from the midnight of UTC that is nearest, is the one that leap seconds are put into.</summary>
    private static bool IsLastMinuteOfDay(int minute) => (minute + 2 * 1440) % 1440 == 1439;

    private static bool TryReadOffset(ReadOnlySpan<byte> text, out int minutesEast)
    {
        minutesEast = 0;
        if (text is [(byte)'Z' or (byte)'z']) return true;
        if (text is not [(byte)'+' or (byte)'-', _, _, (byte)':', _, _]) return false;
        if (!TryReadDigits(text.Slice(1, 2), out var hours) || !TryReadDigits(text[4..], out var minutes) || hours > 23 || minutes > 59) return false;
        minutesEast = (text[0] == (byte)'-' ? -1 : 1) * (hours * 60 + minutes);
        return true;
    }

    private static bool TryReadDigits(ReadOnlySpan<byte> text, out int number)
    {
        number = 0;
        foreach (var digit in text)
        {
            if (digit is < (byte)'0' or > (byte)'9') return false;
            number = number * 10 + (digit - '0');
        }

        return true;
    }

    /// <returns>The length of the quoted string that the text begins with, or -1.</returns>
    private static int QuotedLength(ReadOnlySpan<byte> text)
    {
        for (var i = 1; i < text.Length; i++)
        {
            switch (text[i])
            {
                case (byte)'"':
                    return i + 1;
                case < 32 or > 126:
                    return -1;
                case (byte)'\\' when ++i == text.Length || text[i] is < 32 or > 126:
                    return -1;
            }
        }

        return -1;
    }

    /// <summary>Whether the text is made of parts with dots between them, each with allowed characters and allowed ones at its ends.</summary>
    private static bool IsDotted(ReadOnlySpan<byte> text, SearchValues<byte> characters, SearchValues<byte> ends)
    {
        foreach (var range in text.Split((byte)'.'))
        {
            var part = text[range];
            if (part.IsEmpty || part.ContainsAnyExcept(characters) || !ends.Contains(part[0]) || !ends.Contains(part[^1])) return false;
        }

        return true;
    }

    private static bool IsAddressLiteral(ReadOnlySpan<byte> text) =>
        text.Length > 5 && Ascii.EqualsIgnoreCase(text[..5], "IPv6:"u8) ? IsIPv6(text[5..]) : IsIPv4(text);

    /// <returns>How many groups of 16 bits the text has, or -1 where it has something else.</returns>
    private static int CountGroups(ReadOnlySpan<byte> text, bool mayEndInIPv4)
    {
        var groups = 0;
        foreach (var range in text.Split((byte)':'))
        {
            var group = text[range];
            if (mayEndInIPv4 && range.End.Value == text.Length && group.Contains((byte)'.')) return IsIPv4(group) ? groups + 2 : -1;
            if (group.Length is 0 or > 4 || group.ContainsAnyExcept(Hexadecimal)) return -1;
            groups++;
        }

        return groups;
    }
}
