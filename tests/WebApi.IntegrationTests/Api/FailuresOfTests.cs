using System.Net;
using System.Text.Json.Nodes;

namespace DataPipeline.WebApi.IntegrationTests.Api;

public sealed class FailuresOfOnSqlite(SqliteApi app) : FailuresOfTests(app), IClassFixture<SqliteApi>;

public sealed class FailuresOfOnPostgres(PostgresApi app) : FailuresOfTests(app), IClassFixture<PostgresApi>;

/// <summary>Would my fix have saved them?</summary>
public abstract class FailuresOfTests(ApiFixture app)
{
    private const string Convert = """{"type":"convert","options":{"field":"amount","type":"double"}}""";

    [Fact]
    public async Task ADraft_IsTriedOnTheFailedRecordsOfABatch()
    {
        var owner = await app.NewOwner();
        var batch = await FinishedBatch(owner, "{\"id\":0,\"amount\":\"1\"}\n{\"id\":1,\"amount\":\"1,5\"}\nno record\n{\"id\":3,\"amount\":\"x\"}\n");

        var answer = await Simulate(owner, batch.Id, true, """{"type":"gsub","options":{"field":"amount","pattern":",","replacement":"."}}""", Convert, """{"type":"set","options":{"field":"from","value":"{{pipeline.name}} {{record.index}}"}}""");

        var results = answer.Expect(HttpStatusCode.OK)["results"].EnumerateArray().ToList();
        Assert.Equal([(1, "delivered"), (2, "failed"), (3, "failed")], results.Select(result => (result.GetProperty("recordIndex").GetInt32(), result.GetProperty("outcome").GetString())));
        var pipeline = (await owner.Get(ApiClient.Pipeline(batch["pipelineId"].GetString()!)))["name"].GetString();
        Assert.Equal($$"""{"id":1,"amount":1.5,"from":"{{pipeline}} 1"}""", results[0].GetProperty("record").GetRawText());
        Assert.Equal(["ok", "ok", "ok"], results[0].GetProperty("steps").EnumerateArray().Select(step => step.GetProperty("outcome").GetString()));
        Assert.Equal("MALFORMED_JSON", results[1].GetProperty("error").GetProperty("code").GetString());
        Assert.Equal(("CONVERSION_FAILED", 1), (results[2].GetProperty("error").GetProperty("code").GetString(), results[2].GetProperty("error").GetProperty("processor").GetProperty("index").GetInt32()));
    }

    [Fact]
    public async Task ADraft_ChangesNothing()
    {
        var owner = await app.NewOwner();
        var batch = await FinishedBatch(owner, "{\"id\":0,\"amount\":\"x\"}\n{\"id\":1,\"amount\":\"1\"}\n");
        var (before, errors) = (await owner.Get(ApiClient.Batch(batch)), await owner.Get($"{ApiClient.Batch(batch)}/errors"));

        (await Simulate(owner, batch.Id, false)).Expect(HttpStatusCode.OK);

        Assert.Equal(before.Text, (await owner.Get(ApiClient.Batch(batch))).Text);
        Assert.Equal(errors.Text, (await owner.Get($"{ApiClient.Batch(batch)}/errors")).Text);
    }

    [Fact]
    public async Task OfManyFailures_TheFirstHundredAreTried()
    {
        var owner = await app.NewOwner();
        var batch = await FinishedBatch(owner, string.Join('\n', Enumerable.Range(0, 130).Select(i => $$"""{"id":{{i}},"amount":"{{(i < 5 ? "1" : "x")}}"}""")));

        var results = (await Simulate(owner, batch.Id, false)).Expect(HttpStatusCode.OK)["results"].EnumerateArray().ToList();

        Assert.Equal(Enumerable.Range(5, 100), results.Select(result => result.GetProperty("recordIndex").GetInt32()));
        Assert.All(results, result => Assert.Equal("delivered", result.GetProperty("outcome").GetString()));
        Assert.False(results[0].TryGetProperty("steps", out _));
    }

    [Fact]
    public async Task ABatchWithoutFailures_HasNothingToTry()
    {
        var owner = await app.NewOwner();
        var batch = await FinishedBatch(owner, "{\"id\":0,\"amount\":\"1\"}\n");

        Assert.Equal(0, (await Simulate(owner, batch.Id, false)).Expect(HttpStatusCode.OK)["results"].GetArrayLength());
    }

    [Fact]
    public async Task ABatchOfAnotherOwner_IsNotFound_LikeOneThatDoesNotExist()
    {
        var batch = await FinishedBatch(await app.NewOwner(), "{\"id\":0,\"amount\":\"x\"}\n");
        var stranger = await app.NewOwner();

        (await Simulate(stranger, batch.Id, false)).Refused(HttpStatusCode.NotFound, "BATCH_NOT_FOUND");
        (await Simulate(stranger, "01970000-0000-7000-8000-000000000000", false)).Refused(HttpStatusCode.NotFound, "BATCH_NOT_FOUND");
        (await Simulate(stranger, "nonsense", false)).Refused(HttpStatusCode.NotFound, "BATCH_NOT_FOUND");
    }

    [Theory]
    [InlineData("failuresOf", """{"config":{},"records":[{}],"failuresOf":"01970000-0000-7000-8000-000000000000"}""")]
    [InlineData("failuresOf", """{"config":{},"records":[],"failuresOf":"01970000-0000-7000-8000-000000000000"}""")]
    [InlineData("failuresOf", """{"config":{},"failuresOf":17}""")]
    [InlineData("records", """{"config":{}}""")]
    [InlineData("records", """{"config":{},"failuresOf":null}""")]
    public async Task ExactlyOneOfRecordsAndFailuresOf_IsTaken(string field, string body)
    {
        var refused = (await (await app.NewOwner()).PostText("/api/v1/pipelines/simulate", body)).Refused(HttpStatusCode.BadRequest, "VALIDATION_FAILED");

        refused.Detail(field);
    }

    [Fact]
    public async Task AStoredPipeline_TakesRecordsOnly()
    {
        var owner = await app.NewOwner();
        var pipeline = await owner.CreatePipeline();

        var refused = await owner.PostText($"{ApiClient.Pipeline(pipeline.Id)}/simulate", """{"records":[{}],"failuresOf":"01970000-0000-7000-8000-000000000000"}""");

        Assert.Equal("UNKNOWN_PROPERTY", refused.Refused(HttpStatusCode.BadRequest, "VALIDATION_FAILED").Detail("failuresOf").GetProperty("code").GetString());
    }

    private static async Task<Answer> FinishedBatch(ApiClient owner, string lines)
    {
        var pipeline = await owner.CreateActivePipeline(ApiClient.Definition(null, JsonNode.Parse(Convert)!));
        var submitted = await owner.Send(HttpMethod.Post, $"{ApiClient.Pipeline(pipeline.Id)}/batches", new StringContent(lines, null, "application/x-ndjson"));
        return await owner.Finished(submitted.Expect(HttpStatusCode.Accepted));
    }

    private static Task<Answer> Simulate(ApiClient owner, string batchId, bool verbose, params string[] processors) => owner.Post("/api/v1/pipelines/simulate", new JsonObject
    {
        ["config"] = ApiClient.Definition(null, [.. processors.Select(processor => JsonNode.Parse(processor)!)])["config"]!.DeepClone(),
        ["failuresOf"] = batchId,
        ["verbose"] = verbose,
    });
}
