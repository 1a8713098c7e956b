using DataPipeline.Application.Pipelines;
using DataPipeline.Infrastructure.Persistence;

namespace DataPipeline.WebApi.IntegrationTests.Persistence;

public sealed class SqliteMetricsTests(PersistenceFixture fixture) : MetricsTests(DatabaseKind.Sqlite, fixture);

public sealed class PostgresMetricsTests(PersistenceFixture fixture) : MetricsTests(DatabaseKind.Postgres, fixture);

public abstract class MetricsTests(DatabaseKind kind, PersistenceFixture fixture) : PersistenceTests(kind, fixture)
{
    [Fact]
    public async Task APipelineWithoutBatches_HasNoFigures()
    {
        var pipeline = await Host.CreatePipelineAsync();
        var missing = Host.Ids.NewId();

        Assert.Equal(PipelineMetrics.None, await Host.Metrics.ReadAsync(pipeline.Id, Stop));
        Assert.Equal(PipelineMetrics.None, await Host.Metrics.ReadAsync(missing, Stop));
        Assert.Equal(PipelineActivity.None, (await Host.Metrics.ReadActivityAsync([missing, pipeline.Id], Stop))[missing]);
        Assert.Empty(await Host.Metrics.ReadActivityAsync([], Stop));
    }

    [Fact]
    public async Task EveryChunkCounts_WhateverBecomesOfItsBatch()
    {
        var pipeline = await Host.CreatePipelineAsync();
        await Host.SubmitAsync(pipeline, 10);
        await RunOneAsync(failed: 2, dropped: 1);
        var cancelled = await Host.SubmitAsync(pipeline, 5, 5);
        await RunOneAsync(failed: 1);
        await Host.Store.ChangeAsync(cancelled.Id, b => Assert.True(b.Cancel(PersistenceHost.Now).IsSuccess), Stop);
        await Host.SubmitAsync(pipeline, 4);
        await RunOneAsync(failed: 4);
        await Host.SubmitAsync(pipeline, 3, 3);
        await Host.ClaimOneAsync();
        await Host.SubmitAsync(pipeline, 1);

        var metrics = await Host.Metrics.ReadAsync(pipeline.Id, Stop);

        Assert.Equal((19, 11, 1, 7), (metrics.RecordsProcessed, metrics.RecordsDelivered, metrics.RecordsDropped, metrics.RecordsFailed));
        Assert.Equal((1, 1, 1, 1, 1), (metrics.PendingBatches, metrics.ProcessingBatches, metrics.CompletedBatches, metrics.FailedBatches, metrics.CancelledBatches));
        Assert.Equal(7 / 19.0, metrics.Activity.ErrorRate!.Value, 6);
        Assert.NotNull(metrics.Activity.LastRunAt);
        Assert.NotNull(metrics.RecordsPerSecond);
        Assert.True(metrics.Latency.P50 <= metrics.Latency.P95 && metrics.Latency.P95 <= metrics.Latency.Max);
        Assert.Equal(metrics.Activity, (await Host.Metrics.ReadActivityAsync([pipeline.Id], Stop))[pipeline.Id]);
    }

    [Fact]
    public async Task LastRun_IsTheStartOfABatchThatIsUnderWay()
    {
        var pipeline = await Host.CreatePipelineAsync();
        await Host.SubmitAsync(pipeline, 1);
        await RunOneAsync();
        var ended = (await Host.Metrics.ReadAsync(pipeline.Id, Stop)).Activity.LastRunAt!.Value;
        var running = await Host.SubmitAsync(pipeline, 1);
        await Host.ClaimOneAsync();

        var started = (await Host.Metrics.ReadAsync(pipeline.Id, Stop)).Activity.LastRunAt!.Value;

        Assert.True(started > ended);
        Assert.Equal((await Host.FindAsync(running)).StartedAt, started);
    }

    [Fact]
    public async Task BatchesThatEndedLongAgo_AreNotOfLate()
    {
        var pipeline = await Host.CreatePipelineAsync();
        await Host.SubmitAsync(pipeline, 2);
        await RunOneAsync(failed: 1);
        await Host.Database.WriteAsync("UPDATE batches SET completed_at = completed_at - {0}", [Host.Database.Duration(TimeSpan.FromHours(25))], Stop);

        var metrics = await Host.Metrics.ReadAsync(pipeline.Id, Stop);

        Assert.Equal(BatchLatency.None, metrics.Latency);
        Assert.Null(metrics.Activity.ErrorRate);
        Assert.Null(metrics.RecordsPerSecond);
        Assert.Equal(2, metrics.RecordsProcessed);
        Assert.NotNull(metrics.Activity.LastRunAt);
    }

    private async Task RunOneAsync(int failed = 0, int dropped = 0)
    {
        var chunk = (await Host.ClaimOneAsync())!;
        Assert.NotEqual(Application.Batches.CommitOutcome.LeaseLost, await Host.Queue.CommitAsync(chunk, PersistenceHost.ResultOf(chunk, failed, dropped), Stop));
    }
}

public sealed class LatencyTests
{
    private static readonly DateTimeOffset Start = DateTimeOffset.UnixEpoch;

    [Fact]
    public void Percentiles_AreByNearestRank()
    {
        var latency = PipelineMetricsReader.LatencyOf([.. Enumerable.Range(1, 200).Select(ms => Ended(ms, 1))]);

        Assert.Equal(new BatchLatency(100.5, 100, 190, 198, 200), latency);
    }

    [Fact]
    public void Percentiles_OfOneBatch_AreItsLatency() => Assert.Equal(new BatchLatency(7, 7, 7, 7, 7), PipelineMetricsReader.LatencyOf([Ended(7, 1)]));

    [Fact]
    public void Speed_IsRecordsByTimeOfProcessing() => Assert.Equal(200, PipelineMetricsReader.SpeedOf([Ended(1000, 150), Ended(500, 150), new(Start, null, Start.AddHours(1), 0)]));

    [Fact]
    public void Speed_OfNothing_IsUnknown() => Assert.Null(PipelineMetricsReader.SpeedOf([new(Start, Start, Start, 5)]));

    private static PipelineMetricsReader.Ended Ended(int ms, int processed) => new(Start, Start, Start.AddMilliseconds(ms), processed);
}
