using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace DataPipeline.WebApi.IntegrationTests.Api;

public sealed class RecordSchemaOnSqlite(SqliteApi app) : RecordSchemaTests(app), IClassFixture<SqliteApi>;

public sealed class RecordSchemaOnPostgres(PostgresApi app) : RecordSchemaTests(app), IClassFixture<PostgresApi>;

/// <summary>Records that are not what the source says they are.</summary>
public abstract class RecordSchemaTests(ApiFixture app)
{
    private const string Strict = """{"type":"object","required":["id"],"properties":{"amount":{"type":"number"}}}""";

    [Fact]
    public async Task ARecordAgainstTheSchema_FailsBeforeTheFirstProcessor_WithAllThatIsWrong()
    {
        var owner = await app.NewOwner();
        var pipeline = await owner.CreateActivePipeline(Definition(Strict));

        var batch = await owner.Finished(await owner.Submit(pipeline.Id, """[{"id":1,"amount":2},{"amount":"x"},[]]"""));

        Assert.Equal(("completed", 1, 2), (batch["status"].GetString(), batch["deliveredCount"].GetInt32(), batch["failedCount"].GetInt32()));
        var errors = (await owner.Get($"{ApiClient.Batch(batch)}/errors")).Items;
        Assert.Equal(["SCHEMA_VIOLATION", "NOT_AN_OBJECT"], errors.Select(error => error.GetProperty("code").GetString()));
        Assert.Equal((JsonValueKind.Null, JsonValueKind.Null, """{"amount":"x"}"""), (errors[0].GetProperty("processor").ValueKind, errors[0].GetProperty("recordAtFailure").ValueKind, errors[0].GetProperty("record").GetRawText()));
        Assert.Equal(
            """[{"field":"/amount","code":"TYPE","message":"Expected a number, but found \"x\"."},{"field":"/id","code":"REQUIRED","message":"Expected an object with the property \"id\", but found {\"amount\":\"x\"}."}]""",
            errors[0].GetProperty("details").GetRawText());
        Assert.Equal("""/amount: Expected a number, but found "x".""", errors[0].GetProperty("message").GetString());
        Assert.False(errors[1].TryGetProperty("details", out _), errors[1].GetRawText());
    }

    [Fact]
    public async Task ARetry_IsCheckedAgainstTheSchemaOfTheCurrentVersion()
    {
        var owner = await app.NewOwner();
        var definition = Definition(Strict);
        var pipeline = await owner.CreateActivePipeline(definition);
        var failed = await owner.Finished(await owner.Submit(pipeline.Id, """[{"amount":1},{"amount":"x"}]"""));

        definition["config"]!["source"]!["options"]!["recordSchema"]!["required"] = new JsonArray();
        (await owner.Put(ApiClient.Pipeline(pipeline.Id), definition)).Expect(HttpStatusCode.OK);
        var retried = await owner.Finished((await owner.Post($"{ApiClient.Batch(failed)}/retry")).Expect(HttpStatusCode.Accepted));

        Assert.Equal((2, 1, 1), (retried["recordCount"].GetInt32(), retried["deliveredCount"].GetInt32(), retried["failedCount"].GetInt32()));
        var record = Assert.Single((await owner.Get($"{ApiClient.Batch(retried)}/records")).Items).GetProperty("record").GetRawText();
        Assert.Equal("""{"amount":1,"seen":true}""", record);
    }

    [Fact]
    public async Task ADraft_ShowsTheSameAsABatch()
    {
        var owner = await app.NewOwner();

        var answer = await owner.Post("/api/v1/pipelines/simulate", new JsonObject { ["config"] = Definition(Strict)["config"]!.DeepClone(), ["records"] = JsonNode.Parse("""[{"amount":"x"},{"id":1}]""") });

        var results = answer.Expect(HttpStatusCode.OK)["results"];
        var error = results[0].GetProperty("error");
        Assert.Equal(["processor", "code", "message", "details"], error.EnumerateObject().Select(member => member.Name));
        Assert.Equal(["/amount TYPE", "/id REQUIRED"], error.GetProperty("details").EnumerateArray().Select(detail => $"{detail.GetProperty("field")} {detail.GetProperty("code")}"));
        Assert.Equal("""{"id":1,"seen":true}""", results[1].GetProperty("record").GetRawText());
    }

    [Fact]
    public async Task AKeywordThatIsNotEnforced_IsRefusedWhereItStands()
    {
        var owner = await app.NewOwner();

        var refused = (await owner.Post("/api/v1/pipelines", Definition("""{"properties":{"a":{"dependentSchemas":{}}}}"""))).Refused(HttpStatusCode.BadRequest, "VALIDATION_FAILED");

        Assert.Equal("UNKNOWN_KEYWORD", refused.Detail("config.source.options.recordSchema.properties.a.dependentSchemas").GetProperty("code").GetString());
    }

    private static JsonObject Definition(string schema)
    {
        var definition = ApiClient.Definition(null, JsonNode.Parse("""{"type":"set","options":{"field":"seen","value":true}}""")!);
        definition["config"]!["source"]!["options"] = new JsonObject { ["recordSchema"] = JsonNode.Parse(schema) };
        return definition;
    }
}
