using System.Buffers;
using System.Text.Unicode;

namespace DataPipeline.Domain.Processing;

/// <summary>Writes JSON text in few and large steps into a buffer writer; <see cref="Flush"/> ends it.</summary>
internal ref struct Utf8Output(IBufferWriter<byte> writer)
{
    private static readonly SearchValues<char> NeedsEscape = SearchValues.Create(
        "\"\\\0\u0001\u0002\u0003\u0004\u0005\u0006\u0007\u0008\u0009\u000a\u000b\u000c\u000d\u000e\u000f\u0010\u0011\u0012\u0013\u0014\u0015\u0016\u0017\u0018\u0019\u001a\u001b\u001c\u001d\u001e\u001f");

    private Span<byte> _space;
    private int _used;

    internal void Write(scoped ReadOnlySpan<byte> bytes)
    {
        if (_space.Length - _used < bytes.Length) Grow(bytes.Length);
        bytes.CopyTo(_space[_used..]);
        _used += bytes.Length;
    }

    internal void Write(byte value)
    {
        if (_space.Length == _used) Grow(1);
        _space[_used++] = value;
    }

    /// <summary>Writes a quoted JSON string. A lone surrogate is written as an escape, so that it comes back as it was.</summary>
    internal void WriteString(scoped ReadOnlySpan<char> text)
    {
        Write((byte)'"');
        while (!text.IsEmpty)
        {
            var plain = text.IndexOfAny(NeedsEscape);
            if (plain != 0)
            {
                var run = plain < 0 ? text : text[..plain];
                if (_space.Length - _used < run.Length * 3) Grow(run.Length * 3);
                Utf8.FromUtf16(run, _space[_used..], out var read, out var written, replaceInvalidSequences: false);
                _used += written;
                text = text[read..];
                if (read == run.Length) continue;
            }

            WriteEscaped(text[0]);
            text = text[1..];
        }

        Write((byte)'"');
    }

    internal void Flush()
    {
        writer.Advance(_used);
        _space = default;
        _used = 0;
    }

    private void WriteEscaped(char c)
    {
        switch (c)
        {
            case '"': Write("\\\""u8); break;
            case '\\': Write("\\\\"u8); break;
            case '\n': Write("\\n"u8); break;
            case '\r': Write("\\r"u8); break;
            case '\t': Write("\\t"u8); break;
            default:
                Write("\\u"u8);
                for (var shift = 12; shift >= 0; shift -= 4) Write("0123456789abcdef"u8[(c >> shift) & 0xF]);
                break;
        }
    }

    private void Grow(int needed)
    {
        writer.Advance(_used);
        _space = writer.GetSpan(Math.Max(needed, 256));
        _used = 0;
    }
}
