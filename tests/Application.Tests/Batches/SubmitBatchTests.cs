using System.Text;
using DataPipeline.Application.Batches;
using DataPipeline.Application.Batches.Intake;
using DataPipeline.Application.Processing;
using DataPipeline.Application.RateLimiting;
using DataPipeline.Domain.Batches;
using DataPipeline.Domain.Common;
using DataPipeline.Domain.Pipelines;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Moq;

namespace DataPipeline.Application.Tests.Batches;

public sealed class SubmitBatchTests
{
    private static readonly OwnerId Owner = new("acme");

    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
    private readonly Mock<IPipelineRepository> _pipelines = new();
    private readonly Mock<IBatchRepository> _batches = new();
    private readonly Mock<IBatchIntake> _intake = new();
    private readonly Mock<IIdGenerator> _ids = new();
    private readonly BatchOptions _limits = new() { MaxPendingPerOwner = 3 };
    private readonly Pipeline _pipeline;
    private readonly IdempotencyReservation _reservation;
    private readonly Guid _batchId = new("0197f3a0-0000-7000-8000-000000000002");
    private readonly Mock<IRateLimiter> _limiter = new();
    private OwnerBacklog _backlog;
    private RecordAllowance? _allowance;

    public SubmitBatchTests()
    {
        _pipeline = Pipeline.Create(new Guid("0197f3a0-0000-7000-8000-000000000001"), Owner, "orders", null, PipelineConfig.Restore("{}"), _clock.GetUtcNow());
        Assert.True(_pipeline.Start(_clock.GetUtcNow()).IsSuccess);
        _reservation = new IdempotencyReservation(_pipeline.Id, "key", Guid.Empty);
        _ids.Setup(i => i.NewId()).Returns(_batchId);
        _pipelines.Setup(p => p.FindAsync(Owner, _pipeline.Id, It.IsAny<CancellationToken>())).ReturnsAsync(_pipeline);
        _intake.Setup(i => i.ReadBacklogAsync(Owner, It.IsAny<CancellationToken>())).ReturnsAsync(() => _backlog);
        _intake.Setup(i => i.ReserveAsync(_pipeline.Id, "key", It.IsAny<TimeSpan>(), It.IsAny<CancellationToken>())).ReturnsAsync((_reservation, null));
        _intake.Setup(i => i.AcceptAsync(Owner, _pipeline.Id, It.IsAny<IChunkSource>(), It.IsAny<(IdempotencyReservation, byte[])?>(), It.IsAny<Func<Pipeline, OwnerBacklog, Result<Batch>>>(), It.IsAny<CancellationToken>()))
            .ReturnsAsync((OwnerId _, Guid _, IChunkSource _, (IdempotencyReservation, byte[])? _, Func<Pipeline, OwnerBacklog, Result<Batch>> decide, CancellationToken _) => decide(_pipeline, _backlog));
    }

    [Fact]
    public async Task ASubmission_IsAcceptedAsAPendingBatch()
    {
        var result = await Submit("[{},1,{}]", key: null);

        Assert.False(result.Value.IsReplay);
        var batch = result.Value.Batch;
        Assert.Equal((_batchId, 3, BatchStatus.Pending, 1, _clock.GetUtcNow()), (batch.Id, batch.RecordCount, batch.Status, batch.PipelineVersion, batch.CreatedAt));
        _intake.Verify(i => i.ReserveAsync(It.IsAny<Guid>(), It.IsAny<string>(), It.IsAny<TimeSpan>(), It.IsAny<CancellationToken>()), Times.Never);
    }

    [Fact]
    public async Task ASubmission_ToAPipelineOfSomebodyElse_IsNotFound()
    {
        var result = await Submit("[{}]", owner: new OwnerId("other"));

        Assert.Equal("PIPELINE_NOT_FOUND", result.Error?.Code);
    }

    [Theory]
    [InlineData(null, null)]
    [InlineData("text/plain", null)]
    [InlineData("nonsense", null)]
    [InlineData("application/json; charset=utf-16", null)]
    [InlineData("text/csv; header=absent", null)]
    [InlineData("application/json", "zstd")]
    [InlineData("application/json", "gzip, br")]
    public async Task ABodyOfAnotherKind_IsRefusedUnread(string? type, string? encoding)
    {
        var result = await Handler().Handle(new SubmitBatch(Owner, _pipeline.Id, Unreadable(), type, encoding, "key", null), TestContext.Current.CancellationToken);

        Assert.Equal((ErrorKind.UnsupportedMediaType, "UNSUPPORTED_MEDIA_TYPE"), (result.Error?.Kind, result.Error?.Code));
        _intake.VerifyNoOtherCalls();
    }

    [Theory]
    [InlineData("Application/JSON", "identity")]
    [InlineData("application/json; charset=\"UTF-8\"", "")]
    [InlineData("application/json;charset=utf-8", "identity, identity")]
    public async Task TheHeadersOfABody_AreReadAsHttpSays(string type, string encoding)
    {
        var result = await Handler().Handle(new SubmitBatch(Owner, _pipeline.Id, Body("[{}]"), type, encoding, null, null), TestContext.Current.CancellationToken);

        Assert.Null(result.Error);
    }

    [Fact]
    public async Task APausedPipeline_RefusesUnread_AndTheKeyIsFreeAgain()
    {
        Assert.True(_pipeline.Stop(_clock.GetUtcNow()).IsSuccess);

        var result = await Submit(Unreadable());

        Assert.Equal("PIPELINE_NOT_ACTIVE", result.Error?.Code);
        VerifyReleased(Times.Once());
    }

    [Fact]
    public async Task AFullBacklog_RefusesUnread()
    {
        _backlog = new OwnerBacklog(3, 0);

        var result = await Submit(Unreadable());

        Assert.Equal((ErrorKind.TooMany, "TOO_MANY_PENDING_BATCHES"), (result.Error?.Kind, result.Error?.Code));
    }

    [Theory]
    [InlineData(2, 99, null)]
    [InlineData(3, 0, "TOO_MANY_PENDING_BATCHES")]
    [InlineData(1, 100, "TOO_MANY_PENDING_BATCHES")]
    public void ABacklog_IsLimitedInBatchesAndBytes(int batches, long bytes, string? refusal) =>
        Assert.Equal(refusal, new OwnerBacklog(batches, bytes).Check(new BatchOptions { MaxPendingPerOwner = 3, MaxPendingBytesPerOwner = 100 })?.Code);

    [Fact]
    public async Task WithoutRoomForTheBody_ItIsRefusedUnread_AndTheKeyIsFreeAgain()
    {
        var result = await Handler(spoolsAreFull: true).Handle(new SubmitBatch(Owner, _pipeline.Id, Unreadable(), "application/json", null, "key", null), TestContext.Current.CancellationToken);

        Assert.Equal((ErrorKind.Unavailable, "SERVICE_UNAVAILABLE"), (result.Error?.Kind, result.Error?.Code));
        VerifyReleased(Times.Once());
    }

    [Fact]
    public async Task ABodyThatComesTooSlowly_IsRefused_AndTheKeyIsFreeAgain()
    {
        var submitting = Submit(new CallbackStream("[{},{}]", () => _clock.Advance(TimeSpan.FromSeconds(_limits.MaxUploadSeconds / 5.0))));

        var result = await submitting;

        Assert.Equal((ErrorKind.TooSlow, "REQUEST_TIMEOUT"), (result.Error?.Kind, result.Error?.Code));
        VerifyNothingAccepted();
        VerifyReleased(Times.Once());
    }

    [Fact]
    public async Task ABacklogThatFillsWhileTheBodyIsRead_Refuses()
    {
        var result = await Submit(new CallbackStream("[{}]", () => _backlog = new OwnerBacklog(3, 0)));

        Assert.Equal("TOO_MANY_PENDING_BATCHES", result.Error?.Code);
        VerifyReleased(Times.Once());
    }

    [Fact]
    public async Task ABadBody_IsRefused_NothingIsKept_AndTheKeyIsFreeAgain()
    {
        var result = await Submit("[{}");

        Assert.Equal("MALFORMED_JSON", result.Error?.Code);
        VerifyNothingAccepted();
        VerifyReleased(Times.Once());
    }

    [Fact]
    public async Task ARequestThatIsAborted_FreesTheKey()
    {
        await Assert.ThrowsAsync<IOException>(() => Submit(new CallbackStream("[{}]", () => throw new IOException("gone"))));

        VerifyNothingAccepted();
        VerifyReleased(Times.Once());
    }

    [Fact]
    public async Task AnAcceptedSubmission_KeepsItsKey()
    {
        var result = await Submit("[{}]");

        Assert.Null(result.Error);
        VerifyReleased(Times.Never());
    }

    [Fact]
    public async Task AKeyThatIsInUse_RefusesUnread()
    {
        _intake.Setup(i => i.ReserveAsync(_pipeline.Id, "key", It.IsAny<TimeSpan>(), It.IsAny<CancellationToken>())).ReturnsAsync((null, null));

        var result = await Submit(Unreadable());

        Assert.Equal((ErrorKind.Conflict, "IDEMPOTENCY_KEY_IN_USE"), (result.Error?.Kind, result.Error?.Code));
    }

    [Fact]
    public async Task ARepeatWithTheSameBody_AnswersAsTheFirstDid_EvenWhenPausedAndProcessed()
    {
        var batch = await Answered("[{}]");
        batch.Advance(new RecordTally(1, 0, 0), ErrorPolicy.Unbounded, _clock.GetUtcNow());
        Assert.True(_pipeline.Stop(_clock.GetUtcNow()).IsSuccess);

        var result = await Submit("[{}]");

        Assert.True(result.Value.IsReplay);
        Assert.Equal((batch.Id, BatchStatus.Pending, 0, (DateTimeOffset?)null), (result.Value.Batch.Id, result.Value.Batch.Status, result.Value.Batch.ProcessedCount, result.Value.Batch.StartedAt));
        VerifyNothingAccepted();
    }

    [Fact]
    public async Task ARepeatWithAnotherBody_IsRefused()
    {
        await Answered("[{}]");

        var result = await Submit("[{} ]");

        Assert.Equal((ErrorKind.Unprocessable, "IDEMPOTENCY_KEY_REUSED"), (result.Error?.Kind, result.Error?.Code));
    }

    [Fact]
    public async Task ARepeatOfABatchThatIsGone_IsNotFound()
    {
        await Answered("[{}]");
        _batches.Reset();

        Assert.Equal("BATCH_NOT_FOUND", (await Submit("[{}]")).Error?.Code);
    }

    [Fact]
    public async Task ARepeatThatCannotBeDecompressed_IsRefused()
    {
        await Answered("[{}]");

        var result = await Handler().Handle(new SubmitBatch(Owner, _pipeline.Id, Body("[{}]"), "application/json", "gzip", "key", null), TestContext.Current.CancellationToken);

        Assert.Equal("MALFORMED_ENCODING", result.Error?.Details[0].Code);
    }

    [Fact]
    public async Task ALongBody_KeepsItsKeyReservedWhileItIsRead()
    {
        var result = await Submit(new CallbackStream("[{}]", () => _clock.Advance(TimeSpan.FromSeconds(11))));

        Assert.Null(result.Error);
        _intake.Verify(i => i.ExtendAsync(_reservation, It.Is<TimeSpan>(lease => lease > TimeSpan.FromSeconds(11)), It.IsAny<CancellationToken>()), Times.AtLeast(4));
    }

    [Fact]
    public async Task TheRecordsOfABatch_AreCountedTogether_WhenTheBodyIsRead()
    {
        Allow(10, new RateLimitDecision(true, 7, TimeSpan.Zero, TimeSpan.FromSeconds(60)));

        var result = await Submit("[{},1,{}]");

        Assert.Null(result.Error);
        _limiter.Verify(l => l.AcquireAsync($"records:{Guid.Empty}", new RateLimit(10, TimeSpan.FromSeconds(60)), 3, It.IsAny<CancellationToken>()), Times.Once);
        Assert.Equal(7, _allowance!.Decision?.Remaining);
    }

    [Fact]
    public async Task PastTheKeysRecords_NothingIsAccepted_AndTheKeyIsFreeAgain()
    {
        Allow(10, new RateLimitDecision(false, 2, TimeSpan.FromSeconds(17), TimeSpan.FromSeconds(59)));

        var result = await Submit("[{},{},{}]");

        Assert.Equal((ErrorKind.TooMany, "RATE_LIMITED", TimeSpan.FromSeconds(17)), (result.Error?.Kind, result.Error?.Code, result.Error?.RetryAfter));
        VerifyNothingAccepted();
        VerifyReleased(Times.Once());
    }

    [Fact]
    public async Task MoreRecordsThanTheKeyMaySubmitAMinute_AreTooMany_HoweverLongOneWaits()
    {
        Allow(2, default);

        var result = await Submit("[{},{},{}]");

        Assert.Equal((ErrorKind.TooLarge, "TOO_MANY_RECORDS", (TimeSpan?)null), (result.Error?.Kind, result.Error?.Code, result.Error?.RetryAfter));
        Assert.Null(_allowance!.Decision);
        _limiter.VerifyNoOtherCalls();
        VerifyNothingAccepted();
        VerifyReleased(Times.Once());
    }

    [Fact]
    public async Task WhatIsRefusedForAnotherReason_OrRepeated_CostsNoRecords()
    {
        Allow(10, default);
        await Answered("[{}]");
        Assert.True((await Submit("[{}]")).Value.IsReplay);
        Assert.Equal("VALIDATION_FAILED", (await Submit("[]", key: null)).Error?.Code);
        _backlog = new OwnerBacklog(3, 0);
        Assert.Equal("TOO_MANY_PENDING_BATCHES", (await Submit("[{}]", key: null)).Error?.Code);

        _limiter.VerifyNoOtherCalls();
    }

    [Theory]
    [InlineData(null, true)]
    [InlineData("", false)]
    [InlineData("k", true)]
    public void AnIdempotencyKey_HasACharacterAtLeast(string? key, bool isValid) => Assert.Equal(isValid, Validate(key));

    [Fact]
    public void AnIdempotencyKey_Has255CharactersAtMost() => Assert.Equal((true, false), (Validate(new string('k', 255)), Validate(new string('k', 256))));

    private static bool Validate(string? key) => new SubmitBatchValidator().Validate(new SubmitBatch(Owner, Guid.Empty, Stream.Null, null, null, key, null)).IsValid;

    private static MemoryStream Body(string body) => new(Encoding.UTF8.GetBytes(body));

    private static CallbackStream Unreadable() => new("[{}]", () => Assert.Fail("The body was read."));

    private void Allow(int perMinute, RateLimitDecision decision)
    {
        _limiter.Setup(l => l.AcquireAsync(It.IsAny<string>(), It.IsAny<RateLimit>(), It.IsAny<int>(), It.IsAny<CancellationToken>())).ReturnsAsync(decision);
        _allowance = new RecordAllowance(_limiter.Object, TestMeters.NewMetrics(), Guid.Empty, perMinute);
    }

    private async Task<Batch> Answered(string body)
    {
        var batch = Batch.Submit(_batchId, _pipeline, 1, null, _clock.GetUtcNow()).Value;
        var hash = (await Submitted.Json(body)).Hash!;
        _intake.Setup(i => i.ReserveAsync(_pipeline.Id, "key", It.IsAny<TimeSpan>(), It.IsAny<CancellationToken>())).ReturnsAsync((null, new IdempotentSubmission(_batchId, hash)));
        _batches.Setup(b => b.FindAsync(Owner, _pipeline.Id, _batchId, It.IsAny<CancellationToken>())).ReturnsAsync(batch);
        return batch;
    }

    private Task<Result<Submission>> Submit(string body, string? key = "key", OwnerId? owner = null) => Submit(Body(body), key, owner);

    private Task<Result<Submission>> Submit(Stream body, string? key = "key", OwnerId? owner = null) =>
        Handler().Handle(new SubmitBatch(owner ?? Owner, _pipeline.Id, body, "application/json", null, key, _allowance), TestContext.Current.CancellationToken);

    private SubmitBatchHandler Handler(bool spoolsAreFull = false) => new(
        _pipelines.Object, _batches.Object, _intake.Object, new MemorySpools { AreFull = spoolsAreFull }, new BodyReader(Options.Create(_limits), Options.Create(new ChunkOptions()), _clock), Options.Create(_limits), _ids.Object, _clock);

    private void VerifyReleased(Times times) => _intake.Verify(i => i.ReleaseAsync(_reservation, CancellationToken.None), times);

    private void VerifyNothingAccepted() => _intake.Verify(
        i => i.AcceptAsync(It.IsAny<OwnerId>(), It.IsAny<Guid>(), It.IsAny<IChunkSource>(), It.IsAny<(IdempotencyReservation, byte[])?>(), It.IsAny<Func<Pipeline, OwnerBacklog, Result<Batch>>>(), It.IsAny<CancellationToken>()),
        Times.Never);

    /// <summary>Calls back at each read of a byte.</summary>
    private sealed class CallbackStream(string body, Action callback) : MemoryStream(Encoding.UTF8.GetBytes(body))
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            callback();
            cancellationToken.ThrowIfCancellationRequested();
            return base.ReadAsync(buffer[..1], cancellationToken);
        }
    }
}

/// <summary>Keeps the frames of a submission as they come.</summary>
internal sealed class MemorySpools : IChunkSpoolFactory
{
    internal List<ChunkFrame> Frames { get; } = [];

    internal int Chunks { get; private set; }

    internal bool AreFull { get; init; }

    public ValueTask<IChunkSpool?> CreateAsync(OwnerId owner, CancellationToken ct) => ValueTask.FromResult<IChunkSpool?>(AreFull ? null : new Spool(this));

    private sealed class Spool(MemorySpools spools) : IChunkSpool
    {
        public int RecordCount { get; private set; }

        public long Bytes => 0;

        public ValueTask AddAsync(int firstRecord, int recordCount, ReadOnlyMemory<byte> frames, CancellationToken ct)
        {
            ReadOnlyMemory<byte> rest = frames.ToArray();
            while (!rest.IsEmpty) spools.Frames.Add(ChunkCodec.ReadNext(ref rest));
            spools.Chunks++;
            RecordCount += recordCount;
            return ValueTask.CompletedTask;
        }

        public IAsyncEnumerable<ChunkContent> ReadAsync(CancellationToken ct) => throw new NotSupportedException();

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
