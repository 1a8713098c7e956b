using System.Buffers;
using System.Runtime.CompilerServices;
using DataPipeline.Application.Batches;
using DataPipeline.Infrastructure.Persistence;

namespace DataPipeline.Infrastructure.Intake;

/// <summary>Compressed chunks: the first ones in pooled memory, up to <see cref="MaxInMemory"/> bytes in total, the others in a temporary file that nobody else can open.</summary>
/// <param name="room">What is given back with the spool.</param>
internal sealed class ChunkSpool(IDisposable? room = null) : IChunkSpool
{
    internal const int MaxInMemory = 1 << 20;

    private readonly List<Entry> _entries = [];
    private int _inMemory;
    private FileStream? _file;

    public int RecordCount { get; private set; }

    public long Bytes { get; private set; }

    public async ValueTask AddAsync(int firstRecord, int recordCount, ReadOnlyMemory<byte> frames, CancellationToken ct)
    {
        var compressed = ArrayPool<byte>.Shared.Rent(ChunkCompression.MaxCompressedLength(frames.Length));
        try
        {
            var length = ChunkCompression.Compress(frames.Span, compressed);
            if (_inMemory + length <= MaxInMemory)
            {
                var kept = ArrayPool<byte>.Shared.Rent(length);
                compressed.AsSpan(0, length).CopyTo(kept);
                _entries.Add(new Entry(firstRecord, recordCount, kept, 0, length));
                _inMemory += length;
            }
            else
            {
                _entries.Add(new Entry(firstRecord, recordCount, null, await WriteAsync(compressed.AsMemory(0, length), ct), length));
            }
            RecordCount += recordCount;
            Bytes += length;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(compressed);
        }
    }

    public async IAsyncEnumerable<ChunkContent> ReadAsync([EnumeratorCancellation] CancellationToken ct)
    {
        var largest = _entries.Where(e => e.InMemory is null).Select(e => e.Length).DefaultIfEmpty().Max();
        var buffer = ArrayPool<byte>.Shared.Rent(largest);
        try
        {
            foreach (var (firstRecord, recordCount, inMemory, position, length) in _entries)
            {
                if (inMemory is null)
                {
                    _file!.Position = position;
                    await _file.ReadExactlyAsync(buffer.AsMemory(0, length), ct);
                }
                yield return new ChunkContent(firstRecord, recordCount, (inMemory ?? buffer).AsMemory(0, length));
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var entry in _entries)
        {
            if (entry.InMemory is not null) ArrayPool<byte>.Shared.Return(entry.InMemory);
        }
        _entries.Clear();
        if (_file is not null) await _file.DisposeAsync();
        room?.Dispose();
    }

    /// <returns>Where it is in the file.</returns>
    private async ValueTask<long> WriteAsync(ReadOnlyMemory<byte> compressed, CancellationToken ct)
    {
        try
        {
            _file ??= CreateFile();
            var position = _file.Length;
            _file.Position = position;
            await _file.WriteAsync(compressed, ct);
            return position;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new SpoolUnavailableException(failure);
        }
    }

    private static FileStream CreateFile()
    {
        Directory.CreateDirectory(Path.GetTempPath());
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.ReadWrite,
            Share = FileShare.Delete,
            Options = FileOptions.Asynchronous | FileOptions.DeleteOnClose,
            BufferSize = 0,
        };
        if (OperatingSystem.IsWindows()) return new FileStream(NewPath(), options);

        options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        var file = new FileStream(NewPath(), options);
        // Without its name the file goes with the process, even one that is killed.
        File.Delete(file.Name);
        return file;

        static string NewPath() => Path.Combine(Path.GetTempPath(), $"datapipeline-{Path.GetRandomFileName()}");
    }

    private readonly record struct Entry(int FirstRecord, int RecordCount, byte[]? InMemory, long Position, int Length);
}
