using DataPipeline.Application.Common;
using DataPipeline.Domain.ApiKeys;
using DataPipeline.Domain.Batches;
using DataPipeline.Domain.Common;
using DataPipeline.Domain.Pipelines;
using DataPipeline.Infrastructure.Persistence.Model;
using DataPipeline.Infrastructure.Retention;
using DataPipeline.WebApi.IntegrationTests.Persistence;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace DataPipeline.WebApi.IntegrationTests.Retention;

public sealed class SqliteRetentionTests(PersistenceFixture fixture) : RetentionTests(DatabaseKind.Sqlite, fixture);

public sealed class PostgresRetentionTests(PersistenceFixture fixture) : RetentionTests(DatabaseKind.Postgres, fixture);

/// <summary>What is removed when, and what stays.</summary>
public abstract class RetentionTests(DatabaseKind kind, PersistenceFixture fixture) : PersistenceTests(kind, fixture)
{
    private static readonly RetentionOptions Ages = new() { RecordDays = 10, ErrorDays = 20, BatchDays = 30, MetricDays = 40, ApiKeyDays = 50, IntervalSeconds = 60 };

    [Fact]
    public async Task RecordsErrorsAndBatches_GoAtTheirAge()
    {
        var batch = await EndedAsync(await Host.CreatePipelineAsync(), 5, failed: 2);

        var counts = new List<(int Records, int Errors, int Batches)>();
        foreach (var days in (int[])[9, 11, 19, 21, 29, 31])
        {
            await SweepAsync(days);
            counts.Add((await CountAsync<DeliveredRecordRow>(), await CountAsync<BatchErrorRow>(), await CountAsync<Batch>()));
        }

        Assert.Equal([(3, 2, 1), (0, 2, 1), (0, 2, 1), (0, 0, 1), (0, 0, 1), (0, 0, 0)], counts);
        await using var db = Host.Database.Open();
        Assert.Equal(3, (await db.PipelineCounters.SingleAsync(c => c.PipelineId == batch.PipelineId, Stop)).Delivered);
    }

    [Fact]
    public async Task WhatHasNotEnded_StaysHoweverOldItIs()
    {
        var pipeline = await Host.CreatePipelineAsync();
        var waiting = await Host.SubmitAsync(pipeline, 2, 2);
        var begun = await Host.SubmitAsync(pipeline, 3);
        var chunk = await Host.ClaimOneAsync();
        await Host.Queue.CommitAsync(chunk!, PersistenceHost.ResultOf(chunk!), Stop);

        await SweepAsync(1_000);

        Assert.Equal(2, await CountAsync<Batch>());
        Assert.Equal(2, await CountAsync<DeliveredRecordRow>());
        Assert.Equal(1, await Host.CountChunksAsync(waiting));
        Assert.Equal(1, await Host.CountChunksAsync(begun));
    }

    [Fact]
    public async Task NoChunk_OutlivesItsBatch()
    {
        var pipeline = await Host.CreatePipelineAsync();
        var cancelled = await Host.SubmitAsync(pipeline, 1, 1);
        await Host.Store.ChangeAsync(cancelled.Id, batch => Assert.True(batch.Cancel(PersistenceHost.Now).IsSuccess), Stop);

        Assert.Equal(0, await CountAsync<BatchChunkRow>());
        await SweepAsync(31);
        Assert.Equal(0, await CountAsync<Batch>());
    }

    [Fact]
    public async Task AnAgeOfZero_IsForEver()
    {
        await EndedAsync(await Host.CreatePipelineAsync(), 5, failed: 2);

        await SweepAsync(30_000, new RetentionOptions { RecordDays = 0, ErrorDays = 0, BatchDays = 0, MetricDays = 0, ApiKeyDays = 0 });

        Assert.Equal((3, 2, 1, 1), (await CountAsync<DeliveredRecordRow>(), await CountAsync<BatchErrorRow>(), await CountAsync<Batch>(), await CountAsync<MetricBucketRow>()));
    }

    [Fact]
    public async Task BatchesThatEndLater_AreFoundInTheirTurn()
    {
        var pipeline = await Host.CreatePipelineAsync();
        await EndedAsync(pipeline, 2);
        await SweepAsync(11);
        var later = await EndedAsync(pipeline, 3);
        await Host.Database.WriteAsync("UPDATE batches SET completed_at = completed_at + {0} WHERE id = {1}", [Host.Database.Duration(TimeSpan.FromDays(5)), later.Id], Stop);

        await SweepAsync(14);
        Assert.Equal(3, await CountAsync<DeliveredRecordRow>());
        await SweepAsync(16);
        Assert.Equal(0, await CountAsync<DeliveredRecordRow>());
    }

    [Fact]
    public async Task ManyBatchesAndALargeOne_GoInSeveralSteps_ByTheRow()
    {
        var pipeline = await Host.CreatePipelineAsync();
        var large = await EndedAsync(pipeline, 3_500, failed: 1_200);
        for (var i = 0; i < 120; i++) await EndedAsync(pipeline, 10, failed: 5);
        var kept = await Host.SubmitAsync(pipeline, 1);

        var removed = await SweepAsync(31);

        Assert.Equal((121, 2_300 + 600, 1_200 + 600), (removed!.Batches, removed.Records, removed.Failures));
        Assert.Equal((0, 0), (await CountAsync<DeliveredRecordRow>(), await CountAsync<BatchErrorRow>()));
        await using var db = Host.Database.Open();
        Assert.Equal(kept.Id, (await db.Batches.AsNoTracking().SingleAsync(Stop)).Id);
        Assert.NotEqual(large.Id, kept.Id);
    }

    [Fact]
    public async Task ADeletedPipeline_LeavesNothingBehind_AndTakesNothingOfOthersAlong()
    {
        var (deleted, other) = (await Host.CreatePipelineAsync(name: "deleted"), await Host.CreatePipelineAsync(name: "other"));
        foreach (var pipeline in (Pipeline[])[deleted, other])
        {
            await EndedAsync(pipeline, 2_500, failed: 1_100);
            await Host.Intake.ReserveAsync(pipeline.Id, "k", TimeSpan.FromMinutes(1), Stop);
            await Host.ChangePipelineAsync(pipeline, p => p.Redefine(p.Name, "new", p.Config, PersistenceHost.Now) ? Result.Success : BatchErrors.Empty());
        }

        await DeleteAsync(deleted);
        var removed = await SweepAsync(0);

        Assert.Equal((1, 1), (removed!.Pipelines, removed.Batches));
        Assert.Equal((1_400, 1_100, 1, 1), (await CountAsync<DeliveredRecordRow>(), await CountAsync<BatchErrorRow>(), await CountAsync<Batch>(), await CountAsync<IdempotencyKeyRow>()));
        Assert.Equal((2, 1, 1, 1), (await CountAsync<PipelineVersionRow>(), await CountAsync<PipelineCountersRow>(), await CountAsync<MetricBucketRow>(), await CountAsync<Pipeline>()));
        Assert.Null(await SweepAgainAsync());
    }

    [Fact]
    public async Task OneProcessAtATime_HasTheTurn_AndAfterItsEndTheIntervalPasses()
    {
        await EndedAsync(await Host.CreatePipelineAsync(), 1);

        var runs = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => Task.Run(() => Sweep(31).RunAsync(Stop))));

        Assert.Equal(1, Assert.Single(runs, run => run is not null)!.Batches);
        Assert.Null(await SweepAgainAsync());
        await Host.Database.WriteAsync("UPDATE retention SET due_at = due_at - {0}", [Host.Database.Duration(TimeSpan.FromSeconds(60))], Stop);
        Assert.NotNull(await SweepAgainAsync());
    }

    [Fact]
    public async Task WhereAProcessDiesAtIt_AnotherGoesOn_OnceTheLeaseHasRunOut()
    {
        var pipeline = await Host.CreatePipelineAsync();
        for (var i = 0; i < 3; i++) await EndedAsync(pipeline, 800);
        using var death = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        var dying = Sweep(31).RunAsync(death.Token);
        await Eventually.TrueAsync(async () => await CountAsync<DeliveredRecordRow>() < 2_400, "something was removed");
        await death.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => dying);

        Assert.Null(await SweepAgainAsync());
        await Host.Database.WriteAsync("UPDATE retention SET due_at = due_at - {0}", [Host.Database.Duration(TimeSpan.FromMinutes(2))], Stop);
        Assert.NotNull(await SweepAgainAsync());

        Assert.Equal((0, 0), (await CountAsync<DeliveredRecordRow>(), await CountAsync<Batch>()));
    }

    [Fact]
    public async Task WhoeverLostTheTurn_Stops()
    {
        var turn = new RetentionTurn(Host.Database, Host.Ids, TimeProvider.System);
        Assert.True(await turn.TryTakeAsync(Stop));
        await turn.KeepAsync(Stop);
        var late = new RetentionTurn(Host.Database, Host.Ids, new Later(TimeSpan.Zero) { Jump = TimeSpan.FromMinutes(1) });
        await Host.Database.WriteAsync("UPDATE retention SET due_at = due_at - {0}", [Host.Database.Duration(TimeSpan.FromMinutes(3))], Stop);
        Assert.True(await late.TryTakeAsync(Stop));
        await Host.Database.WriteAsync("UPDATE retention SET holder = 'another'", [], Stop);

        await Assert.ThrowsAsync<TimeoutException>(() => late.KeepAsync(Stop));
    }

    [Fact]
    public async Task Versions_GoWithTheirStatistics_WhenNoBatchRefersToThem_AndTheyAreOld()
    {
        var pipeline = await Host.CreatePipelineAsync();
        await EndedAsync(pipeline, 1);
        for (var version = 2; version <= 4; version++)
        {
            var config = PersistenceHost.Config($$"""{"n":{{version}}}""");
            await Host.ChangePipelineAsync(pipeline, p => p.Redefine(p.Name, null, config, PersistenceHost.Now) ? Result.Success : BatchErrors.Empty());
            if (version == 3) await Host.SubmitAsync(pipeline, 1);
        }

        foreach (var version in (int[])[1, 2, 3, 4])
            await Host.Database.WriteAsync("INSERT INTO processor_statistics (pipeline_id, version, processor_index, records, failed, dropped, total_ms) VALUES ({0}, {1}, 0, 1, 0, 0, 1)", [pipeline.Id, version], Stop);
        await Host.Database.WriteAsync("UPDATE pipeline_versions SET created_at = NULL WHERE version = 2", [], Stop);

        await SweepAsync(29);
        Assert.Equal([1, 3, 4], await VersionsAsync(db => db.PipelineVersions.Select(v => v.Version)));
        await SweepAsync(31);
        Assert.Equal([3, 4], await VersionsAsync(db => db.PipelineVersions.Select(v => v.Version)));
        Assert.Equal([3, 4], await VersionsAsync(db => db.ProcessorStatistics.Select(s => s.Version)));
    }

    [Fact]
    public async Task CountsOfTheMinute_GoAtTheirAge()
    {
        await EndedAsync(await Host.CreatePipelineAsync(), 1);

        await SweepAsync(39);
        Assert.Equal(1, await CountAsync<MetricBucketRow>());
        await SweepAsync(41);
        Assert.Equal(0, await CountAsync<MetricBucketRow>());
    }

    [Fact]
    public async Task IdempotencyKeys_GoWhenTheyHaveExpired()
    {
        var pipelineId = Host.Ids.NewId();
        for (var i = 0; i < 3; i++) await Host.Intake.ReserveAsync(pipelineId, $"old {i}", TimeSpan.FromMilliseconds(-10), Stop);
        await Host.Intake.ReserveAsync(pipelineId, "new", TimeSpan.FromMinutes(1), Stop);

        await SweepAsync(0);

        await using var db = Host.Database.Open();
        Assert.Equal("new", (await db.IdempotencyKeys.SingleAsync(Stop)).Key);
    }

    [Fact]
    public async Task ApiKeys_GoWhenTheyWereOfNoUseForLong_ButNotThoseOfTheConfiguration()
    {
        await using (var scope = Host.Scope())
        {
            var keys = scope.ServiceProvider.GetRequiredService<IApiKeyRepository>();
            foreach (var (name, expiresIn, isRevoked, isBootstrap) in new (string, int?, bool, bool)[] { ("alive", null, false, false), ("expired", 1, false, false), ("valid", 30, false, false), ("revoked", null, true, false), ("bootstrap", null, true, true) })
            {
                var key = ApiKey.Issue(Host.Ids.NewId(), PersistenceHost.Acme, name, name.PadRight(8)[..8], PersistenceHost.Bytes(name), PersistenceHost.Now, PersistenceHost.Now.AddDays(expiresIn ?? 10_000), isBootstrap: isBootstrap);
                if (isRevoked) key.Revoke(PersistenceHost.Now);
                keys.Add(key);
            }

            await scope.ServiceProvider.GetRequiredService<IUnitOfWork>().SaveChangesAsync(Stop);
        }

        await SweepAsync(52);

        await using var db = Host.Database.Open();
        Assert.Equal(["alive", "bootstrap", "valid"], await db.ApiKeys.OrderBy(key => key.Name).Select(key => key.Name).ToListAsync(Stop));
    }

    [Fact]
    public async Task AStep_TakesFewerRows_WhereRowsAreSlow_AndMoreWhereTheyAreQuick()
    {
        var pace = new Pace(TimeProvider.System);
        var first = pace.Rows;

        for (var i = 0; i < 10; i++) await pace.PauseAfterAsync(TimeSpan.FromMilliseconds(1), pace.Rows, Stop);
        Assert.Equal(Pace.MaxRows, pace.Rows);
        for (var i = 0; i < 3; i++) await pace.PauseAfterAsync(TimeSpan.FromMilliseconds(160), pace.Rows, Stop);
        Assert.InRange(pace.Rows, Pace.MinRows, first + 500);
        var slow = pace.Rows;
        await pace.PauseAfterAsync(TimeSpan.FromMilliseconds(1), 1, Stop);
        Assert.Equal(slow, pace.Rows);
    }

    private RetentionSweep Sweep(int daysLater, RetentionOptions? options = null) => new(Host.Database, Host.Ids, Options.Create(options ?? Ages), new Later(TimeSpan.FromDays(daysLater)));

    /// <summary>A turn some days later.</summary>
    private async Task<RetentionSweep.Removed?> SweepAsync(int daysLater, RetentionOptions? options = null)
    {
        await Host.Database.WriteAsync("UPDATE retention SET due_at = due_at - {0}", [Host.Database.Duration(TimeSpan.FromDays(1))], Stop);
        return await Sweep(daysLater, options).RunAsync(Stop);
    }

    private Task<RetentionSweep.Removed?> SweepAgainAsync() => Sweep(31).RunAsync(Stop);

    private async Task<Batch> EndedAsync(Pipeline pipeline, int records, int failed = 0)
    {
        var batch = await Host.SubmitAsync(pipeline, records);
        var chunk = (await Host.Queue.ClaimAsync("w", 1_000, PersistenceHost.Lease, Stop)).Single(chunk => chunk.BatchId == batch.Id);
        await Host.Queue.CommitAsync(chunk, PersistenceHost.ResultOf(chunk, failed), Stop);
        return batch;
    }

    private async Task DeleteAsync(Pipeline pipeline)
    {
        await using var scope = Host.Scope();
        var pipelines = scope.ServiceProvider.GetRequiredService<IPipelineRepository>();
        Assert.Equal(0, await pipelines.DeleteAsync(pipeline.OwnerId, pipeline.Id, Stop));
    }

    private async Task<int> CountAsync<TRow>()
        where TRow : class
    {
        await using var db = Host.Database.Open();
        return await db.Set<TRow>().CountAsync(Stop);
    }

    private async Task<List<int>> VersionsAsync(Func<Infrastructure.Persistence.AppDbContext, IQueryable<int>> query)
    {
        await using var db = Host.Database.Open();
        return await query(db).Order().ToListAsync(Stop);
    }
}

/// <summary>A clock that runs as the system's does, only some time ahead of it.</summary>
internal sealed class Later(TimeSpan ahead) : TimeProvider
{
    private long _asked;

    /// <summary>How far the clock goes on each time it is asked for a timestamp.</summary>
    internal TimeSpan Jump { get; init; }

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + ahead;

    public override long GetTimestamp() => base.GetTimestamp() + (long)(Interlocked.Increment(ref _asked) * Jump.TotalSeconds * TimestampFrequency);
}
