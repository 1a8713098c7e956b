using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using DataPipeline.WebApi.IntegrationTests.Api;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace DataPipeline.WebApi.IntegrationTests.Destinations;

public sealed class DestinationsOnSqlite(SqliteApi app) : DestinationTests(app), IClassFixture<SqliteApi>;

public sealed class DestinationsOnPostgres(PostgresApi app) : DestinationTests(app), IClassFixture<PostgresApi>;

/// <summary>Each test starts the service anew, with settings of its own, on a database that no other process serves.</summary>
public abstract class DestinationTests(ApiFixture app) : IDisposable
{
    private readonly string _root = Path.Combine(Path.GetTempPath(), "datapipeline-tests", Path.GetRandomFileName());

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        if (Directory.Exists(_root)) Directory.Delete(_root, recursive: true);
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task File_HasEachRecordOnce_AndItsMarkerBeforeTheBatchIsCompleted()
    {
        await using var service = Service();
        var owner = await ApiFixture.NewOwner(service);
        var pipeline = await owner.CreateActivePipeline(Definition("file", """{"path":"exports/{{pipeline.name}}"}""", "orders"));

        var batch = await owner.Submit(pipeline.Id, $"[{string.Join(',', Enumerable.Range(0, 450).Select(i => i % 100 == 99 ? "1" : $"{{\"n\":{i}}}"))}]");
        var ended = await FirstSeenFinished(owner, batch);

        var folder = Path.Combine(_root, "exports", "orders", batch.Id);
        Assert.Equal("completed", ended["status"].GetString());
        Assert.Equal(["_SUCCESS", "part-00000.ndjson", "part-00001.ndjson", "part-00002.ndjson", "part-00003.ndjson", "part-00004.ndjson"], NamesIn(folder));
        var lines = Directory.EnumerateFiles(folder, "part-*").Order(StringComparer.Ordinal).SelectMany(File.ReadLines);
        Assert.Equal(Enumerable.Range(0, 450).Where(i => i % 100 != 99).Select(i => $"{{\"n\":{i}}}"), lines);
        var marker = JsonElement.Parse(await File.ReadAllTextAsync(Path.Combine(folder, "_SUCCESS"), Stop));
        Assert.Equal((450, 446, 0, 4), (Count("recordCount"), Count("deliveredCount"), Count("droppedCount"), Count("failedCount")));
        Assert.Equal((450, 446, 4), (ended["processedCount"].GetInt32(), ended["deliveredCount"].GetInt32(), ended["failedCount"].GetInt32()));
        Assert.Empty((await owner.Get($"{ApiClient.Batch(batch)}/records")).Expect(HttpStatusCode.OK).Items);
        var metrics = (await owner.Get(ApiClient.Pipeline(pipeline.Id))).Expect(HttpStatusCode.OK)["metrics"];
        Assert.Equal(450, metrics.GetProperty("recordsProcessed").GetInt32());

        int Count(string name) => marker.GetProperty(name).GetInt32();
    }

    [Fact]
    public async Task File_OfABatchWhoseRecordsAllFail_HasNoMarker()
    {
        await using var service = Service();
        var owner = await ApiFixture.NewOwner(service);
        var pipeline = await owner.CreateActivePipeline(Definition("file", """{"path":"{{batch.id}}"}"""));

        var ended = await owner.Finished(await owner.Submit(pipeline.Id, "[1,2]"));

        Assert.Equal("ALL_RECORDS_FAILED", ended["error"].GetProperty("code").GetString());
        Assert.DoesNotContain("_SUCCESS", NamesIn(Path.Combine(_root, ended.Id)));
    }

    [Fact]
    public async Task File_ThatCannotBeWritten_FailsItsBatch_AndNothingElse()
    {
        Directory.CreateDirectory(_root);
        await File.WriteAllTextAsync(Path.Combine(_root, "exports"), "in the way", Stop);
        await using var service = Service(("Worker:MaxAttempts", "2"));
        var owner = await ApiFixture.NewOwner(service);
        var (blocked, free) = (await owner.CreateActivePipeline(Definition("file", """{"path":"exports"}""")), await owner.CreateActivePipeline());

        var failed = await owner.Finished(await owner.Submit(blocked.Id, """[{"n":1}]"""));

        var error = failed["error"];
        Assert.Equal(("failed", "DESTINATION_FAILED"), (failed["status"].GetString(), error.GetProperty("code").GetString()));
        Assert.Contains("could not be written", error.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.DoesNotContain(_root, failed.Text, StringComparison.Ordinal);
        Assert.Equal("completed", (await owner.Finished(await owner.Submit(free.Id, """[{"n":1}]""")))["status"].GetString());
        (await owner.Get("/health/ready")).Expect(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Webhook_ToThisMachine_IsRefused_UnlessAllowed()
    {
        await using var receiver = await StartReceiverAsync();
        var options = $$"""{"url":"{{receiver.Urls.First()}}","secret":"s","maxRecordsPerRequest":2}""";

        await using (var strict = Service())
        {
            var owner = await ApiFixture.NewOwner(strict);
            var failed = await owner.Finished(await owner.Submit((await owner.CreateActivePipeline(Definition("webhook", options))).Id, """[{"n":1}]"""));
            Assert.Equal("DESTINATION_FAILED", failed["error"].GetProperty("code").GetString());
        }

        Assert.Equal(0, Received(receiver));
        await using var service = Service(("Webhooks:AllowPrivateAddresses", "true"));
        var allowed = await ApiFixture.NewOwner(service);
        var batch = await allowed.Finished(await allowed.Submit((await allowed.CreateActivePipeline(Definition("webhook", options))).Id, """[{"n":1},{"n":2},{"n":3}]"""));
        Assert.Equal(("completed", 3), (batch["status"].GetString(), batch["deliveredCount"].GetInt32()));
        Assert.Equal(2, Received(receiver));
    }

    [Fact]
    public async Task Secrets_AreNeverShown_AndKeptWhenSentBack()
    {
        await using var service = Service();
        var owner = await ApiFixture.NewOwner(service);
        var definition = Definition("webhook", """{"url":"https://example.com/","secret":"s3cret","headers":{"Authorization":"t0ken"}}""");

        var created = await owner.CreatePipeline(definition);
        var pipeline = ApiClient.Pipeline(created.Id);
        var shown = (await owner.Get(pipeline)).Expect(HttpStatusCode.OK);
        var sentBack = new JsonObject { ["name"] = shown["name"].GetString(), ["config"] = JsonNode.Parse(shown["config"].GetRawText()) };
        var same = (await owner.Put(pipeline, sentBack)).Expect(HttpStatusCode.OK);
        sentBack["config"]!["destination"]!["options"]!["maxAttempts"] = 3;
        var changed = (await owner.Put(pipeline, sentBack)).Expect(HttpStatusCode.OK);
        var written = (await owner.Put(pipeline, Definition("webhook", """{"url":"https://example.com/","secret":"s3cret","headers":{"Authorization":"t0ken"},"maxAttempts":3}""", shown["name"].GetString()))).Expect(HttpStatusCode.OK);

        Assert.Equal((1, 2, 2), (same["version"].GetInt32(), changed["version"].GetInt32(), written["version"].GetInt32()));
        var answers = new[] { created, shown, same, changed, written, await owner.StartPipeline(created.Id), await owner.StopPipeline(created.Id), await owner.Get("/api/v1/pipelines") };
        Assert.All(answers, answer => Assert.DoesNotMatch("s3cret|t0ken", answer.Text));
        Assert.Equal("""{"url":"https://example.com/","secret":"***","headers":{"Authorization":"***"}}""", shown["config"].GetProperty("destination").GetProperty("options").GetRawText());
    }

    [Fact]
    public async Task Stars_WithoutASecretBehindThem_AreRefused()
    {
        await using var service = Service();
        var owner = await ApiFixture.NewOwner(service);
        var definition = Definition("webhook", """{"url":"https://example.com/","secret":"***"}""");

        var refused = (await owner.Post("/api/v1/pipelines", definition)).Refused(HttpStatusCode.BadRequest, "VALIDATION_FAILED");
        var created = await owner.CreatePipeline();
        var refusedLater = (await owner.Put(ApiClient.Pipeline(created.Id), definition)).Refused(HttpStatusCode.BadRequest, "VALIDATION_FAILED");

        Assert.All([refused, refusedLater], answer => Assert.Equal("SECRET_REQUIRED", answer.Detail("config.destination.options.secret").GetProperty("code").GetString()));
        (await owner.Put(ApiClient.Pipeline(Guid.Empty.ToString()), definition)).Refused(HttpStatusCode.NotFound, "PIPELINE_NOT_FOUND");
    }

    private static JsonObject Definition(string type, string options, string? name = null)
    {
        var definition = ApiClient.Definition(name);
        definition["config"]!["destination"] = new JsonObject { ["type"] = type, ["options"] = JsonNode.Parse(options) };
        return definition;
    }

    /// <summary>As soon as anybody can see that it has ended.</summary>
    private static async Task<Answer> FirstSeenFinished(ApiClient owner, Answer batch)
    {
        while (true)
        {
            var now = (await owner.Get(ApiClient.Batch(batch))).Expect(HttpStatusCode.OK);
            if (now["completedAt"].ValueKind != JsonValueKind.Null) return now;
            await Task.Delay(5, Stop);
        }
    }

    private static IEnumerable<string> NamesIn(string folder) => Directory.EnumerateFiles(folder, "*", new EnumerationOptions { AttributesToSkip = 0 }).Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal);

    private static int Received(WebApplication receiver) => receiver.Services.GetRequiredService<Counter>().Requests;

    private static async Task<WebApplication> StartReceiverAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddSingleton<Counter>();
        var receiver = builder.Build();
        receiver.Run(context =>
        {
            if (context.Request.Headers["webhook-signature"].ToString().StartsWith("v1,", StringComparison.Ordinal)) context.RequestServices.GetRequiredService<Counter>().Add();
            return Task.CompletedTask;
        });
        await receiver.StartAsync(Stop);
        return receiver;
    }

    private WebApplicationFactory<Program> Service(params (string Key, string Value)[] settings) =>
        app.Another(new Dictionary<string, string>(settings.Select(setting => KeyValuePair.Create(setting.Key, setting.Value))) { ["Files:Root"] = _root, ["Worker:ChunkRecords"] = "100" });

    private sealed class Counter
    {
        private int _requests;

        internal int Requests => _requests;

        internal void Add() => Interlocked.Increment(ref _requests);
    }
}
