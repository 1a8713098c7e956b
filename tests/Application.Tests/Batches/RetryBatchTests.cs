using System.Text;
using DataPipeline.Application.Batches;
using DataPipeline.Application.Common;
using DataPipeline.Application.RateLimiting;
using DataPipeline.Domain.Batches;
using DataPipeline.Domain.Common;
using DataPipeline.Domain.Pipelines;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Moq;

namespace DataPipeline.Application.Tests.Batches;

public sealed class RetryBatchTests
{
    private static readonly OwnerId Owner = new("acme");

    private readonly FakeTimeProvider _clock = new();
    private readonly Mock<IBatchIntake> _intake = new();
    private readonly Mock<IBatchStore> _store = new();
    private readonly MemorySpools _spools = new();
    private readonly Pipeline _pipeline;
    private readonly Batch _failed;
    private readonly List<StoredFailure> _failures = [];
    private readonly BatchOptions _limits = new() { MaxPendingPerOwner = 3, MaxRecords = 2, MaxRecordBytes = 200 };
    private int _unfinished;
    private RecordAllowance? _allowance;

    public RetryBatchTests()
    {
        _pipeline = Pipeline.Create(new Guid("0197f3a0-0000-7000-8000-000000000001"), Owner, "orders", null, PipelineConfig.Restore("{}"), _clock.GetUtcNow());
        Assert.True(_pipeline.Start(_clock.GetUtcNow()).IsSuccess);
        _failed = Batch.Submit(new Guid("0197f3a0-0000-7000-8000-000000000002"), _pipeline, 5_000, null, _clock.GetUtcNow()).Value;
        _store.Setup(s => s.ReadFailuresAsync(_failed.Id, It.IsAny<int>(), It.IsAny<SliceSize>(), It.IsAny<CancellationToken>())).ReturnsAsync((Guid _, int after, SliceSize size, CancellationToken _) =>
        {
            var left = _failures.Where(f => f.Failure.RecordIndex > after).Take(size.Count).ToList();
            return new Slice<StoredFailure>(left, left.Count > 0 && left[^1] != _failures[^1]);
        });
        _intake.Setup(i => i.AcceptAsync(Owner, _pipeline.Id, It.IsAny<IChunkSource>(), null, It.IsAny<Func<Pipeline, OwnerBacklog, Result<Batch>>>(), It.IsAny<CancellationToken>()))
            .ReturnsAsync((OwnerId _, Guid _, IChunkSource _, (IdempotencyReservation, byte[])? _, Func<Pipeline, OwnerBacklog, Result<Batch>> decide, CancellationToken _) => decide(_pipeline, new OwnerBacklog(_unfinished, 0)));
    }

    [Fact]
    public async Task ARetry_IsABatchOfTheFailedRecordsUnderTheCurrentVersion()
    {
        Fail("""{"a":1}""", isJson: true);
        Fail("""{"b":2}""", isJson: true);
        _pipeline.Redefine("orders 2", null, PipelineConfig.Restore("{}"), _clock.GetUtcNow());

        var result = await Retry();

        Assert.Equal((_failed.Id, 2, 2, BatchStatus.Pending), (result.Value.RetryOf, result.Value.RecordCount, result.Value.PipelineVersion, result.Value.Status));
        Assert.Equal(["""{"a":1}""", """{"b":2}"""], _spools.Frames.Select(Submitted.Show));
    }

    [Theory]
    [InlineData("""{"a":1,"a":2}""", true, """DUPLICATE_PROPERTY J {"a":1,"a":2}""")]
    [InlineData("12", true, "NOT_AN_OBJECT J 12")]
    [InlineData("oops", false, "OLD_CODE R oops")]
    [InlineData("12", false, "OLD_CODE R 12")]
    [InlineData("{\"a\":\"cut o", false, "OLD_CODE R {\"a\":\"cut o")]
    [InlineData("""{"a":[[[1]]]}""", false, """{"a":[[[1]]]}""")]
    public async Task ARecord_IsInspectedAgain_AndWhatIsStillNoneKeepsItsReason(string text, bool isJson, string frame)
    {
        Fail(text, isJson);

        Assert.Null((await Retry()).Error);

        Assert.Equal(frame, Submitted.Show(Assert.Single(_spools.Frames)));
    }

    [Fact]
    public async Task ARetryOfMany_ReadsThemInPagesAndCutsThemIntoChunks()
    {
        for (var i = 0; i < 3_500; i++) Fail($$"""{"n":{{i}}}""", isJson: true);

        var result = await Retry();

        Assert.Equal(3_500, result.Value.RecordCount);
        Assert.Equal(Enumerable.Range(0, 3_500).Select(i => $$"""{"n":{{i}}}"""), _spools.Frames.Select(Submitted.Show));
        Assert.Equal(3, _spools.Chunks);
    }

    [Fact]
    public async Task ARetryOfLargeRecords_ReadsFewAtATime()
    {
        for (var i = 0; i < 200; i++) Fail($"\"{new string('x', 100_000)}\"", isJson: true);

        Assert.Equal(200, (await Retry()).Value.RecordCount);

        _store.Verify(s => s.ReadFailuresAsync(_failed.Id, It.IsAny<int>(), It.Is<SliceSize>(size => size.Bytes == new ChunkOptions().ChunkBytes), It.IsAny<CancellationToken>()));
    }

    [Fact]
    public async Task ABatchUnderWay_CannotBeRetried()
    {
        Assert.Equal("BATCH_NOT_FINISHED", (await Retry(ended: false)).Error?.Code);
    }

    [Fact]
    public async Task ABatchWithoutFailures_CannotBeRetried()
    {
        _failed.Advance(new RecordTally(5_000, 0, 0), ErrorPolicy.Unbounded, _clock.GetUtcNow());

        Assert.Equal(ErrorKind.Validation, (await Retry(ended: false)).Error?.Kind);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public async Task ABatchWhoseFailuresAreGone_OrSomeOfThem_CannotBeRetried(int left)
    {
        for (var i = 0; i < left; i++) Fail("{}", isJson: true);

        Assert.Equal("FAILURES_REMOVED", (await Retry(removed: 1)).Error?.Code);
    }

    [Fact]
    public async Task APausedPipeline_TakesNoRetry()
    {
        Fail("{}", isJson: true);
        Assert.True(_pipeline.Stop(_clock.GetUtcNow()).IsSuccess);

        Assert.Equal("PIPELINE_NOT_ACTIVE", (await Retry()).Error?.Code);
    }

    [Fact]
    public async Task AFullBacklog_TakesNoRetry()
    {
        Fail("{}", isJson: true);
        _unfinished = 3;

        Assert.Equal("TOO_MANY_PENDING_BATCHES", (await Retry()).Error?.Code);
    }

    [Fact]
    public async Task ARetry_IsCountedAsTheRecordsItIsMadeOf()
    {
        Fail("{}", isJson: true);
        Fail("oops", isJson: false);
        var limiter = new Mock<IRateLimiter>();
        limiter.Setup(l => l.AcquireAsync(It.IsAny<string>(), It.IsAny<RateLimit>(), 2, It.IsAny<CancellationToken>())).ReturnsAsync(new RateLimitDecision(false, 1, TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(9)));
        _allowance = new RecordAllowance(limiter.Object, TestMeters.NewMetrics(), Guid.Empty, 3);

        Assert.Equal("RATE_LIMITED", (await Retry()).Error?.Code);
        _allowance = new RecordAllowance(limiter.Object, TestMeters.NewMetrics(), Guid.Empty, 1);
        Assert.Equal("TOO_MANY_RECORDS", (await Retry(ended: false)).Error?.Code);
    }

    [Fact]
    public async Task ABatchOfSomebodyElse_IsNotFound()
    {
        Assert.Equal("PIPELINE_NOT_FOUND", (await Handler().Handle(new RetryBatch(new OwnerId("other"), _pipeline.Id, _failed.Id, null), TestContext.Current.CancellationToken)).Error?.Code);
        Assert.Equal("BATCH_NOT_FOUND", (await Handler().Handle(new RetryBatch(Owner, _pipeline.Id, _pipeline.Id, null), TestContext.Current.CancellationToken)).Error?.Code);
    }

    private void Fail(string text, bool isJson) =>
        _failures.Add(new StoredFailure(new RecordFailure(_failures.Count * 2, null, "OLD_CODE", "The old reason.", Encoding.UTF8.GetBytes(text), isJson), _clock.GetUtcNow()));

    /// <param name="removed">How many more records had failed than there are failures.</param>
    private Task<Result<Batch>> Retry(bool ended = true, int removed = 0)
    {
        var failed = _failures.Count + removed;
        if (ended) _failed.Advance(new RecordTally(5_000 - failed, 0, failed), ErrorPolicy.Unbounded, _clock.GetUtcNow());
        return Handler().Handle(new RetryBatch(Owner, _pipeline.Id, _failed.Id, _allowance), TestContext.Current.CancellationToken);
    }

    private RetryBatchHandler Handler()
    {
        var pipelines = new Mock<IPipelineRepository>();
        pipelines.Setup(p => p.FindAsync(Owner, _pipeline.Id, It.IsAny<CancellationToken>())).ReturnsAsync(_pipeline);
        var batches = new Mock<IBatchRepository>();
        batches.Setup(b => b.FindAsync(Owner, _pipeline.Id, _failed.Id, It.IsAny<CancellationToken>())).ReturnsAsync(_failed);
        var ids = new Mock<IIdGenerator>();
        ids.Setup(i => i.NewId()).Returns(new Guid("0197f3a0-0000-7000-8000-000000000003"));
        return new RetryBatchHandler(pipelines.Object, batches.Object, _store.Object, _intake.Object, _spools, Options.Create(_limits), Options.Create(new ChunkOptions()), ids.Object, _clock);
    }
}
