using System.Diagnostics.Metrics;
using DataPipeline.Application.Batches;
using DataPipeline.Application.Observability;
using DataPipeline.Domain.Batches;
using DataPipeline.Infrastructure.Persistence;
using DataPipeline.WebApi.IntegrationTests.Persistence;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;

namespace DataPipeline.WebApi.IntegrationTests.Observability;

public sealed class SqliteInstrumentTests(PersistenceFixture fixture) : InstrumentTests(DatabaseKind.Sqlite, fixture);

public sealed class PostgresInstrumentTests(PersistenceFixture fixture) : InstrumentTests(DatabaseKind.Postgres, fixture);

public abstract class InstrumentTests(DatabaseKind kind, PersistenceFixture fixture) : PersistenceTests(kind, fixture)
{
    private const string Worker = "w";

    private WorkerDirectory Workers => Host.Get<WorkerDirectory>();

    [Fact]
    public async Task ABatch_IsCountedWhenItIsAccepted_AndWhenItHasEnded_WithItsTimes()
    {
        using var batches = Collect<long>("data_pipeline.batches");
        using var records = Collect<long>("data_pipeline.records");
        using var latency = Collect<double>("data_pipeline.batch.latency");
        using var queueTime = Collect<double>("data_pipeline.batch.queue_time");
        using var duration = Collect<double>("data_pipeline.batch.duration");
        var batch = await Host.SubmitAsync(await Host.CreatePipelineAsync(), 10);
        var chunk = (await Host.ClaimOneAsync())!;

        await Host.Queue.CommitAsync(chunk, PersistenceHost.ResultOf(chunk, failed: 2, dropped: 1), Stop);

        Assert.Equal([("accepted", 1), ("completed", 1)], Values(batches, "data_pipeline.batch.status"));
        Assert.Equal([("delivered", 7), ("dropped", 1), ("failed", 2)], Values(records, "data_pipeline.record.outcome"));
        var end = await Host.FindAsync(batch);
        Assert.Equal((end.CompletedAt - end.CreatedAt)!.Value.TotalSeconds, Assert.Single(latency.GetMeasurementSnapshot()).Value, 0.001);
        Assert.Equal((end.StartedAt - end.CreatedAt)!.Value.TotalSeconds, Assert.Single(queueTime.GetMeasurementSnapshot()).Value, 0.001);
        Assert.Equal((end.CompletedAt - end.StartedAt)!.Value.TotalSeconds, Assert.Single(duration.GetMeasurementSnapshot()).Value, 0.001);
    }

    [Fact]
    public async Task HoweverABatchEnds_ItIsCountedOnce()
    {
        var pipeline = await Host.CreatePipelineAsync();
        var cancelled = await Host.SubmitAsync(pipeline, 1);
        await Host.Store.ChangeAsync(cancelled.Id, batch => Assert.True(batch.Cancel(PersistenceHost.Now).IsSuccess), Stop);
        using var batches = Collect<long>("data_pipeline.batches");
        await Host.Store.ChangeAsync(cancelled.Id, batch => Assert.False(batch.Cancel(PersistenceHost.Now).IsSuccess), Stop);
        Assert.Empty(batches.GetMeasurementSnapshot());

        var allFailed = await ClaimedAsync(1);
        await Host.Queue.CommitAsync(allFailed, PersistenceHost.ResultOf(allFailed, failed: 1), Stop);
        await Host.Queue.CommitAsync(allFailed, PersistenceHost.ResultOf(allFailed, failed: 1), Stop);
        var givenUp = await ClaimedAsync(1);
        await Host.Queue.FailBatchAsync(givenUp, BatchErrors.ProcessingFailed("no"), Stop);
        await Host.Queue.FailBatchAsync(givenUp, BatchErrors.ProcessingFailed("no"), Stop);
        await ClaimedAsync(1);
        await Host.ExpireLeasesAsync();
        await Host.Queue.ReclaimExpiredAsync(maxAttempts: 1, Stop);
        await Host.SubmitAsync(pipeline, 1);
        await Host.Store.ChangeAsync((await Host.ClaimOneAsync())!.BatchId, batch => Assert.True(batch.Cancel(PersistenceHost.Now).IsSuccess), Stop);

        Assert.Equal([("accepted", 4), ("cancelled", 1), ("failed", 3)], Values(batches, "data_pipeline.batch.status"));

        async Task<ChunkLease> ClaimedAsync(int records)
        {
            await Host.SubmitAsync(pipeline, records);
            return (await Host.ClaimOneAsync())!;
        }
    }

    [Fact]
    public async Task RecordsOfWorkThatDoesNotStand_AreNotCounted()
    {
        await Host.SubmitAsync(await Host.CreatePipelineAsync(), 3);
        var late = (await Host.ClaimOneAsync("late"))!;
        await Host.ExpireLeasesAsync();
        await Host.Queue.ReclaimExpiredAsync(5, Stop);
        await Host.ClaimOneAsync("another");
        using var records = Collect<long>("data_pipeline.records");

        Assert.Equal(CommitOutcome.LeaseLost, await Host.Queue.CommitAsync(late, PersistenceHost.ResultOf(late), Stop));

        Assert.Empty(records.GetMeasurementSnapshot());
    }

    [Fact]
    public async Task TheQueue_IsToldByWhatItsChunksWaitFor()
    {
        var (active, paused) = (await Host.CreatePipelineAsync(), await Host.CreatePipelineAsync(name: "paused"));
        await Host.SubmitAsync(active, 1, 1, 1);
        await Host.Queue.RetryLaterAsync((await Host.ClaimOneAsync())!, TimeSpan.FromMinutes(1), Stop);
        await Host.ClaimOneAsync();
        await Host.SubmitAsync(paused, 1, 1);
        await Host.ChangePipelineAsync(paused, pipeline => pipeline.Stop(PersistenceHost.Now));

        var queue = await Workers.ReadQueueAsync(Stop);

        Assert.Equal((1, 1, 2, 1), (queue.Ready, queue.Delayed, queue.Paused, queue.Leased));
    }

    [Fact]
    public async Task TheAgeOfTheOldestChunk_CountsFromWhenItCouldHaveBeenTaken()
    {
        Assert.Equal(TimeSpan.Zero, (await Workers.ReadQueueAsync(Stop)).OldestReadyAge);
        var pipeline = await Host.CreatePipelineAsync();
        var old = await Host.SubmitAsync(pipeline, 1);
        await Host.SubmitAsync(pipeline, 1);
        await Host.Database.WriteAsync($"UPDATE batches SET created_at = {Host.Database.Now} - {{0}} WHERE id = {{1}}", [Host.Database.Duration(TimeSpan.FromHours(1)), old.Id], Stop);
        Assert.InRange((await Workers.ReadQueueAsync(Stop)).OldestReadyAge, TimeSpan.FromSeconds(3_590), TimeSpan.FromSeconds(3_660));

        await Host.Queue.RetryLaterAsync((await Host.ClaimOneAsync())!, TimeSpan.Zero, Stop);

        Assert.InRange((await Workers.ReadQueueAsync(Stop)).OldestReadyAge, TimeSpan.Zero, TimeSpan.FromMinutes(1));
    }

    [Fact]
    public async Task AWorker_IsAliveUntilItsTimeIsOver_OrItLeaves()
    {
        await Workers.NoteAsync(Worker, PersistenceHost.Lease, Stop);
        await Workers.NoteAsync(Worker, PersistenceHost.Lease, Stop);
        await Workers.NoteAsync("dead", TimeSpan.FromSeconds(-1), Stop);
        Assert.Equal(1, (await Workers.ReadQueueAsync(Stop)).WorkersAlive);

        await Workers.RemoveAsync(Worker, Stop);

        Assert.Equal(0, (await Workers.ReadQueueAsync(Stop)).WorkersAlive);
        Assert.Equal(0, await Host.Database.WriteAsync("DELETE FROM workers", [], Stop));
    }

    [Fact]
    public void WhileTheQueueIsUnknown_NothingIsSaidOfIt()
    {
        var metrics = Host.Get<ServiceMetrics>();
        using var depth = Collect<long>("data_pipeline.queue.depth");

        metrics.Queue = new QueueState(1, 2, 3, 4, TimeSpan.FromSeconds(5), 6);
        depth.RecordObservableInstruments();
        Assert.Equal([("delayed", 2), ("leased", 4), ("paused", 3), ("ready", 1)], Values(depth, "data_pipeline.chunk.state"));

        metrics.Queue = null;
        depth.Clear();
        depth.RecordObservableInstruments();
        Assert.Empty(depth.GetMeasurementSnapshot());
    }

    private MetricCollector<T> Collect<T>(string instrument)
        where T : struct => new(Host.Get<IMeterFactory>(), ServiceMetrics.MeterName, instrument);

    private static IEnumerable<(string Value, long Sum)> Values(MetricCollector<long> collector, string attribute) =>
        collector.GetMeasurementSnapshot().GroupBy(measurement => (string)measurement.Tags[attribute]!).Select(group => (group.Key, group.Sum(measurement => measurement.Value))).OrderBy(pair => pair.Key, StringComparer.Ordinal);
}
