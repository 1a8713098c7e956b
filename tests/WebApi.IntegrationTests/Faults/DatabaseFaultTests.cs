using System.Net;
using System.Text.Json;
using DataPipeline.WebApi.IntegrationTests.Persistence;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace DataPipeline.WebApi.IntegrationTests.Faults;

/// <summary>What the service promises about a PostgreSQL that fails: 503 with Retry-After meanwhile and never 500, nothing lost, and no help needed afterwards.</summary>
[Collection(nameof(Alone))]
public sealed class DatabaseFaultTests
{
    private static readonly TimeSpan Recovery = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan AnsweredWithin = TimeSpan.FromSeconds(10);

    /// <summary>A statement is given ten seconds, and what asks to cancel it twice five; the rest is for a busy machine.</summary>
    private static readonly TimeSpan AnsweredInTheDarkWithin = TimeSpan.FromSeconds(23);

    private const int SmallDiskBytes = 32 << 20;

    /// <summary>Longer than a writer waits for its turn in the process, and then for the file.</summary>
    private static readonly TimeSpan LockedFor = TimeSpan.FromSeconds(25);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task AReadOnlyDatabase_AsAfterAFailover_AnswersReads_AndRefusesWrites_UntilItIsNot()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseKind.Postgres);
        await using var service = await ServiceProcess.StartAsync(database);
        var pipeline = await service.CreatePipelineAsync("acme");

        await AlterAsync(database, "SET default_transaction_read_only = on");
        await DisconnectAllAsync(database);
        await Eventually.TrueAsync(async () => await StatusAsync(service, HttpMethod.Get, "pipelines") == HttpStatusCode.OK, "reads are answered");
        await AssertUnavailableAsync(service, HttpMethod.Post, $"pipelines/{pipeline}/batches", "[{}]");
        await AssertUnavailableAsync(service, HttpMethod.Post, "pipelines", """{"name":"p","config":{"source":{"type":"api"},"processors":[],"destination":{"type":"store"}}}""");
        await AssertUnavailableAsync(service, HttpMethod.Delete, $"pipelines/{pipeline}", null);
        await AlterAsync(database, "SET default_transaction_read_only = off");
        await DisconnectAllAsync(database);

        await AssertWorksAgainAsync(service, pipeline);
    }

    [Fact]
    public async Task ADatabaseWithoutAConnectionToSpare_IsWaitedFor()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseKind.Postgres);
        var name = NameOf(database);
        await TestDatabase.ExecuteAsync(database.ConnectionString, $"CREATE ROLE \"{name}\" LOGIN; GRANT ALL ON ALL TABLES IN SCHEMA public TO \"{name}\"; GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO \"{name}\"");
        await using var service = await ServiceProcess.StartAsync(TestDatabase.Of(new NpgsqlConnectionStringBuilder(database.ConnectionString) { Username = name }.ConnectionString));
        var pipeline = await service.CreatePipelineAsync("acme");

        await AlterAsync(database, "CONNECTION LIMIT 0");
        await DisconnectAllAsync(database);
        await Eventually.TrueAsync(async () => await StatusAsync(service, HttpMethod.Get, "pipelines") == HttpStatusCode.ServiceUnavailable, "there is no connection");
        await AssertUnavailableAsync(service, HttpMethod.Post, $"pipelines/{pipeline}/batches", "[{}]");
        await AlterAsync(database, "CONNECTION LIMIT -1");

        await AssertWorksAgainAsync(service, pipeline);
    }

    [Fact]
    public async Task ASqliteFileWhoseDiskIsFull_AnswersReads_AndRefusesWrites_UntilThereIsRoom()
    {
        await using var disk = await SmallDisk.MountAsync(SmallDiskBytes);
        await using var database = TestDatabase.CreateEmptySqlite(disk.Path);
        await AssertOutlastsAFullDiskAsync(disk, database);
    }

    [Fact]
    public async Task APostgresWhoseDiskIsFull_AnswersReads_AndRefusesWrites_UntilThereIsRoom()
    {
        await using var disk = await SmallDisk.MountAsync(SmallDiskBytes, PostgresServer.UserOfRoot);
        await using var server = await PostgresServer.StartOwnAsync();
        await TestDatabase.ExecuteAsync(server.ConnectionString, $"CREATE TABLESPACE small LOCATION '{disk.Path}'");
        await TestDatabase.ExecuteAsync(server.ConnectionString, "ALTER ROLE postgres SET default_tablespace = small");
        await AssertOutlastsAFullDiskAsync(disk, TestDatabase.Of(server.ConnectionString));
    }

    [LongFact]
    public async Task ASqliteFileThatAnotherProcessLocks_IsRead_AndRefusesWrites_UntilItIsFree()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseKind.Sqlite);
        await using var service = await StartAsync(database);
        var pipeline = await service.CreatePipelineAsync("acme");
        await using var traffic = Traffic.To(service, pipeline, submitsPerSecond: 5);

        await using (var other = new SqliteConnection(database.ConnectionString))
        {
            await other.OpenAsync(Stop);
            await using var transaction = await other.BeginTransactionAsync(Stop);
            await Task.Delay(LockedFor, Stop);
            Assert.Equal(HttpStatusCode.OK, await StatusAsync(service, HttpMethod.Get, "pipelines"));
        }

        await AssertRecoversAsync(traffic, AnsweredInTheDarkWithin);
        await StoredBatches.AssertEachRecordOnceAsync(database, traffic.Acknowledged);
    }

    [LongFact]
    public async Task RestartedAtOnceFiveTimes_InTheMiddleOfABatch_LosesNothing()
    {
        await using var server = await PostgresServer.StartOwnAsync();
        var database = TestDatabase.Of(server.ConnectionString);
        await using var service = await StartAsync(database);
        var (pipeline, slow) = (await service.CreatePipelineAsync("acme"), await service.CreatePipelineAsync("acme", ServiceProcess.SlowConfig));
        var batch = await service.SubmitAsync("acme", slow, 30_000);
        await using var traffic = Traffic.To(service, pipeline, submitsPerSecond: 10);

        for (var restart = 0; restart < 5; restart++)
        {
            var committed = service.CommittedChunks().Count;
            await Eventually.TrueAsync(() => Task.FromResult(service.CommittedChunks().Count > committed + 10), "it is at work");
            await server.RestartImmediatelyAsync();
        }

        await AssertRecoversAsync(traffic, AnsweredWithin);
        await StoredBatches.AssertEachRecordOnceAsync(database, [batch, .. traffic.Acknowledged]);
    }

    [LongFact]
    public async Task WithAllItsConnectionsCutEachSecond_LosesNothing()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseKind.Postgres);
        await using var service = await StartAsync(database);
        var (pipeline, slow) = (await service.CreatePipelineAsync("acme"), await service.CreatePipelineAsync("acme", ServiceProcess.SlowConfig));
        var batch = await service.SubmitAsync("acme", slow, 30_000);
        await using var traffic = Traffic.To(service, pipeline, submitsPerSecond: 20);

        for (var second = 0; second < 20; second++)
        {
            await DisconnectAllAsync(database);
            await Task.Delay(TimeSpan.FromSeconds(1), Stop);
        }

        await AssertRecoversAsync(traffic, AnsweredWithin);
        await StoredBatches.AssertEachRecordOnceAsync(database, [batch, .. traffic.Acknowledged]);
    }

    [LongFact]
    public async Task OutOfReachForAMinute_WithoutAWord_IsAnsweredFor_AndLosesNothing()
    {
        await using var server = await PostgresServer.StartOwnAsync();
        await using var proxy = new TcpProxy(server.Socket);
        await using var service = await StartAsync(TestDatabase.Of(new NpgsqlConnectionStringBuilder(server.ConnectionString) { Host = "127.0.0.1", Port = proxy.Port }.ConnectionString));
        var (pipeline, slow) = (await service.CreatePipelineAsync("acme"), await service.CreatePipelineAsync("acme", ServiceProcess.SlowConfig));
        var batch = await service.SubmitAsync("acme", slow, 20_000);
        await using var traffic = Traffic.To(service, pipeline, submitsPerSecond: 10);
        await Eventually.TrueAsync(() => Task.FromResult(service.CommittedChunks().Count > 10), "it is at work");

        await proxy.GoDarkAsync();
        await Eventually.TrueAsync(async () => !await service.IsReadyAsync(), "it says that it is not ready");
        await Task.Delay(TimeSpan.FromSeconds(60), Stop);
        proxy.GoLight();

        await AssertRecoversAsync(traffic, AnsweredInTheDarkWithin);
        Assert.True(await service.IsReadyAsync());
        await StoredBatches.AssertEachRecordOnceAsync(TestDatabase.Of(server.ConnectionString), [batch, .. traffic.Acknowledged]);
    }

    private static async Task AssertOutlastsAFullDiskAsync(SmallDisk disk, TestDatabase database)
    {
        await using var service = await StartAsync(database);
        var (pipeline, slow) = (await service.CreatePipelineAsync("acme"), await service.CreatePipelineAsync("acme", ServiceProcess.SlowConfig));
        var accepted = new List<Guid> { await service.SubmitAsync("acme", slow, 5_000) };
        await Eventually.TrueAsync(() => Task.FromResult(service.CommittedChunks().Count > 0), "it is at work");

        await disk.BreakAsync(DiskFault.Full);
        await Eventually.TrueAsync(
            async () =>
            {
                using var answer = await service.TrySendAsync("acme", HttpMethod.Post, $"pipelines/{pipeline}/batches", ServiceProcess.Records(10_000), ServiceProcess.NdJson);
                if (answer.StatusCode == HttpStatusCode.Accepted) accepted.Add(JsonElement.Parse(await answer.Content.ReadAsStringAsync(Stop)).GetProperty("id").GetGuid());
                else Assert.Equal((HttpStatusCode.ServiceUnavailable, true), (answer.StatusCode, answer.Headers.RetryAfter is not null));
                return answer.StatusCode == HttpStatusCode.ServiceUnavailable;
            }, "there is no room for another batch");
        await Eventually.TrueAsync(() => Task.FromResult(service.Log.Any(line => line.Contains("\"event\":3008", StringComparison.Ordinal))), "the worker waits for room");
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(service, HttpMethod.Get, $"pipelines/{slow}/batches/{accepted[0]}"));
        await disk.MendAsync(DiskFault.Full);

        await AssertWorksAgainAsync(service, pipeline);
        await StoredBatches.AssertEachRecordOnceAsync(database, accepted);
        Assert.DoesNotContain(service.Log, line => line.Contains("\"event\":1001", StringComparison.Ordinal));
    }

    private static Task<ServiceProcess> StartAsync(TestDatabase database) => ServiceProcess.StartAsync(database, ("Worker:ChunkRecords", "100"), ("Batches:MaxPendingPerOwner", "100000"));

    private static async Task AssertRecoversAsync(Traffic traffic, TimeSpan answeredWithin)
    {
        var back = traffic.Now;
        await Task.Delay(Recovery + TimeSpan.FromSeconds(3), Stop);
        await traffic.StopAsync();
        traffic.AssertServedOrUnavailable(answeredWithin);
        traffic.AssertServedAgain(back, Recovery);
    }

    private static async Task AssertWorksAgainAsync(ServiceProcess service, string pipeline)
    {
        JsonElement batch = default;
        await Eventually.TrueAsync(
            async () =>
            {
                using var answer = await service.TrySendAsync("acme", HttpMethod.Post, $"pipelines/{pipeline}/batches", "[{}]", prefer: "wait=5");
                if (!answer.IsSuccessStatusCode) return false;
                batch = JsonElement.Parse(await answer.Content.ReadAsStringAsync(Stop));
                return true;
            }, "batches are taken", Recovery.TotalSeconds);
        Assert.Equal("completed", batch.GetProperty("status").GetString());
    }

    private static async Task AssertUnavailableAsync(ServiceProcess service, HttpMethod method, string path, string? body)
    {
        using var answer = await service.TrySendAsync("acme", method, path, body);
        var text = await answer.Content.ReadAsStringAsync(Stop);
        Assert.True(answer.StatusCode == HttpStatusCode.ServiceUnavailable, $"{method} {path}: {text}");
        Assert.Contains("SERVICE_UNAVAILABLE", text, StringComparison.Ordinal);
        Assert.NotNull(answer.Headers.RetryAfter);
    }

    private static async Task<HttpStatusCode> StatusAsync(ServiceProcess service, HttpMethod method, string path)
    {
        using var answer = await service.TrySendAsync("acme", method, path);
        return answer.StatusCode;
    }

    private static Task DisconnectAllAsync(TestDatabase database) =>
        TestDatabase.ExecuteAsync(database.ConnectionString, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()");

    private static Task AlterAsync(TestDatabase database, string change) =>
        TestDatabase.ExecuteAsync(new NpgsqlConnectionStringBuilder(database.ConnectionString) { Database = "postgres" }.ConnectionString, $"ALTER DATABASE \"{NameOf(database)}\" {change}");

    private static string NameOf(TestDatabase database) => new NpgsqlConnectionStringBuilder(database.ConnectionString).Database!;
}
