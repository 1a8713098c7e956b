using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using DataPipeline.Application.Batches;
using DataPipeline.Application.Common;
using DataPipeline.Application.Observability;
using DataPipeline.Application.Processing;
using DataPipeline.Domain.Batches;
using DataPipeline.Domain.Common;
using DataPipeline.Domain.Pipelines;
using DataPipeline.Domain.Processing;
using DataPipeline.Infrastructure.Workers;
using DataPipeline.WebApi.IntegrationTests.Persistence;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Npgsql;

namespace DataPipeline.WebApi.IntegrationTests.Workers;

public sealed class SqliteWorkerTests(PersistenceFixture fixture) : WorkerTests(DatabaseKind.Sqlite, fixture);

public sealed class PostgresWorkerTests(PersistenceFixture fixture) : WorkerTests(DatabaseKind.Postgres, fixture);

public abstract class WorkerTests(DatabaseKind kind, PersistenceFixture fixture) : PersistenceTests(kind, fixture)
{
    [Fact]
    public async Task ABatch_IsWorkedToItsEnd_AndItsEndSignalled()
    {
        await using var worker = await StartAsync(new FakeRunner());
        var batch = await Host.SubmitAsync(await Host.CreatePipelineAsync(), 3, 3, 3);

        await Host.Get<IBatchSignals>().WaitForEndAsync(batch.Id, TimeSpan.FromSeconds(20), Stop);

        Assert.Equal((BatchStatus.Completed, 9), (await Host.FindAsync(batch)) is var end ? (end.Status, end.DeliveredCount) : default);
    }

    [Fact]
    public async Task AChunkThatFails_IsTriedAgain()
    {
        var runner = new FakeRunner { Run = (chunk, _) => chunk.Attempt == 1 ? throw new ArithmeticException() : Done(chunk) };
        await using var worker = await StartAsync(runner);

        var batch = await Host.SubmitAsync(await Host.CreatePipelineAsync(), 1, 1);

        Assert.Equal(BatchStatus.Completed, (await EndOfAsync(batch)).Status);
        Assert.Equal([1, 1, 2, 2], runner.Attempts.Order());
    }

    [Fact]
    public async Task AChunkThatFailsAtItsLastAttempt_FailsItsBatch_WithoutInternals()
    {
        var runner = new FakeRunner { Run = (_, _) => throw new ArithmeticException("secret") };
        await using var worker = await StartAsync(runner, o => o.MaxAttempts = 2);

        var end = await EndOfAsync(await Host.SubmitAsync(await Host.CreatePipelineAsync(), 1));

        Assert.Equal((BatchStatus.Failed, "PROCESSING_FAILED"), (end.Status, end.Error!.Code));
        Assert.DoesNotContain("secret", end.Error.Message, StringComparison.Ordinal);
        Assert.Equal([1, 2], runner.Attempts.Order());
    }

    [Fact]
    public async Task WhileAChunkIsInHand_ItsLeaseIsRenewed()
    {
        var release = new TaskCompletionSource();
        await using var worker = await StartAsync(new FakeRunner { Run = (chunk, _) => FinishAfter(release.Task, chunk) }, o => o.LeaseSeconds = 1);
        var batch = await Host.SubmitAsync(await Host.CreatePipelineAsync(), 1);

        await Task.Delay(TimeSpan.FromSeconds(1.5), Stop);
        Assert.Equal(0, (await Host.Queue.ReclaimExpiredAsync(5, Stop)).Ready);
        release.SetResult();

        Assert.Equal(BatchStatus.Completed, (await EndOfAsync(batch)).Status);
    }

    [Fact]
    public async Task WhenTheLeaseIsLost_TheRunIsCancelled()
    {
        var cancelled = new TaskCompletionSource();
        await using var worker = await StartAsync(new FakeRunner { Run = (_, ct) => WaitForCancellation(cancelled, ct) }, o => o.LeaseSeconds = 1);
        var batch = await Host.SubmitAsync(await Host.CreatePipelineAsync(), 1);
        await Eventually.TrueAsync(async () => (await Host.FindAsync(batch)).Status == BatchStatus.Processing, "the batch is begun");

        await Host.Store.ChangeAsync(batch.Id, b => Assert.True(b.Cancel(PersistenceHost.Now).IsSuccess), Stop);

        await cancelled.Task.WaitAsync(TimeSpan.FromSeconds(10), Stop);
    }

    [Fact]
    public async Task AChunkThatAWorkerLoses_AndClaimsAgain_IsRunOnce_AndItsLeaseRenewed()
    {
        var clock = new FakeTimeProvider();
        var release = new TaskCompletionSource();
        using var outcomes = new MetricCollector<double>(Host.Get<IMeterFactory>(), ServiceMetrics.MeterName, "data_pipeline.chunk.duration");
        var runner = new FakeRunner { Run = (chunk, ct) => FinishAfter(release.Task.WaitAsync(ct), chunk) };
        await using var worker = await StartAsync(runner, clock: clock);
        try
        {
            var batch = await Host.SubmitAsync(await Host.CreatePipelineAsync(), 1);
            await Eventually.TrueAsync(() => Task.FromResult(runner.Attempts.Count == 1), "the chunk is in hand");

            // As when the process stood still for longer than its lease.
            await Host.Database.WriteAsync("UPDATE batch_chunks SET lease_owner = NULL, lease_until = NULL", [], Stop);
            await Eventually.TrueAsync(() => Task.FromResult(outcomes.GetMeasurementSnapshot().Count == 1), "the run that lost the lease has ended");
            for (var renewal = 0; renewal < 2; renewal++) // The first may have begun before that run was gone.
            {
                var noted = await LeaseEndAsync();
                await Eventually.TrueAsync(
                    async () =>
                    {
                        clock.Advance(TimeSpan.FromSeconds(10));
                        return await LeaseEndAsync() > noted;
                    },
                    "the lease is renewed");
            }

            release.SetResult();
            Assert.Equal(BatchStatus.Completed, (await EndOfAsync(batch)).Status);
        }
        finally
        {
            release.TrySetResult();
        }

        await Eventually.TrueAsync(() => Task.FromResult(outcomes.GetMeasurementSnapshot().Count == 2), "the other run is measured");
        Assert.Equal(["lease_lost", "committed"], OutcomesOf(outcomes));
        Assert.Equal([1, 2], runner.Attempts.Order());

        async Task<DateTimeOffset?> LeaseEndAsync()
        {
            await using var db = Host.Database.Open();
            return await db.BatchChunks.Select(c => c.LeaseUntil).SingleAsync(Stop);
        }
    }

    [Fact]
    public async Task Stop_LetsWhatIsInHandFinish_AndClaimsNoMore()
    {
        var release = new TaskCompletionSource();
        var runner = new FakeRunner { Run = (chunk, _) => FinishAfter(release.Task, chunk) };
        var worker = await StartAsync(runner, o => o.Concurrency = 1);
        var batch = await Host.SubmitAsync(await Host.CreatePipelineAsync(), 1, 1);
        await Eventually.TrueAsync(() => Task.FromResult(!runner.Attempts.IsEmpty), "a chunk is in hand");

        var stopping = worker.DisposeAsync().AsTask();
        release.SetResult();
        await stopping.WaitAsync(TimeSpan.FromSeconds(10), Stop);

        Assert.Equal(1, (await Host.FindAsync(batch)).ProcessedCount);
        Assert.Equal(1, (await Host.ClaimOneAsync())!.Attempt);
    }

    [Fact]
    public async Task Stop_GivesBackWhatDoesNotFinishInTime()
    {
        var clock = new FakeTimeProvider();
        var runner = new FakeRunner { Run = (_, ct) => WaitForCancellation(new TaskCompletionSource(), ct) };
        var worker = await StartAsync(runner, clock: clock);
        await Host.SubmitAsync(await Host.CreatePipelineAsync(), 1);
        await Eventually.TrueAsync(() => Task.FromResult(!runner.Attempts.IsEmpty), "a chunk is in hand");

        var stopping = worker.DisposeAsync().AsTask();
        await Eventually.TrueAsync(
            () =>
            {
                clock.Advance(TimeSpan.FromSeconds(5));
                return Task.FromResult(stopping.IsCompleted);
            },
            "the worker has stopped");

        Assert.Equal(1, (await Host.ClaimOneAsync("another"))!.Attempt);
    }

    [Fact]
    public async Task Stop_WhenIdle_IsQuick()
    {
        var worker = await StartAsync(new FakeRunner());
        await worker.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(2), Stop);
    }

    [Fact]
    public async Task ADatabaseThatGoesAway_CostsTheChunkNoAttempt()
    {
        var queue = new UnreachableQueue(Host.Queue, () => Host.Kind == DatabaseKind.Postgres ? new NpgsqlException("away") : new SqliteException("away", SQLitePCL.raw.SQLITE_BUSY));
        var runner = new FakeRunner();
        await using var worker = await StartAsync(runner, queue: queue);

        var end = await EndOfAsync(await Host.SubmitAsync(await Host.CreatePipelineAsync(), 1));

        Assert.Equal(BatchStatus.Completed, end.Status);
        Assert.Equal([1], runner.Attempts);
        Assert.True(queue.Refusals >= 4);
    }

    [Fact]
    public async Task AChunkOfADeadWorker_IsPutBack()
    {
        var batch = await Host.SubmitAsync(await Host.CreatePipelineAsync(), 1);
        await Host.ClaimOneAsync("dead");
        await Host.ExpireLeasesAsync();

        await using var worker = await StartAsync(new FakeRunner());

        Assert.Equal(BatchStatus.Completed, (await EndOfAsync(batch)).Status);
    }

    [Fact]
    public async Task ADestinationThatRefuses_FailsTheBatchForItsReason_AfterTheRetries()
    {
        var runner = new FakeRunner { Run = (_, _) => throw new DeliveryException("The disk is full.") };
        await using var worker = await StartAsync(runner, o => o.MaxAttempts = 2);

        var end = await EndOfAsync(await Host.SubmitAsync(await Host.CreatePipelineAsync(), 1));

        Assert.Equal((BatchStatus.Failed, new BatchError("DESTINATION_FAILED", "The disk is full.")), (end.Status, end.Error));
        Assert.Equal([1, 2], runner.Attempts.Order());
    }

    [Fact]
    public async Task ADestinationThatRefusesForGood_FailsTheBatchAtOnce()
    {
        var runner = new FakeRunner { Run = (_, _) => throw new DeliveryException("Gone.") { IsPermanent = true } };
        await using var worker = await StartAsync(runner);

        var end = await EndOfAsync(await Host.SubmitAsync(await Host.CreatePipelineAsync(), 1));

        Assert.Equal(new BatchError("DESTINATION_FAILED", "Gone."), end.Error);
        Assert.Equal([1], runner.Attempts);
    }

    [Fact]
    public async Task ADestinationThatWantsToKnow_IsToldBeforeTheBatchIsCompleted()
    {
        var told = new ConcurrentQueue<(BatchStatus Status, RecordTally Tally)>();
        var runner = new FakeRunner
        {
            Run = async (chunk, _) =>
            {
                if (chunk.End is not { } tally) return PersistenceHost.ResultOf(chunk) with { EndsWithDestination = true };
                await using var db = Host.Database.Open();
                told.Enqueue(((await db.Batches.FindAsync([chunk.BatchId], Stop))!.Status, tally));
                return new ChunkResult(default, new DeliveredRecords(), [], ErrorPolicy.Unbounded);
            },
        };
        await using var worker = await StartAsync(runner);

        var end = await EndOfAsync(await Host.SubmitAsync(await Host.CreatePipelineAsync(), 2, 3, 1));

        Assert.Equal(BatchStatus.Completed, end.Status);
        Assert.Equal([(BatchStatus.Processing, new RecordTally(6, 0, 0))], told);
        Assert.Equal(0, await Host.CountChunksAsync(end));
    }

    [Fact]
    public async Task SlowChunks_HoldUpNobody_AndOnePipelineHasOnlySoManyInHand()
    {
        var release = new TaskCompletionSource();
        var slow = await Host.CreatePipelineAsync(name: "slow");
        var runner = new FakeRunner { Run = (chunk, _) => chunk.PipelineId == slow.Id ? FinishAfter(release.Task, chunk) : Done(chunk) };
        await using var worker = await StartAsync(runner, o => o.Concurrency = 1);
        var waiting = await Host.SubmitAsync(slow, [.. Enumerable.Repeat(1, 12)]);
        await Eventually.TrueAsync(() => Task.FromResult(runner.Attempts.Count == 4), "as many of its chunks are in hand as may be");

        var other = await EndOfAsync(await Host.SubmitAsync(await Host.CreatePipelineAsync(), 1, 1));

        Assert.Equal((BatchStatus.Completed, 4), (other.Status, runner.Attempts.Count - 2));
        release.SetResult();
        Assert.Equal((BatchStatus.Completed, 12), (await EndOfAsync(waiting)) is var end ? (end.Status, end.DeliveredCount) : default);
        Assert.All(runner.Attempts, attempt => Assert.Equal(1, attempt));
    }

    [Fact]
    public async Task SlowPipelinesOfOneOwner_HoldUpNoOther()
    {
        var release = new TaskCompletionSource();
        var busy = new OwnerId("busy");
        var runner = new FakeRunner { Run = (chunk, _) => chunk.Owner == busy ? FinishAfter(release.Task, chunk) : Done(chunk) };
        await using var worker = await StartAsync(runner, o => o.Concurrency = 2);
        var waiting = new List<Batch>();
        for (var i = 0; i < 6; i++) waiting.Add(await Host.SubmitAsync(await Host.CreatePipelineAsync(busy, $"slow {i}"), 1, 1, 1));
        await Eventually.TrueAsync(() => Task.FromResult(runner.Attempts.Count >= 8), "as many of its chunks are in hand as may be");

        var other = await EndOfAsync(await Host.SubmitAsync(await Host.CreatePipelineAsync(), 1, 1));

        Assert.Equal(BatchStatus.Completed, other.Status);
        Assert.InRange(runner.Attempts.Count - 2, 8, 9);
        release.SetResult();
        foreach (var batch in waiting) Assert.Equal(BatchStatus.Completed, (await EndOfAsync(batch)).Status);
    }

    [Fact]
    public async Task HoweverManyAreSlow_NoMoreAreInHandThanThereArePlaces()
    {
        var release = new TaskCompletionSource();
        var clock = new FakeTimeProvider();
        var runner = new FakeRunner { Run = (chunk, _) => FinishAfter(release.Task, chunk) };
        await using var worker = await StartAsync(runner, o => o.Concurrency = 2, clock: clock);
        var batches = new List<Batch>();
        for (var i = 0; i < 12; i++) batches.Add(await Host.SubmitAsync(await Host.CreatePipelineAsync(new OwnerId($"owner{i}"), $"slow {i}"), 1, 1, 1, 1));

        await Eventually.TrueAsync(
            () =>
            {
                clock.Advance(TimeSpan.FromSeconds(1));
                return Task.FromResult(runner.Attempts.Count == 32);
            },
            "all places are taken");
        await using (var db = Host.Database.Open()) Assert.Equal(32, await db.BatchChunks.CountAsync(c => c.LeaseOwner != null, Stop));
        release.SetResult();
        await Eventually.TrueAsync(
            async () =>
            {
                clock.Advance(TimeSpan.FromSeconds(1));
                foreach (var batch in batches)
                {
                    if (!(await Host.FindAsync(batch)).IsFinished) return false;
                }

                return true;
            },
            "every batch has ended");
    }

    [Fact]
    public async Task AChunkOfWhichARestIsLeft_IsGoneOnWith()
    {
        var parts = new ConcurrentQueue<(int Part, int FirstRecord)>();
        var runner = new FakeRunner
        {
            Run = (chunk, _) =>
            {
                parts.Enqueue((chunk.Part, chunk.FirstRecord));
                return Task.FromResult(PersistenceHost.FirstOf(chunk, 2));
            },
        };
        await using var worker = await StartAsync(runner);

        var end = await EndOfAsync(await Host.SubmitAsync(await Host.CreatePipelineAsync(), 5));

        Assert.Equal((BatchStatus.Completed, 5), (end.Status, end.DeliveredCount));
        Assert.Equal([(0, 0), (1, 2), (2, 4)], parts);
    }

    [Fact]
    public async Task WhatBecomesOfAChunk_IsMeasured()
    {
        using var outcomes = new MetricCollector<double>(Host.Get<IMeterFactory>(), ServiceMetrics.MeterName, "data_pipeline.chunk.duration");
        using var retries = new MetricCollector<long>(Host.Get<IMeterFactory>(), ServiceMetrics.MeterName, "data_pipeline.chunk.retries");
        await using var worker = await StartAsync(new FakeRunner { Run = (chunk, _) => chunk.Attempt == 1 ? throw new ArithmeticException() : Done(chunk) });
        await EndOfAsync(await Host.SubmitAsync(await Host.CreatePipelineAsync(), 1));
        await Eventually.TrueAsync(() => Task.FromResult(outcomes.GetMeasurementSnapshot().Count == 2), "both attempts are measured");

        Assert.Equal(["retried", "committed"], OutcomesOf(outcomes));
        Assert.Equal(1, Assert.Single(retries.GetMeasurementSnapshot()).Value);
    }

    [Fact]
    public async Task AChunkThatFails_IsAFailedSpan_ThatDoesNotTellWhatTheFailureSaid()
    {
        var ended = new ConcurrentQueue<Activity>();
        using var listener = new ActivityListener { ShouldListenTo = source => source.Name == ServiceTraces.SourceName, Sample = (ref _) => ActivitySamplingResult.AllDataAndRecorded, ActivityStopped = ended.Enqueue };
        ActivitySource.AddActivityListener(listener);
        await using var worker = await StartAsync(new FakeRunner { Run = (_, _) => throw new ArithmeticException("secret") }, o => o.MaxAttempts = 1);

        var batch = await EndOfAsync(await Host.SubmitAsync(await Host.CreatePipelineAsync(), 1));

        var span = await Eventually.NotNullAsync(() => Task.FromResult(ended.FirstOrDefault(span => span.OperationName == "chunk.process" && Equals(span.GetTagItem("data_pipeline.batch.id"), batch.Id))));
        Assert.Equal((ActivityStatusCode.Error, typeof(ArithmeticException).FullName), (span.Status, span.GetTagItem("error.type")));
        Assert.DoesNotContain("secret", $"{span.StatusDescription}{string.Concat(span.Events.SelectMany(logged => logged.Tags))}{string.Concat(span.TagObjects)}", StringComparison.Ordinal);
    }

    [Fact]
    public async Task AChunkThatAnotherWorkerTookOver_IsALeaseLost_AndOneWhoseBatchIsOver_IsNot()
    {
        using var outcomes = new MetricCollector<double>(Host.Get<IMeterFactory>(), ServiceMetrics.MeterName, "data_pipeline.chunk.duration");
        using var lost = new MetricCollector<long>(Host.Get<IMeterFactory>(), ServiceMetrics.MeterName, "data_pipeline.leases.lost");
        var runner = new FakeRunner { Run = (_, ct) => WaitForCancellation(new TaskCompletionSource(), ct) };
        await using var worker = await StartAsync(runner, o => (o.LeaseSeconds, o.Concurrency) = (1, 1));
        var pipeline = await Host.CreatePipelineAsync();
        var cancelled = await Host.SubmitAsync(pipeline, 1);
        await Eventually.TrueAsync(() => Task.FromResult(runner.Attempts.Count == 1), "the first chunk is in hand");
        await Host.Store.ChangeAsync(cancelled.Id, b => Assert.True(b.Cancel(PersistenceHost.Now).IsSuccess), Stop);
        await Eventually.TrueAsync(() => Task.FromResult(outcomes.GetMeasurementSnapshot().Count == 1), "it is dropped");

        await Host.SubmitAsync(pipeline, 1);
        await Eventually.TrueAsync(() => Task.FromResult(runner.Attempts.Count == 2), "the second chunk is in hand");
        await Host.Database.WriteAsync("UPDATE batch_chunks SET lease_owner = 'another', attempt = attempt + 1", [], Stop);
        await Eventually.TrueAsync(() => Task.FromResult(outcomes.GetMeasurementSnapshot().Count == 2), "it is dropped too");

        Assert.Equal(["batch_over", "lease_lost"], OutcomesOf(outcomes));
        Assert.Equal(1, Assert.Single(lost.GetMeasurementSnapshot()).Value);
    }

    private static IEnumerable<object?> OutcomesOf(MetricCollector<double> durations) => durations.GetMeasurementSnapshot().Select(measurement => measurement.Tags["data_pipeline.chunk.outcome"]);

    private static Task<ChunkResult> Done(ChunkLease chunk) => Task.FromResult(PersistenceHost.ResultOf(chunk));

    private static async Task<ChunkResult> FinishAfter(Task condition, ChunkLease chunk)
    {
        await condition;
        return PersistenceHost.ResultOf(chunk);
    }

    private static async Task<ChunkResult> WaitForCancellation(TaskCompletionSource seen, CancellationToken ct)
    {
        try
        {
            await Task.Delay(Timeout.Infinite, ct);
        }
        finally
        {
            seen.TrySetResult();
        }

        throw new InvalidOperationException();
    }

    private async Task<Batch> EndOfAsync(Batch batch) => await Eventually.NotNullAsync(async () => await Host.FindAsync(batch) is { IsFinished: true } end ? end : null);

    private async Task<RunningWorker> StartAsync(FakeRunner runner, Action<WorkerOptions>? configure = null, IBatchQueue? queue = null, TimeProvider? clock = null)
    {
        var options = new WorkerOptions { Concurrency = 2, PollMilliseconds = 50 };
        configure?.Invoke(options);
        var settings = Options.Create(options);
        var worker = new BatchWorker(queue ?? Host.Queue, runner, Host.Get<IBatchSignals>(), Host.Get<IDatabase>(), Host.Get<ServiceMetrics>(), Host.Ids, settings, clock ?? TimeProvider.System, NullLogger<BatchWorker>.Instance);
        var upkeep = new QueueUpkeep(Host.Queue, Host.Get<IBatchSignals>(), Host.Get<ServiceMetrics>(), settings, TimeProvider.System, NullLogger<QueueUpkeep>.Instance);
        await worker.StartAsync(Stop);
        await upkeep.StartAsync(Stop);
        return new RunningWorker(worker, upkeep);
    }

    private sealed class RunningWorker(BatchWorker worker, QueueUpkeep upkeep) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await worker.StopAsync(CancellationToken.None); // First, so that it is told before this method gives way to its caller.
            await upkeep.StopAsync(CancellationToken.None);
            upkeep.Dispose();
            worker.Dispose();
        }
    }

    private sealed class FakeRunner : IChunkRunner
    {
        internal ConcurrentQueue<int> Attempts { get; } = new();

        internal Func<ChunkLease, CancellationToken, Task<ChunkResult>> Run { get; init; } = (chunk, _) => Done(chunk);

        public Task<ChunkResult> RunAsync(ChunkLease chunk, CancellationToken ct)
        {
            Attempts.Enqueue(chunk.Attempt);
            return Run(chunk, ct);
        }
    }

    /// <summary>Fails the first claims and the first commits as if the database were away.</summary>
    private sealed class UnreachableQueue(IBatchQueue queue, Func<Exception> unreachable) : IBatchQueue
    {
        private int _claims;
        private int _commits;

        internal int Refusals { get; private set; }

        public Task<IReadOnlyList<ChunkLease>> ClaimAsync(string worker, int max, TimeSpan lease, ClaimExceptions except, CancellationToken ct)
        {
            Refuse(ref _claims);
            return queue.ClaimAsync(worker, max, lease, except, ct);
        }

        public Task<CommitOutcome> CommitAsync(ChunkLease chunk, ChunkResult result, CancellationToken ct)
        {
            Refuse(ref _commits);
            return queue.CommitAsync(chunk, result, ct);
        }

        public Task<IReadOnlySet<long>> RenewAsync(string worker, IReadOnlyCollection<ChunkLease> chunks, TimeSpan lease, CancellationToken ct) => queue.RenewAsync(worker, chunks, lease, ct);

        public Task GiveBackAsync(ChunkLease chunk, TimeSpan delay, CancellationToken ct) => queue.GiveBackAsync(chunk, delay, ct);

        public Task RetryLaterAsync(ChunkLease chunk, TimeSpan delay, CancellationToken ct) => queue.RetryLaterAsync(chunk, delay, ct);

        public Task FailBatchAsync(ChunkLease chunk, BatchError reason, CancellationToken ct) => queue.FailBatchAsync(chunk, reason, ct);

        public Task<bool> IsOverAsync(Guid batchId, CancellationToken ct) => queue.IsOverAsync(batchId, ct);

        public Task<ReclaimedChunks> ReclaimExpiredAsync(int maxAttempts, CancellationToken ct) => queue.ReclaimExpiredAsync(maxAttempts, ct);

        public Task<int> ReleaseForgottenAsync(CancellationToken ct) => queue.ReleaseForgottenAsync(ct);

        private void Refuse(ref int calls)
        {
            if (++calls > 2) return;
            Refusals++;
            throw unreachable();
        }
    }
}
