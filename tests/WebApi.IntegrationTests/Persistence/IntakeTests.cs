using DataPipeline.Application.Batches;
using DataPipeline.Domain.Batches;
using DataPipeline.Domain.Common;
using DataPipeline.Domain.Pipelines;

namespace DataPipeline.WebApi.IntegrationTests.Persistence;

public sealed class SqliteIntakeTests(PersistenceFixture fixture) : IntakeTests(DatabaseKind.Sqlite, fixture);

public sealed class PostgresIntakeTests(PersistenceFixture fixture) : IntakeTests(DatabaseKind.Postgres, fixture);

public abstract class IntakeTests(DatabaseKind kind, PersistenceFixture fixture) : PersistenceTests(kind, fixture)
{
    private static readonly TimeSpan Hold = TimeSpan.FromMinutes(1);
    private static readonly byte[] Hash = [1, 2, 3];

    [Fact]
    public async Task Accept_KeepsTheBatchAsDecided_AndWakesWorkers()
    {
        var pipeline = await Host.CreatePipelineAsync();
        var signals = Host.Get<IBatchSignals>();
        var woken = signals.WaitForWorkAsync(TimeSpan.FromSeconds(30), Stop);

        var batch = await Host.SubmitAsync(pipeline, 2, 1);

        await woken.WaitAsync(TimeSpan.FromSeconds(5), Stop);
        var kept = await Host.FindAsync(batch);
        Assert.Equal((pipeline.Id, PersistenceHost.Acme, 1, BatchStatus.Pending, 3), (kept.PipelineId, kept.OwnerId, kept.PipelineVersion, kept.Status, kept.RecordCount));
        Assert.Null(kept.Error);
        Assert.Equal(2, await Host.CountChunksAsync(batch));
    }

    [Fact]
    public async Task Accept_WhenRefused_KeepsNothing()
    {
        var pipeline = await Host.CreatePipelineAsync(active: false);

        var refused = await Host.Intake.AcceptAsync(PersistenceHost.Acme, pipeline.Id, new PersistenceHost.Chunks(1), null, (locked, _) => Host.Submit(locked, 1), Stop);

        Assert.Equal("PIPELINE_NOT_ACTIVE", refused.Error!.Code);
        Assert.Equal(default, await Host.Intake.ReadBacklogAsync(PersistenceHost.Acme, Stop));
    }

    [Fact]
    public async Task Accept_ForAnotherOwnersPipeline_FindsNone()
    {
        var pipeline = await Host.CreatePipelineAsync(new OwnerId("other"));

        var refused = await Host.Intake.AcceptAsync(PersistenceHost.Acme, pipeline.Id, new PersistenceHost.Chunks(1), null, (locked, _) => Host.Submit(locked, 1), Stop);

        Assert.Equal("PIPELINE_NOT_FOUND", refused.Error!.Code);
    }

    [Fact]
    public async Task Accept_TellsWhatIsUnfinished_OfTheOwner_WithoutTheBatchItself()
    {
        var pipeline = await Host.CreatePipelineAsync();
        await Host.SubmitAsync(await Host.CreatePipelineAsync(new OwnerId("other")), 1);
        foreach (var bytes in (long[])[1_000, 70_000])
            await Host.Intake.AcceptAsync(PersistenceHost.Acme, pipeline.Id, new PersistenceHost.Chunks(1) { Bytes = bytes }, null, (locked, _) => Host.Submit(locked, 1), Stop);
        var chunk = (await Host.Queue.ClaimAsync("w", 3, PersistenceHost.Lease, Stop)).First(c => c.PipelineId == pipeline.Id);
        await Host.Queue.CommitAsync(chunk, PersistenceHost.ResultOf(chunk), Stop);

        var told = new List<OwnerBacklog>();
        var accepted = await Host.Intake.AcceptAsync(PersistenceHost.Acme, pipeline.Id, new PersistenceHost.Chunks(1) { Bytes = 5 }, null, (locked, backlog) => Note(locked, backlog), Stop);

        Assert.True(accepted.IsSuccess);
        Assert.Equal([new OwnerBacklog(1, 70_000), new OwnerBacklog(1, 70_000)], told);
        Assert.Equal(new OwnerBacklog(2, 70_005), await Host.Intake.ReadBacklogAsync(PersistenceHost.Acme, Stop));

        Result<Batch> Note(Pipeline locked, OwnerBacklog backlog)
        {
            told.Add(backlog);
            return Host.Submit(locked, 1);
        }
    }

    [Fact]
    public async Task Accept_OfManyAtOnce_NeverPassesALimit()
    {
        const int limit = 7;
        var pipeline = await Host.CreatePipelineAsync();

        var accepted = await Task.WhenAll(Enumerable.Range(0, 40).Select(i => Task.Run(() => Host.Intake.AcceptAsync(
            PersistenceHost.Acme, pipeline.Id, new PersistenceHost.Chunks(1), null, (locked, backlog) => backlog.Batches >= limit ? BatchErrors.TooManyPending(limit) : Host.Submit(locked, 1), Stop))));

        Assert.Equal(limit, accepted.Count(answer => answer.IsSuccess));
        Assert.All(accepted.Where(answer => !answer.IsSuccess), answer => Assert.Equal("TOO_MANY_PENDING_BATCHES", answer.Error!.Code));
        Assert.Equal(limit, (await Host.Intake.ReadBacklogAsync(PersistenceHost.Acme, Stop)).Batches);
        Assert.Equal(limit, (await Host.Queue.ClaimAsync("w", 100, PersistenceHost.Lease, Stop)).Count);
    }

    [Fact]
    public async Task Reserve_WhileAnotherHoldsTheKey_GivesNothing()
    {
        var (pipelineId, otherPipelineId) = (Host.Ids.NewId(), Host.Ids.NewId());
        var (reservation, _) = await Host.Intake.ReserveAsync(pipelineId, "k", Hold, Stop);

        Assert.NotNull(reservation);
        Assert.Equal((null, null), await Host.Intake.ReserveAsync(pipelineId, "k", Hold, Stop));
        Assert.NotNull((await Host.Intake.ReserveAsync(pipelineId, "K", Hold, Stop)).Reservation);
        Assert.NotNull((await Host.Intake.ReserveAsync(otherPipelineId, "k", Hold, Stop)).Reservation);
    }

    [Fact]
    public async Task Reserve_ByManyAtOnce_GivesTheKeyToOne()
    {
        var pipelineId = Host.Ids.NewId();

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Task.Run(() => Host.Intake.ReserveAsync(pipelineId, "k", Hold, Stop))));

        Assert.Single(answers, a => a.Reservation is not null);
    }

    [Fact]
    public async Task Reserve_AfterRelease_GivesTheKeyAgain()
    {
        var pipelineId = Host.Ids.NewId();
        var (first, _) = await Host.Intake.ReserveAsync(pipelineId, "k", Hold, Stop);
        await Host.Intake.ReleaseAsync(first!, Stop);

        var (second, _) = await Host.Intake.ReserveAsync(pipelineId, "k", Hold, Stop);

        Assert.NotNull(second);
        await Host.Intake.ReleaseAsync(first!, Stop);
        Assert.Equal((null, null), await Host.Intake.ReserveAsync(pipelineId, "k", Hold, Stop));
    }

    [Fact]
    public async Task Reserve_AfterAnAbandonedReservationRanOut_TakesOver_AndTheFirstCanNoLongerAnswer()
    {
        var pipeline = await Host.CreatePipelineAsync();
        var (abandoned, _) = await Host.Intake.ReserveAsync(pipeline.Id, "k", TimeSpan.FromMilliseconds(-10), Stop);
        var (taken, _) = await Host.Intake.ReserveAsync(pipeline.Id, "k", Hold, Stop);

        Assert.NotNull(taken);
        Assert.Equal("IDEMPOTENCY_KEY_IN_USE", (await AcceptAsync(pipeline, abandoned!)).Error!.Code);
        Assert.True((await AcceptAsync(pipeline, taken)).IsSuccess);
        Assert.Equal(1, (await Host.Intake.ReadBacklogAsync(PersistenceHost.Acme, Stop)).Batches);
    }

    [Fact]
    public async Task Extend_KeepsAReservationFromRunningOut()
    {
        var pipelineId = Host.Ids.NewId();
        var (reservation, _) = await Host.Intake.ReserveAsync(pipelineId, "k", TimeSpan.FromMilliseconds(-10), Stop);
        await Host.Intake.ExtendAsync(reservation!, Hold, Stop);

        Assert.Equal((null, null), await Host.Intake.ReserveAsync(pipelineId, "k", Hold, Stop));
    }

    [Fact]
    public async Task Reserve_AfterTheAnswer_GivesItForADay()
    {
        var pipeline = await Host.CreatePipelineAsync();
        var (reservation, _) = await Host.Intake.ReserveAsync(pipeline.Id, "k", Hold, Stop);
        var batch = (await AcceptAsync(pipeline, reservation!)).Value;
        await Host.Intake.ReleaseAsync(reservation!, Stop);

        var (none, answered) = await Host.Intake.ReserveAsync(pipeline.Id, "k", Hold, Stop);
        Assert.Null(none);
        Assert.Equal(batch.Id, answered!.BatchId);
        Assert.Equal(Hash, answered.BodyHash);

        await PassAsync(TimeSpan.FromHours(23));
        Assert.NotNull((await Host.Intake.ReserveAsync(pipeline.Id, "k", Hold, Stop)).Answered);
        await PassAsync(TimeSpan.FromHours(2));
        Assert.NotNull((await Host.Intake.ReserveAsync(pipeline.Id, "k", Hold, Stop)).Reservation);
    }

    private Task<Result<Batch>> AcceptAsync(Pipeline pipeline, IdempotencyReservation reservation) =>
        Host.Intake.AcceptAsync(pipeline.OwnerId, pipeline.Id, new PersistenceHost.Chunks(1), (reservation, Hash), (locked, _) => Host.Submit(locked, 1), Stop);

    private Task<int> PassAsync(TimeSpan time) => Host.Database.WriteAsync("UPDATE idempotency_keys SET expires_at = expires_at - {0}", [Host.Database.Duration(time)], Stop);
}
