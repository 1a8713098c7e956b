using System.Security.Cryptography;
using System.Text;
using DataPipeline.Application.Common;
using DataPipeline.Domain.Batches;
using DataPipeline.Domain.Common;
using Microsoft.Extensions.Options;

namespace DataPipeline.Application.Batches.Intake;

/// <summary>Reads a body as a stream into a spool: in memory there is never more than the chunk at hand and one unfinished record. Thread-safe.</summary>
internal sealed class BodyReader(IOptions<BatchOptions> limits, IOptions<ChunkOptions> sizes, TimeProvider clock)
{
    private const int ReadSize = 64 << 10;
    private const int MinReadSize = 4 << 10;

    /// <param name="hash">Takes the decompressed body, see <see cref="StartHash"/>; <c>null</c> where nobody asks for it.</param>
    /// <param name="keepAlive">Called again and again while the body is being read.</param>
    /// <returns>Why the body is refused, with the spool in any state; <c>null</c> where it is not.</returns>
    internal async Task<Error?> ReadAsync(Stream body, SubmissionFormat format, IChunkSpool spool, IncrementalHash? hash, Func<Task> keepAlive, CancellationToken ct)
    {
        using var chunk = new ChunkCutter(limits.Value, sizes.Value);
        using var scratch = new PooledBuffer(1 << 10);
        using var pending = new PooledBuffer(ReadSize);
        var parser = format.CreateParser(limits.Value, chunk, scratch);
        var refused = await ReadToEndAsync(
            body,
            format,
            hash,
            pending,
            async isFinal =>
            {
                while (true)
                {
                    pending.Remove(parser.Parse(pending.WrittenSpan, isFinal));
                    if (parser.Error is { } refusal) return refusal;
                    if (chunk.Error is { } tooMany) return tooMany;
                    if (!chunk.IsFull) return null;
                    await spool.AddAsync(chunk.FirstRecord, chunk.Count, chunk.Frames, ct);
                    chunk.StartNext();
                }
            },
            keepAlive,
            ct);
        if (refused is not null) return refused;
        if (chunk.Total == 0) return BatchErrors.Empty();
        if (chunk.Count > 0) await spool.AddAsync(chunk.FirstRecord, chunk.Count, chunk.Frames, ct);
        return null;
    }

    /// <summary>A hash that tells bodies apart, and the same body under another media type.</summary>
    internal static IncrementalHash StartHash(SubmissionFormat format)
    {
        var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.ASCII.GetBytes($"{format.MediaType}\n"));
        return hash;
    }

    /// <summary>Reads the body for its hash alone.</summary>
    /// <returns>Why the body is refused; <c>null</c> where it is not.</returns>
    internal async Task<Error?> HashAsync(Stream body, SubmissionFormat format, IncrementalHash hash, CancellationToken ct)
    {
        using var pending = new PooledBuffer(ReadSize);
        return await ReadToEndAsync(
            body,
            format,
            hash,
            pending,
            _ =>
            {
                pending.Clear();
                return ValueTask.FromResult<Error?>(null);
            },
            () => Task.CompletedTask,
            ct);
    }

    private async Task<Error?> ReadToEndAsync(
        Stream body, SubmissionFormat format, IncrementalHash? hash, PooledBuffer pending, Func<bool, ValueTask<Error?>> take, Func<Task> keepAlive, CancellationToken ct)
    {
        await using var decoded = format.Encoding is null ? null : new DecodedBody(body, format.Encoding);
        using var tooLate = new CancellationTokenSource(TimeSpan.FromSeconds(limits.Value.MaxUploadSeconds), clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, tooLate.Token);
        for (long total = 0; ;)
        {
            var target = pending.GetMemory(MinReadSize);
            int read;
            try
            {
                read = await (decoded?.ReadAsync(target, either.Token) ?? body.ReadAsync(target, either.Token));
            }
            catch (OperationCanceledException) when (tooLate.IsCancellationRequested && !ct.IsCancellationRequested)
            {
                return BatchErrors.TooSlow(limits.Value.MaxUploadSeconds);
            }
            catch (InvalidDataException) when (decoded is not null)
            {
                return Error.Validation("The body cannot be decompressed.", new ErrorDetail("Content-Encoding", "MALFORMED_ENCODING", $"The body is no valid {format.Encoding} data."));
            }
            total += read;
            if (total > limits.Value.MaxBodyBytes) return BatchErrors.PayloadTooLarge(limits.Value.MaxBodyBytes);
            hash?.AppendData(target.Span[..read]);
            pending.Advance(read);
            if (await take(read == 0) is { } refusal) return refusal;
            if (read == 0) return null;
            await keepAlive();
        }
    }
}
