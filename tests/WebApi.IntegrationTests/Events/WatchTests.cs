using DataPipeline.Application.Events;
using DataPipeline.Domain.Batches;
using DataPipeline.Domain.Common;
using DataPipeline.Domain.Pipelines;
using DataPipeline.Infrastructure.Events;
using DataPipeline.Infrastructure.Persistence;

namespace DataPipeline.WebApi.IntegrationTests.Events;

/// <summary>What a reader that does not keep up is told, and what it costs.</summary>
public sealed class WatchTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan KeepAlive = TimeSpan.FromMilliseconds(1);
    private static readonly UuidV7Generator Ids = new(TimeProvider.System);
    private readonly Pipeline _pipeline = Pipeline.Create(Ids.NewId(), new OwnerId("acme"), "orders", null, PipelineConfig.Restore("{}"), Start);

    public WatchTests() => Assert.True(_pipeline.Start(Start).IsSuccess);

    [Fact]
    public async Task ASlowReader_GetsTheNewestStateOfEachThing()
    {
        var watch = WatchPipeline();
        var (one, two) = (Submit(100), Submit(100));
        for (var i = 0; i < 50; i++)
        {
            Advance(one);
            watch.Tell(one, Start.AddSeconds(i));
        }

        watch.Tell(two, Start.AddSeconds(60));
        watch.Tell(StateOf(1), Start.AddSeconds(60));
        watch.Tell(StateOf(2), Start.AddSeconds(61));

        var told = (await Read(watch, 1))[0];

        Assert.Equal([2], told.OfType<PipelineEvent>().Select(change => change.Pipeline.Version));
        Assert.Equal([one.Id, two.Id], told.OfType<BatchEvent>().Select(change => change.Batch.Id));
        Assert.Equal([null, null, "2026-01-01T00:01:01.000000Z"], told.Select(change => change.Id));
    }

    [Fact]
    public async Task WhatIsFoundTogether_CanBeResumedFromItsBeginning_UntilAllOfItIsTold()
    {
        var watch = WatchPipeline();
        watch.Tell(Submit(1), Start);
        await using var reader = watch.ReadAsync(TestContext.Current.CancellationToken).GetAsyncEnumerator(TestContext.Current.CancellationToken);
        await reader.MoveNextAsync();
        for (var i = 0; i < 3; i++) watch.Tell(Submit(1), Start.AddSeconds(5));

        await reader.MoveNextAsync();

        Assert.Equal(["2026-01-01T00:00:00.000000Z", "2026-01-01T00:00:00.000000Z", "2026-01-01T00:00:05.000000Z"], reader.Current.Select(change => change.Id));
    }

    [Fact]
    public async Task AReaderThatIsTooFarBehind_IsCutOff_AndToldNothingThatWouldHideWhatItMissed()
    {
        var watch = WatchPipeline();
        for (var i = 0; i <= WholePipelineWatch.MaxPending; i++) watch.Tell(Submit(1), Start);
        watch.Tell(Submit(1), Start);
        watch.Tell(StateOf(2), Start);

        Assert.Empty(await Read(watch, 1));
    }

    [Fact]
    public async Task AReaderWithNothingToRead_IsToldThatTheStreamIsAlive() => Assert.Empty((await Read(WatchPipeline(), 1))[0]);

    [Fact]
    public async Task ABatchThatEnds_IsToldOnce_HoweverOftenItWasToldBefore()
    {
        var watch = new SingleBatchWatch(null!, _pipeline.OwnerId, Guid.Empty, Guid.Empty, null, KeepAlive);
        var batch = Submit(3);
        for (var i = 0; i < 3; i++)
        {
            Advance(batch);
            watch.Tell(batch, Start);
        }

        var told = await Read(watch, 10);

        Assert.Equal([((2L << 32) + 3).ToString(System.Globalization.CultureInfo.InvariantCulture)], told.SelectMany(events => events).Select(change => change.Id));
    }

    [Fact]
    public void ThePositionOfABatch_OnlyGoesUp()
    {
        var batch = Submit(2);
        var positions = new List<long> { BatchEvent.PositionOf(batch) };
        batch.Begin(Start);
        positions.Add(BatchEvent.PositionOf(batch));
        Advance(batch);
        positions.Add(BatchEvent.PositionOf(batch));
        Assert.True(batch.Cancel(Start).IsSuccess);
        positions.Add(BatchEvent.PositionOf(batch));

        Assert.Equal(positions.Distinct().Order(), positions);
    }

    private static async Task<List<IReadOnlyList<WatchEvent>>> Read(Watch watch, int atMost)
    {
        var all = new List<IReadOnlyList<WatchEvent>>();
        await foreach (var events in watch.ReadAsync(TestContext.Current.CancellationToken))
        {
            all.Add(events);
            if (all.Count == atMost) break;
        }

        return all;
    }

    private static void Advance(Batch batch) => batch.Advance(new RecordTally(1, 0, 0), ErrorPolicy.Unbounded, Start);

    private WholePipelineWatch WatchPipeline() => new(null!, _pipeline.OwnerId, Guid.Empty, _pipeline.Id, null, KeepAlive);

    private PipelineState StateOf(int version) => new(_pipeline.Id, _pipeline.Name, _pipeline.Status, version, Start);

    private Batch Submit(int records) => Batch.Submit(Ids.NewId(), _pipeline, records, null, Start).Value;
}
