using System.Diagnostics;
using DataPipeline.Domain.Batches;
using DataPipeline.Infrastructure.Persistence;
using DataPipeline.WebApi.IntegrationTests.Persistence;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace DataPipeline.WebApi.IntegrationTests.Faults;

public sealed class SqliteFaultTests() : FaultTests(DatabaseKind.Sqlite);

public sealed class PostgresFaultTests() : FaultTests(DatabaseKind.Postgres)
{
    [Fact]
    public async Task TwoProcesses_ShareTheWork_AndCommitNoChunkTwice()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseKind.Postgres);
        await using var one = await ServiceProcess.StartAsync(database, ("Worker:ChunkRecords", "100"), ("Worker:Concurrency", "1"));
        await using var two = await ServiceProcess.StartAsync(database, ("Worker:ChunkRecords", "100"), ("Worker:Concurrency", "1"));
        var pipeline = await one.CreatePipelineAsync("acme");

        var batches = new[] { await one.SubmitAsync("acme", pipeline, 10_000), await two.SubmitAsync("acme", pipeline, 10_000) };

        await AssertEachRecordOnceAsync(database, batches);
        var (byOne, byTwo) = (one.CommittedChunks(), two.CommittedChunks());
        Assert.True(byOne.Count > 0 && byTwo.Count > 0, $"{byOne.Count} chunks by the one, {byTwo.Count} by the other");
        Assert.Empty(byOne.Intersect(byTwo));
    }

    [Fact]
    public async Task AProcessThatIsHaltedForThreeLeases_AndWoken_ChangesNothing()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseKind.Postgres);
        await using var halted = await ServiceProcess.StartAsync(database, ("Worker:ChunkRecords", "200"), ("Worker:LeaseSeconds", "1"));
        await using var other = await ServiceProcess.StartAsync(database, ("Worker:LeaseSeconds", "1"));
        var pipeline = await halted.CreatePipelineAsync("acme");
        var batch = await halted.SubmitAsync("acme", pipeline, 30_000);
        await Eventually.TrueAsync(() => Task.FromResult(halted.CommittedChunks().Count > 2), "the process to be halted is at work");

        await halted.SignalAsync("STOP");
        await Task.Delay(TimeSpan.FromSeconds(3), TestContext.Current.CancellationToken);
        await halted.SignalAsync("CONT");

        await AssertEachRecordOnceAsync(database, [batch]);
        Assert.Empty(halted.CommittedChunks().Intersect(other.CommittedChunks()));
        Assert.Equal("completed", (await halted.SendAsync("acme", HttpMethod.Get, $"pipelines/{pipeline}/batches/{batch}")).GetProperty("status").GetString());
    }
}

/// <summary>What the service promises about crashes, tried on the service as a process of its own.</summary>
public abstract class FaultTests(DatabaseKind kind)
{
    private const int MaxBatchesPerLife = 8;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task KilledAtAnyMoment_AndStartedAgain_EveryAcknowledgedBatchEnds_WithEachRecordOnce()
    {
        var seed = Environment.TickCount;
        TestContext.Current.TestOutputHelper!.WriteLine($"seed {seed}");
        var random = new Random(seed);
        await using var database = await TestDatabase.CreateAsync(kind);
        var acknowledged = new List<Guid>();
        string? pipeline = null;
        for (var life = 0; life < 3; life++)
        {
            await using var service = await StartAsync(database);
            pipeline ??= await service.CreatePipelineAsync("acme");
            var submitting = SubmitUntilKilledAsync(service, pipeline, acknowledged);
            await Eventually.TrueAsync(() => Task.FromResult(service.CommittedChunks().Count > 0), "a chunk is committed");
            await Task.Delay(random.Next(300), Stop);
            service.Kill();
            await submitting;
        }

        await using var last = await StartAsync(database);
        await AssertEachRecordOnceAsync(database, acknowledged);
        var metrics = (await last.SendAsync("acme", HttpMethod.Get, $"pipelines/{pipeline}")).GetProperty("metrics");
        await using var db = Open(database, out var services);
        await using (services) Assert.Equal(await db.Batches.SumAsync(b => (long)b.RecordCount, Stop), metrics.GetProperty("recordsProcessed").GetInt64());
    }

    [Fact]
    public async Task BehindAnotherOwnersLargeBatch_ASmallOneEndsWithinTwoSeconds()
    {
        await using var database = await TestDatabase.CreateAsync(kind);
        await using var service = await ServiceProcess.StartAsync(database, ("Batches:MaxRecords", "200000"));
        var (large, small) = (await service.CreatePipelineAsync("acme"), await service.CreatePipelineAsync("other"));
        await service.SubmitAsync("other", small, 10);
        var inFront = await service.SubmitAsync("acme", large, 200_000);

        var watch = Stopwatch.StartNew();
        var batch = await service.SendAsync("other", HttpMethod.Post, $"pipelines/{small}/batches", """{"records":[{},{},{},{},{},{},{},{},{},{}]}""", prefer: "wait=10");

        Assert.Equal("completed", batch.GetProperty("status").GetString());
        Assert.InRange(watch.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(2));
        await service.SendAsync("acme", HttpMethod.Get, $"pipelines/{large}/batches/{inFront}");
    }

    [Fact]
    public async Task ToldToStop_ItExitsWithZero_AndLeavesNothingInHand()
    {
        await using var database = await TestDatabase.CreateAsync(kind);
        await using var service = await ServiceProcess.StartAsync(database, ("Worker:ChunkRecords", "200"), ("Api:DrainSeconds", "0"));
        var pipeline = await service.CreatePipelineAsync("acme");
        await service.SubmitAsync("acme", pipeline, 50_000);
        await Eventually.TrueAsync(() => Task.FromResult(service.CommittedChunks().Count > 2), "it is at work");

        await service.SignalAsync("TERM");
        await service.WaitForExitAsync(TimeSpan.FromSeconds(20));

        Assert.Equal(0, service.ExitCode);
        await using var db = Open(database, out var services);
        await using (services) Assert.Equal(0, await db.BatchChunks.CountAsync(c => c.LeaseOwner != null, Stop));
    }

    private protected static async Task AssertEachRecordOnceAsync(TestDatabase database, IReadOnlyCollection<Guid> acknowledged)
    {
        await using var db = Open(database, out var services);
        await using (services)
        {
            await Eventually.TrueAsync(async () => !await db.Batches.AnyAsync(b => b.Status == BatchStatus.Pending || b.Status == BatchStatus.Processing, Stop), "every batch has ended", seconds: 60);
            var batches = await db.Batches.AsNoTracking().ToListAsync(Stop);
            Assert.Empty(acknowledged.Except(batches.Select(b => b.Id)));
            foreach (var batch in batches)
            {
                var delivered = await db.DeliveredRecords.Where(r => r.BatchId == batch.Id).Select(r => r.RecordIndex).ToListAsync(Stop);
                var failed = await db.BatchErrors.Where(e => e.BatchId == batch.Id).Select(e => e.RecordIndex).ToListAsync(Stop);
                Assert.Equal((BatchStatus.Completed, batch.RecordCount, delivered.Count, failed.Count), (batch.Status, batch.ProcessedCount, batch.DeliveredCount, batch.FailedCount));
                Assert.Equal(Enumerable.Range(0, batch.RecordCount), delivered.Concat(failed).Order());
                Assert.All(failed, index => Assert.Equal(99, index % 100));
            }
        }
    }

    private static Task<ServiceProcess> StartAsync(TestDatabase database) => ServiceProcess.StartAsync(database, ("Worker:ChunkRecords", "100"), ("Worker:LeaseSeconds", "1"));

    private static async Task SubmitUntilKilledAsync(ServiceProcess service, string pipeline, List<Guid> acknowledged)
    {
        try
        {
            for (var i = 0; i < MaxBatchesPerLife; i++) acknowledged.Add(await service.SubmitAsync("acme", pipeline, 2_000));
        }
        catch (Exception killed) when (killed is HttpRequestException or IOException)
        {
            return; // What was not acknowledged may or may not have been kept.
        }
    }

    private static AppDbContext Open(TestDatabase database, out ServiceProvider services)
    {
        services = new ServiceCollection().AddLogging().AddPersistence(new ConfigurationBuilder().AddInMemoryCollection(database.Settings).Build()).BuildServiceProvider();
        return services.GetRequiredService<Database>().Open();
    }
}
