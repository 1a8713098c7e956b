using System.IO.Compression;
using System.Text;
using DataPipeline.Application.Batches;
using DataPipeline.Application.Batches.Intake;
using DataPipeline.Application.Processing;
using DataPipeline.Domain.Common;
using Microsoft.Extensions.Options;

namespace DataPipeline.Application.Tests.Batches;

/// <summary>Reads a body as the service does, and what became of it.</summary>
internal sealed class Submitted
{
    private readonly List<ChunkFrame> _frames = [];
    private readonly List<int> _chunks = [];

    internal IReadOnlyList<ChunkFrame> Frames => _frames;

    /// <summary>The number of records of each chunk.</summary>
    internal IReadOnlyList<int> Chunks => _chunks;

    internal List<int> ChunkBytes { get; } = [];

    internal Error? Error { get; private set; }

    internal byte[]? Hash { get; private set; }

    /// <summary>A line for each frame: the record, or the code, the kind and the text of what was rejected.</summary>
    internal string Text => string.Join('\n', Frames.Select(Show));

    internal static string Show(ChunkFrame frame)
    {
        var content = Encoding.Latin1.GetString(frame.Content.Span);
        return frame.Rejection is { } rejection ? $"{rejection.Code} {(frame.IsJson ? 'J' : 'R')} {content}" : content;
    }

    internal static Task<Submitted> Json(string body, BatchOptions? limits = null) => Read("application/json", body, limits);

    internal static Task<Submitted> NdJson(string body, BatchOptions? limits = null) => Read("application/x-ndjson", body, limits);

    internal static Task<Submitted> Csv(string body, BatchOptions? limits = null) => Read("text/csv", body, limits);

    internal static Task<Submitted> Read(string type, string body, BatchOptions? limits = null) => Read(type, new MemoryStream(Encoding.UTF8.GetBytes(body)), limits);

    internal static async Task<Submitted> Read(string type, Stream body, BatchOptions? limits = null, ChunkOptions? sizes = null, string? encoding = null)
    {
        var submitted = new Submitted();
        await using var spool = new Spool(submitted);
        var reader = new BodyReader(Options.Create(limits ?? new BatchOptions()), Options.Create(sizes ?? new ChunkOptions()), TimeProvider.System);
        var format = SubmissionFormat.Of(type, encoding).Value;
        using var hash = BodyReader.StartHash(format);
        submitted.Error = await reader.ReadAsync(body, format, spool, hash, () => Task.CompletedTask, TestContext.Current.CancellationToken);
        submitted.Hash = submitted.Error is null ? hash.GetHashAndReset() : null;
        return submitted;
    }

    internal static byte[] Compress(byte[] body, string encoding)
    {
        using var target = new MemoryStream();
        using (Stream stream = encoding switch
        {
            "br" => new BrotliStream(target, CompressionLevel.Fastest, leaveOpen: true),
            "deflate" => new ZLibStream(target, CompressionLevel.Fastest, leaveOpen: true),
            _ => new GZipStream(target, CompressionLevel.Fastest, leaveOpen: true),
        })
        {
            stream.Write(body);
        }
        return target.ToArray();
    }

    private sealed class Spool(Submitted submitted) : IChunkSpool
    {
        public int RecordCount { get; private set; }

        public long Bytes => 0;

        public ValueTask AddAsync(int firstRecord, int recordCount, ReadOnlyMemory<byte> frames, CancellationToken ct)
        {
            Assert.Equal(RecordCount, firstRecord);
            ReadOnlyMemory<byte> rest = frames.ToArray();
            var count = 0;
            for (; !rest.IsEmpty; count++) submitted._frames.Add(ChunkCodec.ReadNext(ref rest));
            Assert.Equal(recordCount, count);
            submitted._chunks.Add(count);
            submitted.ChunkBytes.Add(frames.Length);
            RecordCount += recordCount;
            return ValueTask.CompletedTask;
        }

        public IAsyncEnumerable<ChunkContent> ReadAsync(CancellationToken ct) => throw new NotSupportedException();

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}

/// <summary>Hands out a body in pieces of given lengths, over and over.</summary>
internal sealed class PiecesStream(byte[] body, params int[] pieces) : Stream
{
    private int _at;
    private int _piece;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        var length = Math.Min(Math.Min(buffer.Length, pieces[_piece++ % pieces.Length]), body.Length - _at);
        body.AsSpan(_at, length).CopyTo(buffer);
        _at += length;
        return length;
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => ValueTask.FromResult(Read(buffer.Span));

    public override void Flush() => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
