using System.IO.Compression;

namespace DataPipeline.Application.Batches.Intake;

/// <summary>
/// A compressed body as it was before. The framework's decompressors take the end of a cut-off body for the end of its data; this one tells them apart.
/// Brotli and zlib streams know their end, so one that asks for more has not reached it. Gzip may always be followed by another member,
/// so one is added: its content comes out at the end only where everything before was whole.
/// </summary>
internal sealed class DecodedBody : IAsyncDisposable
{
    private static readonly byte[] EndMark = "\0end of the body\0"u8.ToArray();
    private static readonly byte[] EndMember = Gzip(EndMark);

    private readonly Source _source;
    private readonly Stream _decoder;
    private readonly byte[]? _held;
    private int _heldLength;

    internal DecodedBody(Stream body, string encoding)
    {
        _source = new Source(body, encoding is "br" or "deflate" ? [] : EndMember);
        _decoder = encoding switch
        {
            "br" => new BrotliStream(_source, CompressionMode.Decompress, leaveOpen: true),
            "deflate" => new ZLibStream(_source, CompressionMode.Decompress, leaveOpen: true),
            _ => new GZipStream(_source, CompressionMode.Decompress, leaveOpen: true),
        };
        if (encoding is not ("br" or "deflate")) _held = new byte[EndMark.Length];
    }

    /// <param name="target">Longer than a few dozen bytes.</param>
    /// <returns>How many bytes were read; 0 at the end.</returns>
    /// <exception cref="InvalidDataException">The body is damaged or cut off.</exception>
    internal async ValueTask<int> ReadAsync(Memory<byte> target, CancellationToken ct)
    {
        try
        {
            return _held is null ? await ReadCheckedAsync(target, ct) : await ReadMarkedAsync(target, _held, ct);
        }
        catch (InvalidOperationException e)
        {
            throw new InvalidDataException("The body is damaged.", e);
        }
    }

    public ValueTask DisposeAsync() => _decoder.DisposeAsync();

    private async ValueTask<int> ReadCheckedAsync(Memory<byte> target, CancellationToken ct)
    {
        var read = await _decoder.ReadAsync(target, ct);
        if (read == 0 && _source.IsPastEnd) throw new InvalidDataException("The body is cut off.");
        return read;
    }

    /// <summary>Keeps back as many of the last bytes as the mark has.</summary>
    private async ValueTask<int> ReadMarkedAsync(Memory<byte> target, byte[] held, CancellationToken ct)
    {
        held.AsSpan(0, _heldLength).CopyTo(target.Span);
        var length = _heldLength;
        while (length <= held.Length)
        {
            var read = await _decoder.ReadAsync(target[length..], ct);
            if (read == 0) return target.Span[..length].SequenceEqual(EndMark) ? 0 : throw new InvalidDataException("The body is cut off.");
            length += read;
        }
        _heldLength = held.Length;
        target.Span[(length - _heldLength)..length].CopyTo(held);
        return length - _heldLength;
    }

    private static byte[] Gzip(byte[] content)
    {
        using var target = new MemoryStream();
        using (var gzip = new GZipStream(target, CompressionLevel.NoCompression, leaveOpen: true)) gzip.Write(content);
        return target.ToArray();
    }

    /// <summary>The body, then the tail, and whether more was asked for than the body has.</summary>
    private sealed class Source(Stream body, byte[] tail) : Stream
    {
        private int _tailTaken;

        internal bool IsPastEnd { get; private set; }

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (!IsPastEnd && await body.ReadAsync(buffer, cancellationToken) is > 0 and var read) return read;
            IsPastEnd = true;
            var rest = tail.AsMemory(_tailTaken, Math.Min(buffer.Length, tail.Length - _tailTaken));
            rest.CopyTo(buffer);
            _tailTaken += rest.Length;
            return rest.Length;
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Flush() => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
