using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace DataPipeline.Application.Processing;

/// <summary>Why a submitted record was refused before any processor saw it.</summary>
/// <param name="Code">Stable, upper-case code.</param>
/// <param name="Message">One sentence for a person.</param>
public readonly record struct Rejection(string Code, string Message);

/// <summary>
/// How a chunk's records lie in its payload, before compression: one frame a record, in order.
/// A frame is a header of 4 bytes (little-endian: the length of the content, and in the top bit whether it was rejected) and the content.
/// The content of a record is its UTF-8 JSON object on one line; of a rejected one: code, line feed, message, line feed, <c>J</c> or <c>R</c> (JSON or raw), the text as submitted.
/// </summary>
public static class ChunkCodec
{
    private const uint RejectedBit = 0x8000_0000;
    private const int HeaderLength = 4;

    /// <param name="record">A JSON object, valid UTF-8 JSON.</param>
    public static void WriteRecord(IBufferWriter<byte> output, ReadOnlySpan<byte> record)
    {
        var frame = output.GetSpan(HeaderLength + record.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(frame, (uint)record.Length);
        var content = frame.Slice(HeaderLength, record.Length);
        record.CopyTo(content);

        // A line break in JSON text is white space, never part of a string; a record that has none can be a line of NDJSON as it is.
        if (content.IndexOfAny((byte)'\n', (byte)'\r') >= 0)
        {
            content.Replace((byte)'\n', (byte)' ');
            content.Replace((byte)'\r', (byte)' ');
        }

        output.Advance(HeaderLength + record.Length);
    }

    /// <param name="submitted">What was submitted in the record's place.</param>
    /// <param name="isJson">Whether that is JSON.</param>
    public static void WriteRejected(IBufferWriter<byte> output, Rejection reason, ReadOnlySpan<byte> submitted, bool isJson)
    {
        var head = Encoding.UTF8.GetBytes($"{reason.Code}\n{reason.Message.ReplaceLineEndings(" ")}\n{(isJson ? 'J' : 'R')}");
        var length = head.Length + submitted.Length;
        var frame = output.GetSpan(HeaderLength + length);
        BinaryPrimitives.WriteUInt32LittleEndian(frame, (uint)length | RejectedBit);
        head.CopyTo(frame[HeaderLength..]);
        submitted.CopyTo(frame[(HeaderLength + head.Length)..]);
        output.Advance(HeaderLength + length);
    }

    /// <summary>Takes the first frame off <paramref name="payload"/>.</summary>
    /// <exception cref="InvalidDataException">The payload is not what this codec writes.</exception>
    public static ChunkFrame ReadNext(ref ReadOnlyMemory<byte> payload)
    {
        if (payload.Length < HeaderLength) throw new InvalidDataException("The chunk ends within a frame's header.");
        var header = BinaryPrimitives.ReadUInt32LittleEndian(payload.Span);
        var length = (int)(header & ~RejectedBit);
        if (payload.Length - HeaderLength < length) throw new InvalidDataException("The chunk ends within a frame.");
        var content = payload.Slice(HeaderLength, length);
        payload = payload[(HeaderLength + length)..];
        if ((header & RejectedBit) == 0) return new ChunkFrame(content, IsJson: true, Rejection: null);

        var code = TakeLine(ref content);
        var message = TakeLine(ref content);
        return new ChunkFrame(content[1..], IsJson: content.Span[0] == (byte)'J', new Rejection(code, message));
    }

    private static string TakeLine(ref ReadOnlyMemory<byte> content)
    {
        var end = content.Span.IndexOf((byte)'\n');
        if (end < 0) throw new InvalidDataException("A rejected record's frame lacks its reason.");
        var line = Encoding.UTF8.GetString(content.Span[..end]);
        content = content[(end + 1)..];
        return line;
    }
}

/// <summary>One record of a chunk.</summary>
/// <param name="Content">The record as submitted.</param>
/// <param name="IsJson">Whether <paramref name="Content"/> is JSON.</param>
/// <param name="Rejection">Why it is refused before the first processor; <c>null</c> where it is not.</param>
public readonly record struct ChunkFrame(ReadOnlyMemory<byte> Content, bool IsJson, Rejection? Rejection);
