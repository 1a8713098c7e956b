using System.Diagnostics;
using DataPipeline.Domain.Batches;
using DataPipeline.WebApi.IntegrationTests.Persistence;
using Microsoft.EntityFrameworkCore;

namespace DataPipeline.WebApi.IntegrationTests.Faults;

[Collection(nameof(Alone))]
public sealed class SqliteFaultTests() : FaultTests(DatabaseKind.Sqlite);

[Collection(nameof(Alone))]
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

        await StoredBatches.AssertEachRecordOnceAsync(database, batches);
        var (byOne, byTwo) = (one.CommittedChunks(), two.CommittedChunks());
        Assert.True(byOne.Count > 0 && byTwo.Count > 0, $"{byOne.Count} chunks by the one, {byTwo.Count} by the other");
        Assert.Empty(byOne.Intersect(byTwo));
    }

    [LongFact]
    public async Task AProcessThatIsHaltedForThreeLeases_AndWoken_ChangesNothing_AndCountsWhatItLost()
    {
        (string, string)[] settings = [("Worker:ChunkRecords", "1000"), ("Worker:LeaseSeconds", "1")];
        await using var database = await TestDatabase.CreateAsync(DatabaseKind.Postgres);
        await using var halted = await ServiceProcess.StartAsync(database, settings);
        await using var other = await ServiceProcess.StartAsync(database, settings);
        await using var stored = StoredBatches.Of(database);
        var pipeline = await halted.CreatePipelineAsync("acme", ServiceProcess.SlowConfig);
        var batch = await halted.SubmitAsync("acme", pipeline, 30_000);

        // A commit that is under way when its process is halted stands, so what counts is what is in hand a moment later.
        IReadOnlyList<long> inHand = [];
        await Eventually.TrueAsync(
            async () =>
            {
                await halted.SignalAsync("STOP");
                var before = await stored.InHandAsync(halted);
                await Task.Delay(TimeSpan.FromMilliseconds(100), Stop);
                inHand = [.. before.Intersect(await stored.InHandAsync(halted))];
                if (inHand.Count == 0) await halted.SignalAsync("CONT");
                return inHand.Count > 0;
            }, "the process to be halted is at work");
        await Task.Delay(TimeSpan.FromSeconds(3), Stop);
        Assert.Empty(inHand.Intersect(await stored.InHandAsync(halted)));
        await halted.SignalAsync("CONT");

        await Eventually.TrueAsync(async () => await halted.ReadMetricAsync("data_pipeline_leases_lost_total") >= inHand.Count, "its late writes are refused");
        await StoredBatches.AssertEachRecordOnceAsync(database, [batch]);
        Assert.Empty(halted.CommittedChunks().Intersect(other.CommittedChunks()));
    }

    [LongFact]
    public async Task WhatAProcessThatIsToldToStopHadInHand_IsDoneByAnotherWithinASecondOfItsEnd()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseKind.Postgres);
        await using var stopped = await ServiceProcess.StartAsync(database, ("Worker:ChunkRecords", "200"), ("Api:DrainSeconds", "0"));
        await using var other = await ServiceProcess.StartAsync(database);
        await using var stored = StoredBatches.Of(database);
        var pipeline = await stopped.CreatePipelineAsync("acme", ServiceProcess.SlowConfig);
        var batch = await stopped.SubmitAsync("acme", pipeline, 20_000);
        await Eventually.TrueAsync(() => Task.FromResult(stopped.CommittedChunks().Count > 0 && other.CommittedChunks().Count > 0), "both are at work");

        await stopped.SignalAsync("TERM");
        await stopped.WaitForExitAsync(TimeSpan.FromSeconds(30));
        Assert.Empty(await stored.InHandAsync(stopped));
        var committed = other.CommittedChunks().Count;
        await Eventually.TrueAsync(() => Task.FromResult(other.CommittedChunks().Count > committed), "the other goes on", seconds: 1);

        Assert.Equal(0, stopped.ExitCode);
        await StoredBatches.AssertEachRecordOnceAsync(database, [batch]);
        Assert.Empty(stopped.CommittedChunks().Intersect(other.CommittedChunks()));
    }

    [LongFact]
    public async Task AChunkThatCannotBeFinishedBeforeTheEnd_IsGivenBack_AndTakenUpWithinASecond()
    {
        using var held = new HeldReceiver();
        await using var database = await TestDatabase.CreateAsync(DatabaseKind.Postgres);
        await using var stopped = await ServiceProcess.StartAsync(database, ("Api:DrainSeconds", "0"), ("Webhooks:AllowPrivateAddresses", "true"));
        var pipeline = await stopped.CreatePipelineAsync("acme", $$$$"""{"source":{"type":"api"},"processors":[],"destination":{"type":"webhook","options":{"url":"{{{{held.Url}}}}"}}}""");
        await stopped.SendAsync("acme", HttpMethod.Post, $"pipelines/{pipeline}/batches", "[{}]");
        await held.CalledAsync(1);
        await using var other = await ServiceProcess.StartAsync(database, ("Webhooks:AllowPrivateAddresses", "true")); // Which takes it up.

        await stopped.SignalAsync("TERM");
        await Eventually.TrueAsync(() => Task.FromResult(stopped.Log.Any(line => line.Contains("is given back unfinished", StringComparison.Ordinal))), "its work is given back", seconds: 30);
        var since = Stopwatch.StartNew();
        await held.CalledAsync(2);

        Assert.InRange(since.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(1));
        await stopped.WaitForExitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal(0, stopped.ExitCode);
    }

    [LongFact]
    public async Task ThreeProcessesRestartedOneByOne_Under50SubmitsASecond_FailNoRequest()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseKind.Postgres);
        var old = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => StartAsync()));
        var all = old.ToList();
        await using (var balancer = new Balancer(old))
        {
            var pipeline = await old[0].CreatePipelineAsync("acme");
            await using var traffic = Traffic.Through(balancer, pipeline, submitsPerSecond: 50);

            foreach (var process in old)
            {
                await process.SignalAsync("TERM");
                await process.WaitForExitAsync(TimeSpan.FromSeconds(30));
                Assert.Equal(0, process.ExitCode);
                balancer.Remove(process);
                var next = await StartAsync();
                all.Add(next);
                balancer.Add(next);
                await Eventually.TrueAsync(() => Task.FromResult(balancer.Uses(next)), "the new process serves");
            }

            await traffic.StopAsync();
            traffic.AssertAllServed();
            await StoredBatches.AssertEachRecordOnceAsync(database, traffic.Acknowledged);
        }

        foreach (var process in all) await process.DisposeAsync();

        Task<ServiceProcess> StartAsync() => ServiceProcess.StartAsync(database, ("Api:DrainSeconds", "3"), ("Batches:MaxPendingPerOwner", "100000")); // Longer than the balancer takes to ask.
    }

    [LongFact]
    public async Task ThreeProcesses_OfWhichARandomOneIsKilledTwentyTimes_LoseNothing_AndRepeatNothing()
    {
        const int kills = 20;
        var seed = Environment.TickCount;
        TestContext.Current.TestOutputHelper!.WriteLine($"seed {seed}");
        var random = new Random(seed);
        await using var database = await TestDatabase.CreateAsync(DatabaseKind.Postgres);
        await using var stored = StoredBatches.Of(database);
        var processes = Enumerable.Range(0, 3).Select(_ => StartAsync()).ToArray();
        var first = await processes[0];
        var pipeline = await first.CreatePipelineAsync("acme", ServiceProcess.SlowConfig);
        var batch = await first.SubmitAsync("acme", pipeline, 100_000);

        for (var kill = 0; kill < kills; kill++)
        {
            var atWork = new List<int>();
            await Eventually.TrueAsync(
                async () =>
                {
                    atWork.Clear();
                    for (var i = 0; i < processes.Length; i++)
                    {
                        if (processes[i].IsCompleted && (await processes[i]).CommittedChunks().Count > 0) atWork.Add(i);
                    }

                    return atWork.Count > 0;
                }, $"a process is at work after {kill} kills", seconds: 30);
            await Task.Delay(random.Next(200), Stop);
            var place = atWork[random.Next(atWork.Count)];
            Assert.True(await stored.Db.Batches.AnyAsync(b => b.Status == BatchStatus.Processing, Stop), $"The batch has ended after {kill} kills.");
            await (await processes[place]).DisposeAsync();
            if (kill < kills - 1) processes[place] = StartAsync();
        }

        var lastKill = Stopwatch.StartNew();
        await StoredBatches.AssertEachRecordOnceAsync(database, [batch]);
        Assert.InRange(lastKill.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(60));
        foreach (var process in processes) await (await process).DisposeAsync();

        Task<ServiceProcess> StartAsync() => ServiceProcess.StartAsync(database, ("Worker:ChunkRecords", "100"));
    }

    [LongFact]
    public async Task WhatAKilledProcessHadInHand_IsTakenOverWithin35Seconds_UnlessConfigured()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseKind.Postgres);
        await using var killed = await ServiceProcess.StartAsync(database, ("Worker:ChunkRecords", "500"));
        await using var other = await ServiceProcess.StartAsync(database);
        await using var stored = StoredBatches.Of(database);
        var pipeline = await killed.CreatePipelineAsync("acme", ServiceProcess.SlowConfig);
        var batch = await killed.SubmitAsync("acme", pipeline, 40_000);
        await Eventually.TrueAsync(async () => (await stored.InHandAsync(killed)).Count > 0, "it is at work");

        killed.Kill();
        var sinceKill = Stopwatch.StartNew();
        var left = await stored.InHandAsync(killed);
        Assert.NotEmpty(left);
        await Eventually.TrueAsync(async () => !await stored.Db.BatchChunks.AnyAsync(c => left.Contains(c.Id) && c.LeaseOwner != other.Worker, Stop), "its work is taken over", seconds: 60);

        Assert.InRange(sinceKill.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(35));
        await StoredBatches.AssertEachRecordOnceAsync(database, [batch]);
        Assert.NotEmpty(other.CommittedChunks());
    }
}

/// <summary>What the service promises about crashes, tried on the service as a process of its own.</summary>
public abstract class FaultTests(DatabaseKind kind)
{
    private const int MaxBatchesPerLife = 8;

    protected static CancellationToken Stop => TestContext.Current.CancellationToken;

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
        await StoredBatches.AssertEachRecordOnceAsync(database, acknowledged);
        var metrics = (await last.SendAsync("acme", HttpMethod.Get, $"pipelines/{pipeline}")).GetProperty("metrics");
        await using var stored = StoredBatches.Of(database);
        Assert.Equal(await stored.Db.Batches.SumAsync(b => (long)b.RecordCount, Stop), metrics.GetProperty("recordsProcessed").GetInt64());
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
        await using var stored = StoredBatches.Of(database);
        Assert.Equal(0, await stored.Db.BatchChunks.CountAsync(c => c.LeaseOwner != null, Stop));
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
}
