using DataPipeline.Application.Batches;
using DataPipeline.Infrastructure.Intake;
using DataPipeline.Infrastructure.Persistence;

namespace DataPipeline.Application.Tests.Batches;

public sealed class ChunkSpoolTests
{
    [Theory]
    [InlineData(3, 1_000)]
    [InlineData(5, 700_000)]
    public async Task WhatIsAdded_IsReadBackInOrder_AsOftenAsWanted(int chunks, int length)
    {
        var random = new Random(17);
        var added = Enumerable.Range(0, chunks).Select(_ =>
        {
            var frames = new byte[length];
            random.NextBytes(frames);
            return frames;
        }).ToList();

        await using var spool = new ChunkSpoolFactory().Create();
        for (var i = 0; i < chunks; i++) await spool.AddAsync(i * 10, 10, added[i], TestContext.Current.CancellationToken);

        Assert.Equal(chunks * 10, spool.RecordCount);
        Assert.Equal(added, await Read(spool));
        Assert.Equal(added, await Read(spool));
    }

    [Fact]
    public async Task NoFileIsLeftBehind_NorSeenMeanwhile()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "An open file keeps its name there.");
        await using var spool = new ChunkSpoolFactory().Create();
        var frames = new byte[2 * ChunkSpool.MaxInMemory];
        new Random(17).NextBytes(frames);

        await spool.AddAsync(0, 1, frames, TestContext.Current.CancellationToken);

        Assert.Empty(Directory.GetFiles(Path.GetTempPath(), "datapipeline-*.*"));
    }

    private static async Task<List<byte[]>> Read(IChunkSpool spool)
    {
        var read = new List<byte[]>();
        await foreach (var chunk in spool.ReadAsync(TestContext.Current.CancellationToken))
        {
            Assert.Equal((read.Count * 10, 10), (chunk.FirstRecord, chunk.RecordCount));
            var frames = new byte[ChunkCompression.DecompressedLength(chunk.Payload.Span)];
            ChunkCompression.Decompress(chunk.Payload.Span, frames);
            read.Add(frames);
        }
        return read;
    }
}
