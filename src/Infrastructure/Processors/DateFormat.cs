using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace DataPipeline.Infrastructure.Processors;

/// <summary>A way in which a moment may be written. Immutable and thread-safe.</summary>
internal abstract class DateFormat
{
    private const string Specifiers = "dfFgHhKmMstyz";

    /// <param name="now">Gives the year to a format that has none.</param>
    internal abstract bool TryRead(string text, TimeZoneInfo zone, DateTimeOffset now, out DateTimeOffset moment);

    /// <returns>False, with the reason, where the format is none of those known.</returns>
    internal static bool TryParse(string format, CultureInfo culture, [NotNullWhen(true)] out DateFormat? parsed, [NotNullWhen(false)] out string? error)
    {
        error = null;
        parsed = format switch
        {
            "ISO8601" => new Iso8601(),
            "UNIX" => new Unix(TimeSpan.TicksPerSecond),
            "UNIX_MS" => new Unix(TimeSpan.TicksPerMillisecond),
            _ => null,
        };
        if (parsed is not null) return true;
        if (!TryNormalize(format, out var pattern, out var hasYear, out error)) return false;
        parsed = new Custom(pattern, hasYear, culture);
        return true;
    }

    /// <summary>Makes a custom format one that .NET takes at its word: a single letter is not a standard format, and Z means UTC.</summary>
    internal static bool TryNormalize(string format, out string pattern, out bool hasYear, [NotNullWhen(false)] out string? error)
    {
        var result = new StringBuilder();
        pattern = "";
        hasYear = false;
        error = format.Length == 0 ? "A date format must not be empty." : null;
        for (var at = 0; at < format.Length; at++)
        {
            var c = format[at];
            if (c is '\'' or '"')
            {
                var end = format.IndexOf(c, at + 1);
                if (end < 0) error ??= $"The quote at position {at + 1} of \"{format}\" does not end.";
                else result.Append(format, at, end - at + 1);
                at = end < 0 ? format.Length : end;
            }
            else if (c == '\\' && at + 1 < format.Length)
            {
                result.Append(format, at++, 2);
            }
            else
            {
                if (char.IsLetter(c) && !Specifiers.Contains(c, StringComparison.Ordinal) && c is not ('T' or 'Z'))
                    error ??= $"'{c}' means nothing in a date format; quote letters that stand for themselves: \"{format}\". Known: ISO8601, UNIX, UNIX_MS and .NET custom formats such as yyyy-MM-dd HH:mm:ss.";
                if (c == 'y') hasYear = true;
                result.Append(c == 'Z' ? 'K' : c);
            }
        }

        pattern = result.Length == 1 ? $"%{result}" : result.ToString();
        if (error is null && !CanFormat(pattern)) error = $"\"{format}\" is not a date format.";
        return error is null;
    }

    private static bool CanFormat(string pattern)
    {
        try
        {
            _ = DateTime.UnixEpoch.ToString(pattern, CultureInfo.InvariantCulture);
            return true;
        }
        catch (FormatException)
        {
            return false;
        }
    }

    private static bool TryPlace(DateTime local, TimeZoneInfo zone, out DateTimeOffset moment)
    {
        if (local.Kind == DateTimeKind.Utc)
        {
            moment = new DateTimeOffset(local);
            return true;
        }

        // Where the clocks are set back a time comes twice: the first counts.
        var offset = zone.IsAmbiguousTime(local) ? zone.GetAmbiguousTimeOffsets(local).Max() : zone.GetUtcOffset(local);
        var ticks = local.Ticks - offset.Ticks;
        moment = default;
        if (ticks < DateTime.MinValue.Ticks || ticks > DateTime.MaxValue.Ticks) return false;
        moment = new DateTimeOffset(ticks, TimeSpan.Zero);
        return true;
    }

    private sealed class Custom(string pattern, bool hasYear, CultureInfo culture) : DateFormat
    {
        internal override bool TryRead(string text, TimeZoneInfo zone, DateTimeOffset now, out DateTimeOffset moment)
        {
            var (input, format) = (text, pattern);
            if (!hasYear) (input, format) = (string.Create(CultureInfo.InvariantCulture, $"{TimeZoneInfo.ConvertTime(now, zone).Year:0000}|{text}"), $"yyyy'|'{pattern.TrimStart('%')}");
            moment = default;
            return DateTime.TryParseExact(input, format, culture, DateTimeStyles.AdjustToUniversal | DateTimeStyles.NoCurrentDateDefault, out var local) && TryPlace(local, zone, out moment);
        }
    }

    /// <summary>Units since 1970, with or without a fraction.</summary>
    private sealed class Unix(long ticksPerUnit) : DateFormat
    {
        internal override bool TryRead(string text, TimeZoneInfo zone, DateTimeOffset now, out DateTimeOffset moment)
        {
            moment = default;
            if (!decimal.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out var units)) return false;
            if (Math.Abs(units) > DateTime.MaxValue.Ticks / ticksPerUnit) return false;
            var ticks = DateTime.UnixEpoch.Ticks + decimal.Truncate(units * ticksPerUnit);
            if (ticks < DateTime.MinValue.Ticks || ticks > DateTime.MaxValue.Ticks) return false;
            moment = new DateTimeOffset((long)ticks, TimeSpan.Zero);
            return true;
        }
    }

    /// <summary>A date, or date and time, of ISO 8601 in its extended form; what is left out at the end is the first of its kind.</summary>
    private sealed class Iso8601 : DateFormat
    {
        internal override bool TryRead(string text, TimeZoneInfo zone, DateTimeOffset now, out DateTimeOffset moment)
        {
            moment = default;
            var rest = text.AsSpan();
            int month = 1, day = 1, hour = 0, minute = 0, second = 0;
            long fraction = 0;
            if (!TakeDigits(ref rest, 4, out var year) || year == 0) return false;
            if (Take(ref rest, '-'))
            {
                if (!TakeDigits(ref rest, 2, out month)) return false;
                if (Take(ref rest, '-') && !TakeDigits(ref rest, 2, out day)) return false;
            }

            if (Take(ref rest, 'T') || Take(ref rest, 't'))
            {
                if (!TakeDigits(ref rest, 2, out hour)) return false;
                if (Take(ref rest, ':'))
                {
                    if (!TakeDigits(ref rest, 2, out minute)) return false;
                    if (Take(ref rest, ':') && (!TakeDigits(ref rest, 2, out second) || !TakeFraction(ref rest, out fraction))) return false;
                }
            }

            if (month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month) || hour > 23 || minute > 59 || second > 59) return false;
            var local = new DateTime(year, month, day, hour, minute, second).AddTicks(fraction);
            if (rest.IsEmpty) return TryPlace(local, zone, out moment);
            if (!TryReadOffset(rest, out var offset)) return false;
            var ticks = local.Ticks - offset.Ticks;
            if (ticks < DateTime.MinValue.Ticks || ticks > DateTime.MaxValue.Ticks) return false;
            moment = new DateTimeOffset(ticks, TimeSpan.Zero);
            return true;
        }

        private static bool TryReadOffset(ReadOnlySpan<char> rest, out TimeSpan offset)
        {
            offset = default;
            if (rest is "Z" or "z") return true;
            var sign = rest[0] switch { '+' => 1, '-' => -1, _ => 0 };
            if (sign == 0) return false;
            rest = rest[1..];
            var minutes = 0;
            if (!TakeDigits(ref rest, 2, out var hours)) return false;
            if (!rest.IsEmpty)
            {
                Take(ref rest, ':');
                if (!TakeDigits(ref rest, 2, out minutes)) return false;
            }

            offset = sign * new TimeSpan(hours, minutes, 0);
            return rest.IsEmpty && hours <= 18 && minutes <= 59;
        }

        private static bool TakeFraction(ref ReadOnlySpan<char> rest, out long ticks)
        {
            ticks = 0;
            if (!Take(ref rest, '.') && !Take(ref rest, ',')) return true;
            var digits = rest.IndexOfAnyExceptInRange('0', '9');
            if (digits < 0) digits = rest.Length;
            for (var i = 0; i < 7; i++) ticks = (ticks * 10) + (i < digits ? rest[i] - '0' : 0);
            rest = rest[digits..];
            return digits > 0;
        }

        private static bool Take(ref ReadOnlySpan<char> rest, char c)
        {
            if (rest.IsEmpty || rest[0] != c) return false;
            rest = rest[1..];
            return true;
        }

        private static bool TakeDigits(ref ReadOnlySpan<char> rest, int count, out int number)
        {
            number = 0;
            if (rest.Length < count || rest[..count].ContainsAnyExceptInRange('0', '9')) return false;
            number = int.Parse(rest[..count], NumberStyles.None, CultureInfo.InvariantCulture);
            rest = rest[count..];
            return true;
        }
    }
}
