using System.Buffers.Binary;
using K4os.Compression.LZ4;

namespace DataPipeline.Infrastructure.Persistence;

/// <summary>LZ4 block format behind 4 bytes of decompressed length (little-endian): a chunk's payload as it lies in the database.</summary>
internal static class ChunkCompression
{
    private const int HeaderLength = 4;

    /// <summary>A payload without frames.</summary>
    internal static byte[] Empty => new byte[HeaderLength];

    internal static int MaxCompressedLength(int length) => HeaderLength + LZ4Codec.MaximumOutputSize(length);

    /// <returns>How many bytes of <paramref name="target"/> are the payload.</returns>
    internal static int Compress(ReadOnlySpan<byte> frames, Span<byte> target)
    {
        BinaryPrimitives.WriteInt32LittleEndian(target, frames.Length);
        return HeaderLength + LZ4Codec.Encode(frames, target[HeaderLength..]);
    }

    internal static byte[] Compress(ReadOnlySpan<byte> frames)
    {
        var target = new byte[MaxCompressedLength(frames.Length)];
        return target[..Compress(frames, target)];
    }

    internal static int DecompressedLength(ReadOnlySpan<byte> payload) => BinaryPrimitives.ReadInt32LittleEndian(payload);

    /// <exception cref="InvalidDataException">The payload is damaged.</exception>
    internal static void Decompress(ReadOnlySpan<byte> payload, Span<byte> frames)
    {
        if (LZ4Codec.Decode(payload[HeaderLength..], frames) != frames.Length) throw new InvalidDataException("The chunk's payload is damaged.");
    }
}
