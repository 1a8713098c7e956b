using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace DataPipeline.WebApi.IntegrationTests.Api;

public sealed class PipelinesOnSqlite(SqliteApi app) : PipelineTests(app), IClassFixture<SqliteApi>;

public sealed class PipelinesOnPostgres(PostgresApi app) : PipelineTests(app), IClassFixture<PostgresApi>;

public abstract class PipelineTests(ApiFixture app)
{
    [Fact]
    public async Task Create_AnswersWithThePipeline_ItsAddressAndItsVersion()
    {
        var owner = await app.NewOwner();

        var created = await owner.CreatePipeline(ApiClient.Definition("orders"));

        Assert.Equal($"/api/v1/pipelines/{created.Id}", created.Headers.Location!.ToString());
        Assert.Equal("\"1\"", created.Etag);
        Assert.Equal(
            ["id", "name", "description", "status", "version", "config", "createdAt", "updatedAt", "lastRunAt", "errorRate", "metrics"],
            created.Json.EnumerateObject().Select(member => member.Name));
        Assert.Equal(("orders", "created", 1), (created["name"].GetString(), created["status"].GetString(), created["version"].GetInt32()));
        Assert.EndsWith("Z", created["createdAt"].GetString(), StringComparison.Ordinal);
        Assert.Equal('7', created.Id[14]);
        Assert.Equal(JsonValueKind.Null, created["metrics"].GetProperty("latencyMs").GetProperty("p99").ValueKind);
        Assert.Equal(0, created["metrics"].GetProperty("batches").GetProperty("cancelled").GetInt32());
    }

    [Fact]
    public async Task Get_SaysWhatCreateSaid()
    {
        var owner = await app.NewOwner();
        var definition = ApiClient.Definition();
        definition["description"] = "with \"quotes\", é and 漢";
        var created = await owner.CreatePipeline(definition);

        var read = (await owner.Get(ApiClient.Pipeline(created.Id))).Expect(HttpStatusCode.OK);

        Assert.Equal(created.Text, read.Text);
        Assert.Equal("\"1\"", read.Etag);
    }

    [Fact]
    public async Task Create_KeepsTheConfigurationAsItWasWritten()
    {
        var owner = await app.NewOwner();
        var name = ApiClient.NewName();

        var created = (await owner.PostText(
            "/api/v1/pipelines",
            $$"""{"config": {"errorPolicy":{"maxFailedPercent":1.50}, "destination":{"type":"store"},"source":{"type":"api"},"processors":[]},"name":"{{name}}"}""")).Expect(HttpStatusCode.Created);

        Assert.Equal("""{"errorPolicy":{"maxFailedPercent":1.50},"destination":{"type":"store"},"source":{"type":"api"},"processors":[]}""", created["config"].GetRawText());
    }

    [Fact]
    public async Task Names_AreUniquePerOwner_CaseAside()
    {
        var (one, other) = (await app.NewOwner(), await app.NewOwner());
        await one.CreatePipeline(ApiClient.Definition("Orders"));

        (await one.Post("/api/v1/pipelines", ApiClient.Definition("oRDERS"))).Refused(HttpStatusCode.Conflict, "PIPELINE_NAME_CONFLICT");
        await other.CreatePipeline(ApiClient.Definition("Orders"));
        var second = await one.CreatePipeline();
        (await one.Put(ApiClient.Pipeline(second.Id), ApiClient.Definition("orders"))).Refused(HttpStatusCode.Conflict, "PIPELINE_NAME_CONFLICT");
    }

    [Fact]
    public async Task Create_ManyAtOnceUnderOneName_MakesOne()
    {
        var owner = await app.NewOwner();

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => owner.Post("/api/v1/pipelines", ApiClient.Definition("the one"))));

        Assert.Single(answers, answer => answer.Status == HttpStatusCode.Created);
        Assert.All(answers.Where(answer => answer.Status != HttpStatusCode.Created), answer => answer.Refused(HttpStatusCode.Conflict, "PIPELINE_NAME_CONFLICT"));
    }

    [Fact]
    public async Task Create_PastTheOwnersLimit_IsRefused_UntilOneIsDeleted()
    {
        await using var small = app.Another(new() { ["Pipelines:MaxPerOwner"] = "2" });
        var owner = await ApiFixture.NewOwner(small);
        var first = await owner.CreatePipeline();
        await owner.CreatePipeline();

        (await owner.Post("/api/v1/pipelines", ApiClient.Definition())).Refused(HttpStatusCode.Conflict, "TOO_MANY_PIPELINES");

        await (await ApiFixture.NewOwner(small)).CreatePipeline();
        (await owner.Delete(ApiClient.Pipeline(first.Id))).Expect(HttpStatusCode.NoContent);
        await owner.CreatePipeline();
    }

    [Fact]
    public async Task Update_RaisesTheVersion_UnlessItSaysTheSame()
    {
        var owner = await app.NewOwner();
        var definition = ApiClient.Definition();
        var pipeline = await owner.CreatePipeline(definition);

        var same = (await owner.Put(ApiClient.Pipeline(pipeline.Id), definition)).Expect(HttpStatusCode.OK);
        definition["description"] = "changed";
        var changed = (await owner.Put(ApiClient.Pipeline(pipeline.Id), definition)).Expect(HttpStatusCode.OK);

        Assert.Equal((1, "\"1\""), (same["version"].GetInt32(), same.Etag));
        Assert.Equal(pipeline["updatedAt"].GetString(), same["updatedAt"].GetString());
        Assert.Equal((2, "\"2\""), (changed["version"].GetInt32(), changed.Etag));
        Assert.Equal("changed", changed["description"].GetString());
        Assert.NotEqual(pipeline["updatedAt"].GetString(), changed["updatedAt"].GetString());
    }

    [Theory]
    [InlineData("\"1\"", true)]
    [InlineData("*", true)]
    [InlineData("\"7\", \"1\"", true)]
    [InlineData("\"2\"", false)]
    [InlineData("W/\"1\"", false)]
    [InlineData("\"one\"", false)]
    public async Task Update_UnderIfMatch_ReplacesOnlyTheVersionsItNames(string ifMatch, bool matches)
    {
        var owner = await app.NewOwner();
        var pipeline = await owner.CreatePipeline();

        var answer = await owner.Put(ApiClient.Pipeline(pipeline.Id), ApiClient.Definition(), ("If-Match", ifMatch));

        if (matches) Assert.Equal(2, answer.Expect(HttpStatusCode.OK)["version"].GetInt32());
        else answer.Refused(HttpStatusCode.PreconditionFailed, "VERSION_MISMATCH");
    }

    [Fact]
    public async Task Update_ManyAtOnceUnderOneVersion_OneWins()
    {
        var owner = await app.NewOwner();
        var pipeline = await owner.CreatePipeline();

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => owner.Put(ApiClient.Pipeline(pipeline.Id), ApiClient.Definition(), ("If-Match", "\"1\""))));

        Assert.Single(answers, answer => answer.Status == HttpStatusCode.OK);
        Assert.All(answers.Where(answer => answer.Status != HttpStatusCode.OK), answer => answer.Refused(HttpStatusCode.PreconditionFailed, "VERSION_MISMATCH"));
    }

    [Fact]
    public async Task Update_AThousandAtOnce_EachUnderOneOfTenVersions_HasOneWinnerAVersion()
    {
        var owner = await app.NewOwner();
        var pipeline = await owner.CreatePipeline();

        var answers = await Task.WhenAll(Enumerable.Range(0, 1_000).Select(i => owner.Put(ApiClient.Pipeline(pipeline.Id), ApiClient.Definition(), ("If-Match", $"\"{1 + (i % 10)}\""))));

        var won = answers.Where(answer => answer.Status == HttpStatusCode.OK).Select(answer => answer["version"].GetInt32()).Order().ToList();
        Assert.NotEmpty(won);
        Assert.Equal(Enumerable.Range(2, won.Count), won);
        Assert.Equal(won[^1], (await owner.Get(ApiClient.Pipeline(pipeline.Id)))["version"].GetInt32());
        Assert.All(answers.Where(answer => answer.Status != HttpStatusCode.OK), answer => answer.Refused(HttpStatusCode.PreconditionFailed, "VERSION_MISMATCH"));
    }

    [Fact]
    public async Task Update_AHundredAtOnceUnderNoVersion_WinInTurn_OrAreToldToComeBackLater()
    {
        var owner = await app.NewOwner();
        var pipeline = await owner.CreatePipeline();

        var answers = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => owner.Put(ApiClient.Pipeline(pipeline.Id), ApiClient.Definition())));

        var won = answers.Where(answer => answer.Status == HttpStatusCode.OK).Select(answer => answer["version"].GetInt32()).Order().ToList();
        Assert.Equal(Enumerable.Range(2, won.Count), won);
        Assert.All(answers.Where(answer => answer.Status != HttpStatusCode.OK), answer => answer.Refused(HttpStatusCode.ServiceUnavailable, "SERVICE_UNAVAILABLE"));
        TestContext.Current.SendDiagnosticMessage("{0} of {1} won", won.Count, answers.Length);
    }

    [Fact]
    public async Task Update_ManyAtOnceUnderNoVersion_AllWinInTurn()
    {
        var owner = await app.NewOwner();
        var pipeline = await owner.CreatePipeline();

        var answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => owner.Put(ApiClient.Pipeline(pipeline.Id), ApiClient.Definition())));

        Assert.Equal([2, 3, 4, 5, 6, 7], answers.Select(answer => answer.Expect(HttpStatusCode.OK)["version"].GetInt32()).Order());
    }

    [Theory]
    [InlineData("\"1\"", true)]
    [InlineData("W/\"1\"", true)]
    [InlineData("\"9\", \"1\"", true)]
    [InlineData("*", true)]
    [InlineData("\"2\"", false)]
    public async Task Get_UnderIfNoneMatch_SendsOnlyWhatTheCallerHasNot(string ifNoneMatch, bool has)
    {
        var owner = await app.NewOwner();
        var pipeline = await owner.CreatePipeline();

        var answer = await owner.Get(ApiClient.Pipeline(pipeline.Id), ("If-None-Match", ifNoneMatch));

        answer.Expect(has ? HttpStatusCode.NotModified : HttpStatusCode.OK);
        Assert.Equal("\"1\"", answer.Etag);
        Assert.Equal(has, answer.Text.Length == 0);
    }

    [Fact]
    public async Task LifeCycle_StartsAndStops_AndRepeatingChangesNothing()
    {
        var owner = await app.NewOwner();
        var pipeline = await owner.CreatePipeline();
        (await owner.Post($"{ApiClient.Pipeline(pipeline.Id)}/stop")).Refused(HttpStatusCode.Conflict, "PIPELINE_NOT_STARTED");

        var started = await owner.StartPipeline(pipeline.Id);
        var again = await owner.StartPipeline(pipeline.Id);
        var stopped = await owner.StopPipeline(pipeline.Id);
        var stoppedAgain = await owner.StopPipeline(pipeline.Id);

        Assert.Equal(("active", 1), (started["status"].GetString(), started["version"].GetInt32()));
        Assert.Equal(started.Text, again.Text);
        Assert.Equal("paused", stopped["status"].GetString());
        Assert.Equal(stopped.Text, stoppedAgain.Text);
    }

    [Fact]
    public async Task Delete_TakesThePipelineAway()
    {
        var owner = await app.NewOwner();
        var pipeline = await owner.CreatePipeline();

        var deleted = (await owner.Delete(ApiClient.Pipeline(pipeline.Id))).Expect(HttpStatusCode.NoContent);

        Assert.Empty(deleted.Text);
        (await owner.Get(ApiClient.Pipeline(pipeline.Id))).Refused(HttpStatusCode.NotFound, "PIPELINE_NOT_FOUND");
        (await owner.Delete(ApiClient.Pipeline(pipeline.Id))).Refused(HttpStatusCode.NotFound, "PIPELINE_NOT_FOUND");
    }

    [Fact]
    public async Task Delete_WithAnActiveBatch_IsRefused()
    {
        var owner = await app.NewOwner();
        var pipeline = await owner.CreateActivePipeline();
        await owner.StopPipeline(pipeline.Id);
        await owner.StartPipeline(pipeline.Id);
        var batch = await owner.Finished(await owner.Submit(pipeline.Id, """[{"a":1}]"""));
        Assert.Equal("completed", batch["status"].GetString());

        (await owner.Delete(ApiClient.Pipeline(pipeline.Id))).Expect(HttpStatusCode.NoContent);
        (await owner.Get(ApiClient.Batch(batch))).Refused(HttpStatusCode.NotFound, "PIPELINE_NOT_FOUND");
    }

    [Fact]
    public async Task List_ShowsTheOwnersPipelines_NewestFirst_WithoutConfigAndMetrics()
    {
        var owner = await app.NewOwner();
        var ids = new List<string>();
        for (var i = 0; i < 3; i++) ids.Add((await owner.CreatePipeline()).Id);

        var page = (await owner.Get("/api/v1/pipelines")).Expect(HttpStatusCode.OK);

        Assert.Equal(Enumerable.Reverse(ids), page.Items.Select(item => item.GetProperty("id").GetString()));
        Assert.Equal(
            ["id", "name", "description", "status", "version", "createdAt", "updatedAt", "lastRunAt", "errorRate"],
            page.Items[0].EnumerateObject().Select(member => member.Name));
        Assert.Null(page.NextCursor);
    }

    [Fact]
    public async Task List_FindsByStatusAndName()
    {
        var owner = await app.NewOwner();
        await owner.CreatePipeline(ApiClient.Definition("first"));
        var second = await owner.CreateActivePipeline(ApiClient.Definition("Second"));

        var active = (await owner.Get("/api/v1/pipelines?status=active")).Expect(HttpStatusCode.OK);
        var named = (await owner.Get("/api/v1/pipelines?name=SECOND&status=")).Expect(HttpStatusCode.OK);
        var neither = (await owner.Get("/api/v1/pipelines?name=first&status=paused")).Expect(HttpStatusCode.OK);

        Assert.Equal([second.Id], active.Items.Select(item => item.GetProperty("id").GetString()));
        Assert.Equal([second.Id], named.Items.Select(item => item.GetProperty("id").GetString()));
        Assert.Empty(neither.Items);
    }

    [Fact]
    public async Task List_InPages_SkipsAndRepeatsNothing_WhilePipelinesComeAndGo()
    {
        var owner = await app.NewOwner();
        var ids = new List<string>();
        for (var i = 0; i < 7; i++) ids.Insert(0, (await owner.CreatePipeline()).Id);

        var first = (await owner.Get("/api/v1/pipelines?limit=3")).Expect(HttpStatusCode.OK);
        await owner.CreatePipeline();
        (await owner.Delete(ApiClient.Pipeline(ids[0]))).Expect(HttpStatusCode.NoContent);
        (await owner.Delete(ApiClient.Pipeline(ids[2]))).Expect(HttpStatusCode.NoContent);
        var second = (await owner.Get($"/api/v1/pipelines?limit=3&cursor={first.NextCursor}")).Expect(HttpStatusCode.OK);
        var third = (await owner.Get($"/api/v1/pipelines?limit=3&cursor={second.NextCursor}")).Expect(HttpStatusCode.OK);

        Assert.Equal(ids, first.Items.Concat(second.Items).Concat(third.Items).Select(item => item.GetProperty("id").GetString()!));
        Assert.Null(third.NextCursor);
    }

    [Fact]
    public async Task List_WhoseLastPageIsFull_HasNoNextPage()
    {
        var owner = await app.NewOwner();
        for (var i = 0; i < 2; i++) await owner.CreatePipeline();

        var page = (await owner.Get("/api/v1/pipelines?limit=2")).Expect(HttpStatusCode.OK);

        Assert.Equal((2, null), (page.Items.Length, page.NextCursor));
    }

    [Fact]
    public async Task Simulate_ShowsWhatWouldHappen_AndStoresNothing()
    {
        var owner = await app.NewOwner();
        var pipeline = await owner.CreatePipeline();
        var records = new JsonArray(new JsonObject { ["a"] = 1 }, 5);

        var stored = (await owner.Post($"{ApiClient.Pipeline(pipeline.Id)}/simulate", new JsonObject { ["records"] = records.DeepClone() })).Expect(HttpStatusCode.OK);
        var config = JsonNode.Parse(pipeline["config"].GetRawText());
        var unstored = (await owner.Post("/api/v1/pipelines/simulate", new JsonObject { ["config"] = config, ["records"] = records, ["verbose"] = true })).Expect(HttpStatusCode.OK);

        Assert.Equal(["delivered", "failed"], stored["results"].EnumerateArray().Select(result => result.GetProperty("outcome").GetString()));
        Assert.False(stored["results"][0].TryGetProperty("steps", out _), stored.Text);
        Assert.Equal(0, unstored["results"][0].GetProperty("steps").GetArrayLength());
        Assert.Empty((await owner.Get($"{ApiClient.Pipeline(pipeline.Id)}/batches")).Items);
    }
}
