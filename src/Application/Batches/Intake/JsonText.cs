using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace DataPipeline.Application.Batches.Intake;

/// <summary>The escapes of JSON strings, on UTF-8 that was checked before.</summary>
internal static class JsonText
{
    private static readonly SearchValues<byte> MustEscape = SearchValues.Create([.. Enumerable.Range(0, 0x20).Select(b => (byte)b), (byte)'"', (byte)'\\']);

    /// <summary>
    /// Resolves the escapes of a well-formed string's inside. A lone surrogate, which UTF-8 cannot say, becomes the three bytes its scheme would give,
    /// so that different texts stay different.
    /// </summary>
    /// <param name="target">At least as long as <paramref name="escaped"/>.</param>
    /// <returns>How many bytes were written.</returns>
    internal static int Unescape(ReadOnlySpan<byte> escaped, Span<byte> target)
    {
        var written = 0;
        for (var i = 0; i < escaped.Length;)
        {
            if (escaped[i] != (byte)'\\')
            {
                target[written++] = escaped[i++];
                continue;
            }
            if (escaped[i + 1] != (byte)'u')
            {
                target[written++] = escaped[i + 1] switch
                {
                    (byte)'b' => (byte)'\b',
                    (byte)'f' => (byte)'\f',
                    (byte)'n' => (byte)'\n',
                    (byte)'r' => (byte)'\r',
                    (byte)'t' => (byte)'\t',
                    var same => same,
                };
                i += 2;
                continue;
            }
            int code = HexAt(escaped, i);
            i += 6;
            if (char.IsHighSurrogate((char)code) && i + 5 < escaped.Length && escaped[i] == (byte)'\\' && escaped[i + 1] == (byte)'u' && char.IsLowSurrogate((char)HexAt(escaped, i)))
            {
                code = char.ConvertToUtf32((char)code, (char)HexAt(escaped, i));
                i += 6;
            }
            written += Encode(code, target[written..]);
        }
        return written;
    }

    /// <summary>Writes <paramref name="value"/> as a JSON string, with its quotes.</summary>
    internal static void WriteString(IBufferWriter<byte> output, ReadOnlySpan<byte> value)
    {
        output.Write("\""u8);
        for (int stop; (stop = value.IndexOfAny(MustEscape)) >= 0; value = value[(stop + 1)..])
        {
            output.Write(value[..stop]);
            WriteEscape(output, value[stop]);
        }
        output.Write(value);
        output.Write("\""u8);
    }

    private static void WriteEscape(IBufferWriter<byte> output, byte b)
    {
        switch (b)
        {
            case (byte)'"': output.Write("\\\""u8); break;
            case (byte)'\\': output.Write("\\\\"u8); break;
            case (byte)'\n': output.Write("\\n"u8); break;
            case (byte)'\r': output.Write("\\r"u8); break;
            case (byte)'\t': output.Write("\\t"u8); break;
            default: output.Write(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"\\u{b:x4}"))); break;
        }
    }

    private static ushort HexAt(ReadOnlySpan<byte> escaped, int i) => Utf8Parser.TryParse(escaped.Slice(i + 2, 4), out ushort code, out _, 'x') ? code : (ushort)0;

    private static int Encode(int code, Span<byte> target)
    {
        if (Rune.TryCreate(code, out var rune)) return rune.EncodeToUtf8(target);
        target[0] = (byte)(0xE0 | (code >> 12));
        target[1] = (byte)(0x80 | ((code >> 6) & 0x3F));
        target[2] = (byte)(0x80 | (code & 0x3F));
        return 3;
    }
}
