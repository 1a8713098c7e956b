using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using DataPipeline.WebApi.IntegrationTests.Api;
using Microsoft.AspNetCore.Mvc.Testing;

namespace DataPipeline.WebApi.IntegrationTests.Plugins;

public sealed class PluginsOnSqlite(SqliteApi app) : PluginTests(app), IClassFixture<SqliteApi>;

public sealed class PluginsOnPostgres(PostgresApi app) : PluginTests(app), IClassFixture<PostgresApi>;

/// <summary>The service with the sample plugins.</summary>
public abstract class PluginTests(ApiFixture app) : IAsyncLifetime
{
    private readonly WebApplicationFactory<Program> _service = app.Another(new() { ["Plugins:Path"] = PluginsFolder.OfSamples, ["Worker:MaxAttempts"] = "1", ["Processing:TimeoutMilliseconds"] = "2000" });
    private ApiClient _owner = null!;

    public async ValueTask InitializeAsync() => _owner = await ApiFixture.NewOwner(_service);

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return _service.DisposeAsync();
    }

    [Fact]
    public async Task ABatch_GoesThroughProcessorsAndDestinationOfPlugins()
    {
        var folder = Path.GetRandomFileName().Replace('.', '-');
        var pipeline = await Active(
            [Step("mask", """{"field":"card"}"""), Step("convertCurrency", """{"field":"amount","currencyField":"currency"}"""), Step("compressedSize", """{"field":"text"}""")],
            $$"""{"type":"outbox","options":{"folder":"{{folder}}"} }""");

        var batch = await _owner.Finished(await _owner.Submit(pipeline, """
            [{"id":1,"card":"4111111111111111","amount":10,"currency":"USD"},{"id":2,"card":"123","amount":10,"currency":"XXX"},{"id":3,"card":"12345","amount":1,"currency":"EUR"}]
            """));

        Assert.Equal(("completed", 2, 1), (batch["status"].GetString(), batch["deliveredCount"].GetInt32(), batch["failedCount"].GetInt32()));
        var written = Path.Combine(Path.GetTempPath(), "datapipeline-outbox", folder);
        var records = (await File.ReadAllLinesAsync(Assert.Single(Directory.GetFiles(written)), TestContext.Current.CancellationToken)).Select(line => JsonElement.Parse(line)).ToList();
        Directory.Delete(written, recursive: true);
        Assert.Equal([("************1111", 8m), ("*2345", 1m)], records.Select(record => (record.GetProperty("card").GetString(), record.GetProperty("amountEur").GetDecimal())));
        Assert.Equal("9.9.0.0", records[0].GetProperty("compressedSize").GetProperty("library").GetString());
        var error = Assert.Single((await _owner.Get($"{ApiClient.Batch(batch)}/errors")).Items);
        Assert.Equal((1, "UNKNOWN_CURRENCY", "convertCurrency"), (error.GetProperty("recordIndex").GetInt32(), error.GetProperty("code").GetString(), error.GetProperty("processor").GetProperty("type").GetString()));
    }

    [Theory]
    [InlineData("crashing", "crashing crashed: InvalidOperationException: Crashed on 1.")]
    [InlineData("crashingLater", "crashingLater crashed: OperationCanceledException: Nobody asked for it.")]
    public async Task AProcessorThatCrashes_CostsItsRecord(string type, string message)
    {
        var pipeline = await Active([JsonNode.Parse($$"""{"type":"{{type}}","if":{"field":"crash","exists":true} }""")!]);

        var batch = await _owner.Finished(await _owner.Submit(pipeline, """[{"id":1},{"id":2,"crash":1},{"id":3}]"""));

        Assert.Equal(("completed", 2, 1), (batch["status"].GetString(), batch["deliveredCount"].GetInt32(), batch["failedCount"].GetInt32()));
        var error = Assert.Single((await _owner.Get($"{ApiClient.Batch(batch)}/errors")).Items);
        Assert.Equal(("PROCESSOR_CRASHED", message), (error.GetProperty("code").GetString(), error.GetProperty("message").GetString()));
        Assert.Equal("""{"id":2,"crash":1}""", error.GetProperty("record").GetRawText());
    }

    [Theory]
    [InlineData("hanging")]
    [InlineData("hangingLater")]
    public async Task AProcessorThatDoesNotComeBack_CostsItsRecord(string type)
    {
        var pipeline = await Active([JsonNode.Parse($$"""{"type":"{{type}}","tag":"t"}""")!]);

        var batch = await _owner.Finished(await _owner.Submit(pipeline, """[{"id":1},{"id":2,"hang":"block"},{"id":3}]"""));

        Assert.Equal(("completed", 2, 1), (batch["status"].GetString(), batch["deliveredCount"].GetInt32(), batch["failedCount"].GetInt32()));
        var error = Assert.Single((await _owner.Get($"{ApiClient.Batch(batch)}/errors")).Items);
        Assert.Equal(("PROCESSOR_TIMEOUT", $"{type} took longer than 2000 ms."), (error.GetProperty("code").GetString(), error.GetProperty("message").GetString()));
        Assert.Equal("""{"id":2,"hang":"block"}""", error.GetProperty("recordAtFailure").GetRawText());
        Assert.Equal($$"""{"index":0,"type":"{{type}}","tag":"t"}""", error.GetProperty("processor").GetRawText());
    }

    [Fact]
    public async Task AProcessorThatMakesTooMuch_CostsItsRecord()
    {
        var pipeline = await Active([JsonNode.Parse("""{"type":"bloating","if":{"field":"bloat","exists":true} }""")!]);

        var batch = await _owner.Finished(await _owner.Submit(pipeline, """[{"id":1},{"id":2,"bloat":1},{"id":3,"bloat":1,"fail":1},{"id":4}]"""));

        Assert.Equal(("completed", 2, 2), (batch["status"].GetString(), batch["deliveredCount"].GetInt32(), batch["failedCount"].GetInt32()));
        var errors = (await _owner.Get($"{ApiClient.Batch(batch)}/errors")).Items;
        Assert.Equal(["RECORD_TOO_LARGE", "PROCESSOR_FAILED"], errors.Select(error => error.GetProperty("code").GetString()));
        Assert.All(errors, error => Assert.InRange(error.GetProperty("message").GetString()!.Length, 1, 2_001));
        Assert.Equal("""{"id":2,"bloat":1}""", errors[0].GetProperty("recordAtFailure").GetRawText());
    }

    [Fact]
    public async Task AProcessorThatCrashes_LeavesTheRecordAsItWas()
    {
        var simulated = await _owner.Post("/api/v1/pipelines/simulate", new JsonObject
        {
            ["config"] = ApiClient.Definition(null, JsonNode.Parse("""{"type":"crashing","ignoreFailure":true}""")!)["config"]!.DeepClone(),
            ["records"] = new JsonArray(new JsonObject { ["crash"] = 1 }),
        });

        Assert.Equal("""{"crash":1}""", simulated.Expect(HttpStatusCode.OK)["results"][0].GetProperty("record").GetRawText());
    }

    [Fact]
    public async Task ADestinationThatThrows_FailsItsBatchAlone()
    {
        var refused = await Active([], """{"type":"refusingDestination"}""");
        var other = await Active([]);

        var failed = await _owner.Submit(refused, """[{"id":1}]""");
        var completed = await _owner.Submit(other, """[{"id":1}]""");

        var ended = await _owner.Finished(failed);
        Assert.Equal(("failed", "DESTINATION_FAILED"), (ended["status"].GetString(), ended["error"].GetProperty("code").GetString()));
        Assert.Equal("completed", (await _owner.Finished(completed))["status"].GetString());
    }

    [Fact]
    public async Task AConstructorThatThrows_IsAFaultOfTheConfiguration()
    {
        var refused = (await _owner.Post("/api/v1/pipelines", ApiClient.Definition(null, Step("refusing", "{}")))).Refused(HttpStatusCode.BadRequest, "VALIDATION_FAILED");

        var detail = refused.Detail("config.processors[0].options");
        Assert.Equal(("INVALID_VALUE", "refusing refuses these options: Not today."), (detail.GetProperty("code").GetString(), detail.GetProperty("message").GetString()));
    }

    [Fact]
    public async Task OptionsOfAPlugin_AreCheckedLikeAnyOther()
    {
        var definition = ApiClient.Definition(null, Step("mask", """{"field":"a..b","keep":101,"wiht":"x"}"""), Step("mask", """{"field":"a","with":"xx"}"""), Step("masks", "{}"));

        var refused = (await _owner.Post("/api/v1/pipelines", definition)).Refused(HttpStatusCode.BadRequest, "VALIDATION_FAILED");

        Assert.Equal("INVALID_PATH", refused.Detail("config.processors[0].options.field").GetProperty("code").GetString());
        Assert.Equal("keep must be from 0 to 100.", refused.Detail("config.processors[0].options.keep").GetProperty("message").GetString());
        Assert.Contains("Did you mean with?", refused.Detail("config.processors[0].options.wiht").GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Equal("with must be one character.", refused.Detail("config.processors[1].options.with").GetProperty("message").GetString());
        Assert.Contains("Did you mean mask?", refused.Detail("config.processors[2].type").GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task TheCatalogue_ShowsWhatPluginsBring_AndWhatIsBroken()
    {
        var processors = (await _owner.Get("/api/v1/processors")).Expect(HttpStatusCode.OK).Items;
        var destinations = (await _owner.Get("/api/v1/destinations")).Expect(HttpStatusCode.OK).Items;

        var mask = Assert.Single(processors, item => item.GetProperty("type").GetString() == "mask");
        Assert.False(mask.GetProperty("builtIn").GetBoolean());
        Assert.Equal("""{"assembly":"DataPipeline.Samples.Plugin","version":"1.2.0"}""", mask.GetProperty("plugin").GetRawText());
        Assert.Equal(
            """
            {"$schema":"https://json-schema.org/draft/2020-12/schema","type":"object","properties":{"field":{"type":"string","description":"The field to mask."},
            "keep":{"type":"integer","minimum":0,"maximum":100,"description":"How many characters at the end stay readable.","default":4},
            "with":{"type":"string","description":"What stands for each of the others: one character.","default":"*"},
            "ignoreMissing":{"type":"boolean","description":"Whether nothing is done, instead of failing, where the field is missing.","default":false}},"required":["field"],"additionalProperties":false}
            """.ReplaceLineEndings(""),
            mask.GetProperty("optionsSchema").GetRawText());
        Assert.Contains(destinations, item => item.GetProperty("type").GetString() == "outbox" && item.GetProperty("broken").ValueKind == JsonValueKind.Null);
        var broken = processors.Where(item => item.GetProperty("broken").ValueKind == JsonValueKind.String).ToList();
        Assert.Equal(["noProcessor", "not a name", "positionalOptions", "set", "strangeOptions"], broken.Select(item => item.GetProperty("type").GetString()).Order());
        Assert.All(broken, item => Assert.Equal((PluginsFolder.Broken, JsonValueKind.Null), (item.GetProperty("plugin").GetProperty("assembly").GetString(), item.GetProperty("optionsSchema").ValueKind)));
        Assert.Equal("store", Assert.Single(destinations, item => item.GetProperty("broken").ValueKind == JsonValueKind.String).GetProperty("type").GetString());
    }

    [Fact]
    public async Task Ready_TellsWhatIsBroken_AndIsReady()
    {
        var ready = (await new ApiClient(_service.CreateClient(), null).Get("/health/ready")).Expect(HttpStatusCode.OK);

        Assert.Equal(("ready", "broken"), (ready["status"].GetString(), ready["checks"].GetProperty("plugins").GetString()));
        var details = ready["details"].EnumerateArray().ToList();
        Assert.All(details, detail => Assert.Equal(("plugins.DataPipeline.Samples.BrokenPlugin", "PLUGIN_BROKEN"), (detail.GetProperty("field").GetString(), detail.GetProperty("code").GetString())));
        Assert.Contains(details, detail => detail.GetProperty("message").GetString() == "set: There is another processor called \"set\".");
    }

    private static JsonNode Step(string type, string options) => JsonNode.Parse($$"""{"type":"{{type}}","options":{{options}} }""")!;

    private async Task<string> Active(JsonNode[] processors, string? destination = null)
    {
        var definition = ApiClient.Definition(null, processors);
        if (destination is not null) definition["config"]!["destination"] = JsonNode.Parse(destination);
        return (await _owner.CreateActivePipeline(definition)).Id;
    }
}
