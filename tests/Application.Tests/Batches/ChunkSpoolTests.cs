using DataPipeline.Application.Batches;
using DataPipeline.Domain.Common;
using DataPipeline.Infrastructure.Intake;
using DataPipeline.Infrastructure.Persistence;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace DataPipeline.Application.Tests.Batches;

public sealed class ChunkSpoolTests
{
    private readonly FakeTimeProvider _clock = new();

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

        await using var spool = new ChunkSpool();
        for (var i = 0; i < chunks; i++) await spool.AddAsync(i * 10, 10, added[i], TestContext.Current.CancellationToken);

        Assert.Equal(chunks * 10, spool.RecordCount);
        Assert.InRange(spool.Bytes, chunks * length, chunks * ChunkCompression.MaxCompressedLength(length));
        Assert.Equal(added, await Read(spool));
        Assert.Equal(added, await Read(spool));
    }

    [Fact]
    public async Task NoFileIsLeftBehind_NorSeenMeanwhile()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "An open file keeps its name there.");
        await using var spool = new ChunkSpool();
        var frames = new byte[2 * ChunkSpool.MaxInMemory];
        new Random(17).NextBytes(frames);

        await spool.AddAsync(0, 1, frames, TestContext.Current.CancellationToken);

        Assert.Empty(Directory.GetFiles(Path.GetTempPath(), "datapipeline-*.*"));
    }

    [Fact]
    public async Task OfManySpools_AnOwnerHasHalf_AndGivesThemBack()
    {
        using var spools = Factory(4);
        var held = new[] { await CreateAsync(spools, "one"), await CreateAsync(spools, "one") };
        var waiting = CreateAsync(spools, "one");
        var others = new[] { await CreateAsync(spools, "other"), await CreateAsync(spools, "third") };
        var fourth = CreateAsync(spools, "fourth");

        Assert.False(waiting.IsCompleted || fourth.IsCompleted);
        await others[0]!.DisposeAsync();
        Assert.NotNull(await fourth);
        Assert.False(waiting.IsCompleted);
        await held[0]!.DisposeAsync();
        Assert.NotNull(await waiting);
    }

    [Fact]
    public async Task ASpoolThatIsWaitedForTooLong_IsNotHad()
    {
        using var spools = Factory(1);
        var held = await CreateAsync(spools, "one");
        var waiting = CreateAsync(spools, "other");

        _clock.Advance(TimeSpan.FromSeconds(9));
        Assert.False(waiting.IsCompleted);
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(await waiting);

        await held!.DisposeAsync();
        Assert.NotNull(await CreateAsync(spools, "other"));
    }

    [Fact]
    public async Task TheLine_IsNotEndless()
    {
        using var spools = Factory(1);
        await CreateAsync(spools, "one");
        var waiting = Enumerable.Range(0, 16).Select(i => CreateAsync(spools, $"owner {i}")).ToList();

        Assert.Null(await CreateAsync(spools, "late"));
        Assert.All(waiting, one => Assert.False(one.IsCompleted));
    }

    private ChunkSpoolFactory Factory(int spools) => new(Options.Create(new BatchOptions { MaxConcurrentSubmissions = spools }), _clock);

    private static Task<IChunkSpool?> CreateAsync(ChunkSpoolFactory spools, string owner) => spools.CreateAsync(new OwnerId(owner), TestContext.Current.CancellationToken).AsTask();

    private static async Task<List<byte[]>> Read(ChunkSpool spool)
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
