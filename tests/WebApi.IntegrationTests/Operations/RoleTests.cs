using System.Net;
using System.Security.Cryptography;
using System.Text.Json;
using DataPipeline.Infrastructure.Persistence;
using DataPipeline.WebApi.IntegrationTests.Faults;
using DataPipeline.WebApi.IntegrationTests.Persistence;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace DataPipeline.WebApi.IntegrationTests.Operations;

/// <summary>Processes on one PostgreSQL, each with the part that its settings give it.</summary>
public sealed class RoleTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task OneProcessTakesWhatAnotherRuns()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseKind.Postgres);
        await using var api = await ServiceProcess.StartAsync(database, ("Worker:Enabled", "false"));
        var pipeline = await api.CreatePipelineAsync("acme");
        var batch = await api.SubmitAsync("acme", pipeline, 1_000);
        Assert.Equal("pending", (await api.SendAsync("acme", HttpMethod.Get, $"pipelines/{pipeline}/batches/{batch}")).GetProperty("status").GetString());

        await using var worker = await ServiceProcess.StartAsync(database, ("Api:Enabled", "false"));

        Assert.Equal("completed", await EndOfAsync(api, pipeline, batch));
        Assert.Empty(api.CommittedChunks());
        Assert.NotEmpty(worker.CommittedChunks());
        foreach (var path in (string[])["health/live", "health/ready", "metrics"]) Assert.Equal(HttpStatusCode.OK, await StatusOfAsync(worker, path));
        foreach (var path in (string[])["api/v1/pipelines", "docs", "openapi/v1.json", ""]) Assert.Equal(HttpStatusCode.NotFound, await StatusOfAsync(worker, path));
    }

    [Fact]
    public async Task WhileOwnersCompete_EachGetsItsTurn_HoweverMuchMoreTheOtherSubmits()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseKind.Postgres);
        await using var api = await ServiceProcess.StartAsync(database, ("Worker:Enabled", "false"), ("Worker:ChunkRecords", "10"));
        var (large, small) = (await api.CreatePipelineAsync("acme"), await api.CreatePipelineAsync("other"));
        for (var i = 0; i < 5; i++) await api.SubmitAsync("acme", large, 1_000);
        List<Guid> few = [await api.SubmitAsync("other", small, 200), await api.SubmitAsync("other", small, 100)];

        await using var worker = await ServiceProcess.StartAsync(database, ("Api:Enabled", "false"), ("Worker:Concurrency", "1"));
        do await api.SubmitAsync("acme", large, 1_000);
        while (!await HaveEndedAsync());
        await Eventually.TrueAsync(() => Task.FromResult(worker.CommittedBatches().Count(few.Contains) == 30), "their chunks are in the log");

        var order = worker.CommittedBatches();
        var last = Enumerable.Range(0, order.Count).Last(i => few.Contains(order[i]));
        Assert.InRange(last + 1 - 30, 28, 32);

        async Task<bool> HaveEndedAsync()
        {
            foreach (var batch in few)
            {
                if ((await api.SendAsync("other", HttpMethod.Get, $"pipelines/{small}/batches/{batch}")).GetProperty("status").GetString() != "completed") return false;
            }

            return true;
        }
    }

    [Fact]
    public async Task SeveralProcessesStartedAtOnceOnAnEmptyDatabase_AllServe_AndOneOfThemHasMigratedIt()
    {
        await using var database = await TestDatabase.CreateEmptyAsync(DatabaseKind.Postgres);

        var starting = Enumerable.Range(0, 4).Select(i => ServiceProcess.StartAsync(database, ("Database:MigrateOnStart", i == 0 ? "false" : "true"), ("Database:StartupTimeoutSeconds", "60"))).ToList();
        var processes = await Task.WhenAll(starting);

        try
        {
            var pipeline = await processes[0].CreatePipelineAsync("acme");
            foreach (var process in processes)
            {
                Assert.Equal(HttpStatusCode.OK, await StatusOfAsync(process, "health/ready"));
                Assert.Equal("completed", await EndOfAsync(process, pipeline, await process.SubmitAsync("acme", pipeline, 100)));
            }

            await using var services = new ServiceCollection().AddLogging().AddPersistence(new ConfigurationBuilder().AddInMemoryCollection(database.Settings).Build()).BuildServiceProvider();
            await using var db = services.GetRequiredService<Database>().Open();
            var all = db.Database.GetMigrations().Count();
            var applied = processes.SelectMany(process => process.Log).Where(line => line.Contains("\"eventName\":\"Migrated\"", StringComparison.Ordinal)).Select(line => JsonElement.Parse(line).GetProperty("count").GetInt32());
            Assert.Equal([0, 0, all], applied.Order());
        }
        finally
        {
            foreach (var process in processes) await process.DisposeAsync();
        }
    }

    [Fact]
    public async Task BehindAPoolerThatSharesSessions_EverythingWorks_AndTheSchemaIsBroughtUpToDate()
    {
        await using var database = await TestDatabase.CreateEmptyAsync(DatabaseKind.Postgres);
        await using var pooler = await PgBouncer.StartAsync(database.ConnectionString);
        var key = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));
        (string, string)[] settings = [("ConnectionStrings:Postgres", pooler.ConnectionString), ("Database:Notifications", "false"), ("Worker:ChunkRecords", "100"), ("Secrets:Keys:0", key)];
        await using var one = await ServiceProcess.StartAsync(database, settings);
        await using var two = await ServiceProcess.StartAsync(database, settings);
        var pipeline = await one.CreatePipelineAsync("acme");

        var batches = await Task.WhenAll(Enumerable.Range(0, 6).Select(i => (i % 2 == 0 ? one : two).SubmitAsync("acme", pipeline, 2_000)));

        foreach (var batch in batches) Assert.Equal("completed", await EndOfAsync(two, pipeline, batch));
        Assert.True(one.CommittedChunks().Count > 0 && two.CommittedChunks().Count > 0, $"{one.CommittedChunks().Count} chunks by the one, {two.CommittedChunks().Count} by the other");
        Assert.Empty(one.CommittedChunks().Intersect(two.CommittedChunks()));
        var totals = (await one.SendAsync("acme", HttpMethod.Get, $"pipelines/{pipeline}")).GetProperty("metrics");
        Assert.Equal((12_000, 120), (totals.GetProperty("recordsProcessed").GetInt32(), totals.GetProperty("recordsFailed").GetInt32()));
        Assert.DoesNotContain(one.Log.Concat(two.Log), line => line.Contains("\"level\":\"warn\"", StringComparison.Ordinal) || line.Contains("\"level\":\"error\"", StringComparison.Ordinal));
    }

    private static async Task<HttpStatusCode> StatusOfAsync(ServiceProcess process, string path)
    {
        using var answer = await process.Http.GetAsync($"/{path}", Stop);
        return answer.StatusCode;
    }

    private static async Task<string?> EndOfAsync(ServiceProcess process, string pipeline, Guid batch)
    {
        string? status = null;
        await Eventually.TrueAsync(
            async () =>
            {
                status = (await process.SendAsync("acme", HttpMethod.Get, $"pipelines/{pipeline}/batches/{batch}", prefer: "wait=5")).GetProperty("status").GetString();
                return status is not ("pending" or "processing");
            },
            "the batch has ended", seconds: 60);
        return status;
    }
}
