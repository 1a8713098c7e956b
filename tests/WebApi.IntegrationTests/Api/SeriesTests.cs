using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace DataPipeline.WebApi.IntegrationTests.Api;

public sealed class SeriesOnSqlite(SqliteApi app) : SeriesTests(app), IClassFixture<SqliteApi>;

public sealed class SeriesOnPostgres(PostgresApi app) : SeriesTests(app), IClassFixture<PostgresApi>;

public abstract class SeriesTests(ApiFixture app)
{
    private static JsonObject Step(string type, string? tag, JsonObject? options, JsonObject? condition = null)
    {
        var step = new JsonObject { ["type"] = type };
        if (tag is not null) step["tag"] = tag;
        if (options is not null) step["options"] = options;
        if (condition is not null) step["if"] = condition;
        return step;
    }

    private static JsonObject Definition() => ApiClient.Definition(
        null,
        Step("rename", null, new() { ["field"] = "n", ["targetField"] = "amount" }),
        Step("convert", "amount", new() { ["field"] = "amount", ["type"] = "integer" }),
        Step("drop", "cancelled", null, new() { ["field"] = "amount", ["equals"] = 3 }));

    [Fact]
    public async Task Series_ShowTheWorkInItsMinute_AndWhatEachProcessorDid()
    {
        var owner = await app.NewOwner();
        var pipeline = await owner.CreateActivePipeline(Definition());
        await owner.Finished(await owner.Submit(pipeline.Id, """[{"n":"1"},{"n":"x"},{"n":"3"},{"m":1},{"n":"5"}]"""));

        var series = (await owner.Get($"{ApiClient.Pipeline(pipeline.Id)}/metrics?window=10m&step=5m")).Expect(HttpStatusCode.OK);

        Assert.Equal(300_000, series["stepMs"].GetDouble());
        var points = series["points"].EnumerateArray().ToList();
        Assert.InRange(points.Count, 2, 3);
        Assert.Equal(series["from"].GetString(), points[0].GetProperty("at").GetString());
        Assert.Equal((5, 2, 1, 2, 1), (Sum("processed"), Sum("delivered"), Sum("dropped"), Sum("failed"), Sum("batches")));
        Assert.Contains(points, point => point.GetProperty("latencyMs").GetProperty("p95").ValueKind == JsonValueKind.Number);
        Assert.Equal(
            ["0 rename  5 1 0", "1 convert amount 4 1 0", "2 drop cancelled 1 0 1"],
            series["processors"].EnumerateArray().Select(p => $"{p.GetProperty("index")} {p.GetProperty("type")} {p.GetProperty("tag")} {p.GetProperty("records")} {p.GetProperty("failed")} {p.GetProperty("dropped")}"));
        Assert.All(series["processors"].EnumerateArray(), p => Assert.True(p.GetProperty("totalMs").GetDouble() >= 0));

        long Sum(string name) => points.Sum(point => point.GetProperty(name).GetInt64());
    }

    [Theory]
    [InlineData("", 60, 1)]
    [InlineData("?window=3m&step=1m", 3, 1)]
    [InlineData("?window=90m&step=60m", 2, 60)]
    [InlineData("?window=7d&step=7m", 1_440, 7)]
    [InlineData("?window=25h", 1_500, 1)]
    public async Task Steps_BeginAtWholeStepsOfUtc_WithoutAGap_AndTheLastIsTheOneThatRuns(string query, int count, int minutes)
    {
        var owner = await app.NewOwner();
        var pipeline = await owner.CreatePipeline();
        var before = TimeProvider.System.GetUtcNow();

        var series = (await owner.Get($"{ApiClient.Pipeline(pipeline.Id)}/metrics{query}")).Expect(HttpStatusCode.OK);

        var (from, to, step) = (series["from"].GetDateTimeOffset(), series["to"].GetDateTimeOffset(), TimeSpan.FromMinutes(minutes));
        Assert.Equal((step.TotalMilliseconds, from + (step * count), 0), (series["stepMs"].GetDouble(), to, (from - DateTimeOffset.UnixEpoch).Ticks % step.Ticks));
        Assert.InRange(to, before, before + (2 * step));
        Assert.Equal(Enumerable.Range(0, count).Select(i => from + (step * i)), series["points"].EnumerateArray().Select(point => point.GetProperty("at").GetDateTimeOffset()));
        Assert.All(series["points"].EnumerateArray(), point => Assert.EndsWith(
            "\"processed\":0,\"delivered\":0,\"dropped\":0,\"failed\":0,\"batches\":0,\"latencyMs\":{\"p50\":null,\"p95\":null}}", point.GetRawText(), StringComparison.Ordinal));
    }

    [Fact]
    public async Task ProcessorStatistics_BelongToTheVersion()
    {
        var owner = await app.NewOwner();
        var pipeline = await owner.CreateActivePipeline(Definition());
        await owner.Finished(await owner.Submit(pipeline.Id, """[{"n":"1"}]"""));
        (await owner.Put(ApiClient.Pipeline(pipeline.Id), ApiClient.Definition(null, Step("lowercase", "new", new() { ["field"] = "n" })))).Expect(HttpStatusCode.OK);

        var current = (await owner.Get($"{ApiClient.Pipeline(pipeline.Id)}/metrics")).Expect(HttpStatusCode.OK);
        var first = (await owner.Get($"{ApiClient.Pipeline(pipeline.Id)}/metrics?version=1")).Expect(HttpStatusCode.OK);

        Assert.Equal((2, 0), (current["version"].GetInt32(), current["processors"][0].GetProperty("records").GetInt32()));
        Assert.Equal("new", current["processors"][0].GetProperty("tag").GetString());
        Assert.Equal([1, 1, 0], first["processors"].EnumerateArray().Select(p => p.GetProperty("records").GetInt32()));
        Assert.InRange(current["points"].GetArrayLength(), 60, 61);
    }

    [Theory]
    [InlineData("window=0m", "window")]
    [InlineData("window=8d", "window")]
    [InlineData("window=1x", "window")]
    [InlineData("window=-5m", "window")]
    [InlineData("window=99999999999d", "window")]
    [InlineData("step=0m", "step")]
    [InlineData("step=90s", "step")]
    [InlineData("step=m", "step")]
    [InlineData("window=7d&step=1m", "step")]
    [InlineData("version=0", "version")]
    [InlineData("version=2", "version")]
    [InlineData("version=one", "version")]
    public async Task AQueryThatMakesNoSense_IsRefusedWhereItIsWrong(string query, string field)
    {
        var owner = await app.NewOwner();
        var pipeline = await owner.CreatePipeline();

        var refused = (await owner.Get($"{ApiClient.Pipeline(pipeline.Id)}/metrics?{query}")).Refused(HttpStatusCode.BadRequest, "VALIDATION_FAILED");

        Assert.Contains(refused["error"].GetProperty("details").EnumerateArray(), detail => detail.GetProperty("field").GetString() == field);
    }

    [Fact]
    public async Task AFailure_ShowsTheRecordAsSubmittedAndAsItFailed()
    {
        var owner = await app.NewOwner();
        var pipeline = await owner.CreateActivePipeline(Definition());
        var batch = await owner.Finished(await owner.Submit(pipeline.Id, """[{"n":"x"},5,{"n":"1"}]"""));

        var failures = (await owner.Get($"{ApiClient.Batch(batch)}/errors")).Expect(HttpStatusCode.OK).Items;

        Assert.Equal(("""{"n":"x"}""", """{"amount":"x"}"""), (failures[0].GetProperty("record").GetRawText(), failures[0].GetProperty("recordAtFailure").GetRawText()));
        Assert.Equal(("5", JsonValueKind.Null), (failures[1].GetProperty("record").GetRawText(), failures[1].GetProperty("recordAtFailure").ValueKind));
    }
}
