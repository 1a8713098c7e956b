using System.Diagnostics;
using System.Globalization;
using DataPipeline.Application.Batches;
using DataPipeline.Application.Batches.Intake;
using Microsoft.Extensions.Options;

namespace DataPipeline.Benchmarks;

/// <summary>How fast a body is read, checked and cut into chunks: one core, without compression and database.</summary>
internal static class ReaderBenchmark
{
    private const int Records = 100_000;
    private const int Runs = 10;

    internal static async Task RunAsync()
    {
        var lines = Orders.AsNdJson(0, Records, bad: false);
        var array = lines.ToArray();
        array.AsSpan().Replace((byte)'\n', (byte)',');
        array[^1] = (byte)']';
        await MeasureAsync("application/x-ndjson", lines);
        await MeasureAsync("application/json", [(byte)'[', .. array]);
    }

    private static async Task MeasureAsync(string type, byte[] body)
    {
        var reader = new BodyReader(Options.Create(new BatchOptions()), Options.Create(new ChunkOptions()), TimeProvider.System);
        var format = SubmissionFormat.Of(type, null).Value;
        var best = TimeSpan.MaxValue;
        for (var run = 0; run < Runs; run++)
        {
            var started = Stopwatch.GetTimestamp();
            var refused = await reader.ReadAsync(new MemoryStream(body), format, new Nowhere(), hash: null, () => Task.CompletedTask, CancellationToken.None);
            if (refused is not null) throw new InvalidOperationException(refused.Message);
            if (Stopwatch.GetElapsedTime(started) is var elapsed && elapsed < best) best = elapsed;
        }
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{type}: {body.Length / best.TotalSeconds / 1e6:F0} MB/s, {Records / best.TotalSeconds:N0} records/s"));
    }

    private sealed class Nowhere : IChunkSpool
    {
        public int RecordCount => Records;

        public long Bytes => 0;

        public ValueTask AddAsync(int firstRecord, int recordCount, ReadOnlyMemory<byte> frames, CancellationToken ct) => ValueTask.CompletedTask;

        public IAsyncEnumerable<ChunkContent> ReadAsync(CancellationToken ct) => throw new NotSupportedException();

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
