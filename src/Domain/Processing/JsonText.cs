using System.Buffers;
using System.Globalization;
using System.Text;

namespace DataPipeline.Domain.Processing;

/// <summary>
/// Finds where values begin and end in JSON text that was validated before. On text that is not valid it ends early; it never reads
/// beyond the text and never throws.
/// </summary>
internal static class JsonText
{
    /// <summary>The deepest nesting that is read.</summary>
    internal const int MaxDepth = 64;

    /// <summary>Where there is no value, or one that does not end.</summary>
    internal const int Malformed = -1;

    private static readonly SearchValues<byte> Structure = SearchValues.Create("\"{}[]"u8);

    internal static int SkipWhiteSpace(ReadOnlySpan<byte> text, int at)
    {
        while ((uint)at < (uint)text.Length && text[at] is (byte)' ' or (byte)'\n' or (byte)'\r' or (byte)'\t') at++;
        return at;
    }

    /// <param name="at">Of the opening quote.</param>
    /// <returns>The index behind the closing quote.</returns>
    internal static int SkipString(ReadOnlySpan<byte> text, int at, out bool escaped)
    {
        escaped = false;
        at++;
        while ((uint)at < (uint)text.Length)
        {
            var stop = text[at..].IndexOfAny((byte)'"', (byte)'\\');
            if (stop < 0) return Malformed;
            at += stop;
            if (text[at] == (byte)'"') return at + 1;
            escaped = true;
            at += 2;
        }

        return Malformed;
    }

    /// <param name="at">Of the opening brace or bracket.</param>
    /// <returns>The index behind the closing one.</returns>
    internal static int SkipContainer(ReadOnlySpan<byte> text, int at)
    {
        var depth = 0;
        while ((uint)at < (uint)text.Length)
        {
            var stop = text[at..].IndexOfAny(Structure);
            if (stop < 0) return Malformed;
            at += stop;
            switch (text[at])
            {
                case (byte)'"':
                    at = SkipString(text, at, out _);
                    if (at == Malformed) return Malformed;
                    break;
                case (byte)'{' or (byte)'[':
                    if (++depth > MaxDepth) return Malformed;
                    at++;
                    break;
                default:
                    at++;
                    if (--depth == 0) return at;
                    break;
            }
        }

        return Malformed;
    }

    internal static int SkipNumber(ReadOnlySpan<byte> text, int at)
    {
        while ((uint)at < (uint)text.Length && text[at] is (>= (byte)'0' and <= (byte)'9') or (byte)'-' or (byte)'+' or (byte)'.' or (byte)'e' or (byte)'E') at++;
        return at;
    }

    /// <summary>The text of a JSON string, without its quotes. What is not valid in it becomes U+FFFD or stays as it is.</summary>
    internal static string Unescape(ReadOnlySpan<byte> raw)
    {
        var chars = ArrayPool<char>.Shared.Rent(raw.Length);
        var length = 0;
        while (!raw.IsEmpty)
        {
            var plain = raw.IndexOf((byte)'\\');
            var run = plain < 0 ? raw : raw[..plain];
            length += Encoding.UTF8.GetChars(run, chars.AsSpan(length));
            raw = raw[run.Length..];
            if (raw.Length < 2) break;
            if (raw[1] == (byte)'u' && raw.Length >= 6 && ushort.TryParse(raw.Slice(2, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var unit))
            {
                chars[length++] = (char)unit;
                raw = raw[6..];
                continue;
            }

            chars[length++] = raw[1] switch
            {
                (byte)'n' => '\n',
                (byte)'r' => '\r',
                (byte)'t' => '\t',
                (byte)'b' => '\b',
                (byte)'f' => '\f',
                var other => (char)other,
            };
            raw = raw[2..];
        }

        var text = new string(chars, 0, length);
        ArrayPool<char>.Shared.Return(chars);
        return text;
    }
}
