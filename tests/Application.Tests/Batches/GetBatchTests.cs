using DataPipeline.Application.Batches;
using DataPipeline.Application.Common;
using DataPipeline.Domain.Batches;
using DataPipeline.Domain.Common;
using DataPipeline.Domain.Pipelines;
using Microsoft.Extensions.Time.Testing;
using Moq;

namespace DataPipeline.Application.Tests.Batches;

public sealed class GetBatchTests
{
    private static readonly OwnerId Owner = new("o");
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private readonly FakeTimeProvider _clock = new();
    private readonly Mock<IReadDb> _db = new();
    private readonly WaitPace _pace = new();
    private readonly Mock<IBatchSignals> _signals = new();
    private readonly Batch _batch;

    public GetBatchTests()
    {
        var pipeline = Pipeline.Create(Guid.AllBitsSet, Owner, "p", null, PipelineConfig.Restore("{}"), default);
        Assert.True(pipeline.Start(default).IsSuccess);
        _batch = Batch.Submit(Guid.Empty, pipeline, 1, null, default).Value;
        _db.SetupGet(db => db.Batches).Returns(new[] { _batch }.AsQueryable());
        _db.Setup(db => db.FirstOrDefaultAsync(It.IsAny<IQueryable<Batch>>(), It.IsAny<CancellationToken>())).ReturnsAsync((IQueryable<Batch> query, CancellationToken _) => query.FirstOrDefault());
        _signals.Setup(signals => signals.WaitForEndAsync(_batch.Id, It.IsAny<TimeSpan>(), It.IsAny<CancellationToken>())).Returns((Guid _, TimeSpan atMost, CancellationToken ct) => Task.Delay(atMost, _clock, ct));
    }

    [Fact]
    public async Task WithoutAWait_AnswersAtOnce()
    {
        Assert.Equal(BatchStatus.Pending, (await Get(TimeSpan.Zero).WaitAsync(Patience, TestContext.Current.CancellationToken)).Value.Status);
        _signals.VerifyNoOtherCalls();
    }

    [Fact]
    public async Task AnEndBetweenListeningAndLooking_IsNotMissed()
    {
        _signals.Setup(signals => signals.WaitForEndAsync(_batch.Id, It.IsAny<TimeSpan>(), It.IsAny<CancellationToken>()))
            .Callback(() => Assert.True(_batch.Cancel(default).IsSuccess)).Returns((Guid _, TimeSpan _, CancellationToken ct) => Task.Delay(Timeout.Infinite, ct));

        Assert.Equal(BatchStatus.Cancelled, (await Get(TimeSpan.FromSeconds(60)).WaitAsync(Patience, TestContext.Current.CancellationToken)).Value.Status);
    }

    [Fact]
    public async Task AnEndNobodySignals_IsSeenAtTheNextLook()
    {
        var waiting = Get(TimeSpan.FromSeconds(60));
        Assert.True(_batch.Cancel(default).IsSuccess);
        _clock.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(BatchStatus.Cancelled, (await waiting.WaitAsync(Patience, TestContext.Current.CancellationToken)).Value.Status);
    }

    [Fact]
    public async Task WhenTheTimeIsUp_AnswersWithTheBatchAsItIs()
    {
        var waiting = Get(TimeSpan.FromSeconds(2));
        for (var i = 0; i < 5; i++)
        {
            Assert.True(i == 4 || !waiting.IsCompleted);
            _clock.Advance(TimeSpan.FromMilliseconds(500));
            await Task.Yield();
        }

        while (!waiting.IsCompleted) _clock.Advance(TimeSpan.FromMilliseconds(500));
        Assert.Equal(BatchStatus.Pending, (await waiting).Value.Status);
    }

    [Fact]
    public async Task AServiceThatStops_AnswersAtOnce()
    {
        using var stopping = new CancellationTokenSource();
        var waiting = GetUntil(TimeSpan.FromSeconds(60), stopping.Token);

        await stopping.CancelAsync();

        Assert.Equal(BatchStatus.Pending, (await waiting.WaitAsync(Patience, TestContext.Current.CancellationToken)).Value.Status);
    }

    [Fact]
    public async Task ACallerThatGoesAway_EndsTheWait()
    {
        using var gone = new CancellationTokenSource();
        var waiting = new GetBatchHandler(_db.Object, _signals.Object, _pace, _clock).Handle(new GetBatch(Owner, _batch.PipelineId, _batch.Id, TimeSpan.FromSeconds(60)), gone.Token);

        await gone.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting.WaitAsync(Patience, TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData(0, 500)]
    [InlineData(99, 500)]
    [InlineData(199, 1_000)]
    [InlineData(9_999, 50_000)]
    public async Task WhoWaits_LooksAsOften_AsAllWhoWaitTogetherMay(int others, int milliseconds)
    {
        for (var i = 0; i < others; i++) _pace.Enter();

        var waiting = Get(TimeSpan.FromSeconds(60));
        _signals.Verify(signals => signals.WaitForEndAsync(_batch.Id, TimeSpan.FromMilliseconds(milliseconds), It.IsAny<CancellationToken>()), Times.Once);
        Assert.True(_batch.Cancel(default).IsSuccess);
        _clock.Advance(TimeSpan.FromMilliseconds(milliseconds));
        await waiting.WaitAsync(Patience, TestContext.Current.CancellationToken);

        for (var i = 0; i < others; i++) _pace.Leave();
        Assert.Equal(TimeSpan.FromMilliseconds(500), _pace.Interval);
    }

    private Task<Result<Batch>> Get(TimeSpan wait) => GetUntil(wait, CancellationToken.None);

    private Task<Result<Batch>> GetUntil(TimeSpan wait, CancellationToken stopping) =>
        new GetBatchHandler(_db.Object, _signals.Object, _pace, _clock).Handle(new GetBatch(Owner, _batch.PipelineId, _batch.Id, wait, stopping), CancellationToken.None);
}
