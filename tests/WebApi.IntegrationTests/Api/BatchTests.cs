using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace DataPipeline.WebApi.IntegrationTests.Api;

public sealed class BatchesOnSqlite(SqliteApi app) : BatchTests(app), IClassFixture<SqliteApi>;

public sealed class BatchesOnPostgres(PostgresApi app) : BatchTests(app), IClassFixture<PostgresApi>;

public abstract class BatchTests(ApiFixture app)
{
    private static JsonObject Convert() => new() { ["type"] = "convert", ["tag"] = "amount", ["options"] = new JsonObject { ["field"] = "amount", ["type"] = "double" } };

    private static JsonObject DropCancelled() => new() { ["type"] = "drop", ["if"] = new JsonObject { ["field"] = "status", ["equals"] = "cancelled" } };

    [Fact]
    public async Task Submit_IsAccepted_ProcessedAndReadBack()
    {
        var owner = await app.NewOwner();
        var pipeline = await owner.CreateActivePipeline(ApiClient.Definition(null, DropCancelled(), Convert()));

        var accepted = await owner.Submit(pipeline.Id, """{"records":[{"amount":"1.5"},{"amount":"abc"},{"status":"cancelled"},{"amount":"2","big":12345678901234567890}]}""");
        var batch = await owner.Finished(accepted);

        Assert.Equal(ApiClient.Batch(accepted), accepted.Headers.Location!.ToString());
        Assert.Equal(("pending", 4, 0), (accepted["status"].GetString(), accepted["recordCount"].GetInt32(), accepted["processedCount"].GetInt32()));
        Assert.Equal(
            ["id", "pipelineId", "pipelineVersion", "status", "recordCount", "processedCount", "deliveredCount", "droppedCount", "failedCount", "progress", "createdAt", "startedAt", "completedAt", "durationMs", "retryOf", "error"],
            batch.Json.EnumerateObject().Select(member => member.Name));
        Assert.Equal("completed", batch["status"].GetString());
        Assert.Equal((4, 2, 1, 1), (batch["processedCount"].GetInt32(), batch["deliveredCount"].GetInt32(), batch["droppedCount"].GetInt32(), batch["failedCount"].GetInt32()));
        Assert.Equal(1, batch["progress"].GetDouble());
        Assert.True(batch["durationMs"].GetDouble() >= 0, batch.Text);

        var errors = (await owner.Get($"{ApiClient.Batch(batch)}/errors")).Expect(HttpStatusCode.OK);
        var failure = Assert.Single(errors.Items);
        Assert.Equal("""{"index":1,"type":"convert","tag":"amount"}""", failure.GetProperty("processor").GetRawText());
        Assert.Equal((1, "CONVERSION_FAILED"), (failure.GetProperty("recordIndex").GetInt32(), failure.GetProperty("code").GetString()));
        Assert.Equal("""{"amount":"abc"}""", failure.GetProperty("record").GetRawText());
        Assert.EndsWith("Z", failure.GetProperty("createdAt").GetString(), StringComparison.Ordinal);

        var records = (await owner.Get($"{ApiClient.Batch(batch)}/records")).Expect(HttpStatusCode.OK);
        Assert.Equal([0, 3], records.Items.Select(item => item.GetProperty("recordIndex").GetInt32()));
        Assert.Contains("12345678901234567890", records.Items[1].GetProperty("record").GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pipeline_ShowsWhatItHasDone()
    {
        var owner = await app.NewOwner();
        var pipeline = await owner.CreateActivePipeline(ApiClient.Definition(null, DropCancelled(), Convert()));
        await owner.Finished(await owner.Submit(pipeline.Id, """[{"amount":"1.5"},{"amount":"abc"},{"status":"cancelled"},{"amount":"2"}]"""));

        var shown = (await owner.Get(ApiClient.Pipeline(pipeline.Id))).Expect(HttpStatusCode.OK);
        var listed = (await owner.Get("/api/v1/pipelines")).Expect(HttpStatusCode.OK).Items[0];

        var metrics = shown["metrics"];
        Assert.Equal((4, 2, 1, 1), (metrics.GetProperty("recordsProcessed").GetInt64(), metrics.GetProperty("recordsDelivered").GetInt64(), metrics.GetProperty("recordsDropped").GetInt64(), metrics.GetProperty("recordsFailed").GetInt64()));
        Assert.Equal(1, metrics.GetProperty("batches").GetProperty("completed").GetInt32());
        Assert.True(metrics.GetProperty("latencyMs").GetProperty("p50").GetDouble() > 0, shown.Text);
        Assert.Equal(0.25, shown["errorRate"].GetDouble());
        Assert.Equal(0.25, listed.GetProperty("errorRate").GetDouble());
        Assert.Equal(shown["lastRunAt"].GetString(), listed.GetProperty("lastRunAt").GetString());
    }

    [Fact]
    public async Task Submit_ThatPrefersToWait_AnswersWithTheFinishedBatch()
    {
        var owner = await app.NewOwner();
        var pipeline = await owner.CreateActivePipeline();

        var batch = (await owner.TrySubmit(pipeline.Id, """[{"a":1}]""", ("Prefer", "respond-async, wait=30"))).Expect(HttpStatusCode.OK);

        Assert.Equal("completed", batch["status"].GetString());
        Assert.Equal(ApiClient.Batch(batch), batch.Headers.Location!.ToString());
    }

    [Fact]
    public async Task Wait_EndsWhenTheTimeIsUp()
    {
        var owner = await app.NewOwner();
        var (pipeline, batch) = await PendingBatch(owner);

        var start = TimeProvider.System.GetTimestamp();
        var read = (await owner.Get(ApiClient.Batch(batch), ("Prefer", "wait=1"))).Expect(HttpStatusCode.OK);

        Assert.InRange(TimeProvider.System.GetElapsedTime(start).TotalSeconds, 0.9, 20);
        Assert.True(read["status"].GetString() is "pending" or "processing", read.Text);
        (await owner.Delete(ApiClient.Pipeline(pipeline))).Refused(HttpStatusCode.Conflict, "PIPELINE_HAS_ACTIVE_BATCHES");
    }

    [Fact]
    public async Task Cancel_EndsTheBatch_Once()
    {
        var owner = await app.NewOwner();
        var (_, batch) = await PendingBatch(owner);
        (await owner.Post($"{ApiClient.Batch(batch)}/retry")).Refused(HttpStatusCode.Conflict, "BATCH_NOT_FINISHED");

        var waiting = owner.Get(ApiClient.Batch(batch), ("Prefer", "wait=30"));
        var cancelled = (await owner.Post($"{ApiClient.Batch(batch)}/cancel")).Expect(HttpStatusCode.Accepted);

        Assert.Equal("cancelled", cancelled["status"].GetString());
        Assert.NotEqual(JsonValueKind.Null, cancelled["completedAt"].ValueKind);
        Assert.Equal("cancelled", (await waiting)["status"].GetString());
        (await owner.Post($"{ApiClient.Batch(batch)}/cancel")).Refused(HttpStatusCode.Conflict, "BATCH_FINISHED");
    }

    [Fact]
    public async Task Submit_ToAPipelineThatIsNotActive_IsRefused()
    {
        var owner = await app.NewOwner();
        var pipeline = await owner.CreatePipeline();

        (await owner.TrySubmit(pipeline.Id, """[{"a":1}]""")).Refused(HttpStatusCode.Conflict, "PIPELINE_NOT_ACTIVE");
        await owner.StartPipeline(pipeline.Id);
        await owner.StopPipeline(pipeline.Id);
        (await owner.TrySubmit(pipeline.Id, """[{"a":1}]""")).Refused(HttpStatusCode.Conflict, "PIPELINE_NOT_ACTIVE");
    }

    [Fact]
    public async Task Batch_WhoseRecordsAllFail_Failed_AndSaysWhy()
    {
        var owner = await app.NewOwner();
        var pipeline = await owner.CreateActivePipeline(ApiClient.Definition(null, Convert()));

        var batch = await owner.Finished(await owner.Submit(pipeline.Id, """[{"amount":"x"},{"amount":"y"}]"""));

        Assert.Equal("failed", batch["status"].GetString());
        Assert.Equal("ALL_RECORDS_FAILED", batch["error"].GetProperty("code").GetString());
    }

    [Fact]
    public async Task Retry_RunsTheFailedRecordsWithThePresentVersion()
    {
        var owner = await app.NewOwner();
        var pipeline = await owner.CreateActivePipeline(ApiClient.Definition(null, Convert()));
        var batch = await owner.Finished(await owner.Submit(pipeline.Id, """[{"amount":"x"},{"amount":"1"}]"""));
        (await owner.Put(ApiClient.Pipeline(pipeline.Id), ApiClient.Definition())).Expect(HttpStatusCode.OK);

        var accepted = (await owner.Post($"{ApiClient.Batch(batch)}/retry")).Expect(HttpStatusCode.Accepted);
        var retry = await owner.Finished(accepted);

        Assert.Equal(ApiClient.Batch(retry), accepted.Headers.Location!.ToString());
        Assert.Equal((batch.Id, 2, 1, "completed"), (retry["retryOf"].GetString(), retry["pipelineVersion"].GetInt32(), retry["deliveredCount"].GetInt32(), retry["status"].GetString()));
        (await owner.Post($"{ApiClient.Batch(retry)}/retry")).Refused(HttpStatusCode.BadRequest, "VALIDATION_FAILED");
    }

    [Fact]
    public async Task Idempotency_AnswersTheSame_AndRefusesAnotherBody()
    {
        var owner = await app.NewOwner();
        var pipeline = await owner.CreateActivePipeline();

        var first = (await owner.TrySubmit(pipeline.Id, """[{"a":1}]""", ("Idempotency-Key", "k1"))).Expect(HttpStatusCode.Accepted);
        await owner.Finished(first);
        var second = (await owner.TrySubmit(pipeline.Id, """[{"a":1}]""", ("Idempotency-Key", "k1"))).Expect(HttpStatusCode.Accepted);

        Assert.Null(first.Header("Idempotent-Replayed"));
        Assert.Equal(("true", first.Text), (second.Header("Idempotent-Replayed"), second.Text));
        Assert.Single((await owner.Get($"{ApiClient.Pipeline(pipeline.Id)}/batches")).Items);
        (await owner.TrySubmit(pipeline.Id, """[{"a":2}]""", ("Idempotency-Key", "k1"))).Refused(HttpStatusCode.UnprocessableEntity, "IDEMPOTENCY_KEY_REUSED");
        (await owner.TrySubmit(pipeline.Id, """[{"a":2}]""", ("Idempotency-Key", new string('k', 256)))).Refused(HttpStatusCode.BadRequest, "VALIDATION_FAILED").Detail("Idempotency-Key");
    }

    [Fact]
    public async Task List_ShowsBatches_NewestFirst_ByStatus_InPages()
    {
        var owner = await app.NewOwner();
        var pipeline = await owner.CreateActivePipeline();
        var ids = new List<string>();
        for (var i = 0; i < 5; i++) ids.Insert(0, (await owner.Finished(await owner.Submit(pipeline.Id, """[{"a":1}]"""))).Id);
        var path = $"{ApiClient.Pipeline(pipeline.Id)}/batches";

        Assert.Equal(ids, (await owner.All(path, 2)).Select(item => item.GetProperty("id").GetString()!));
        Assert.Equal(ids, (await owner.All($"{path}?status=completed", 200)).Select(item => item.GetProperty("id").GetString()!));
        Assert.Empty((await owner.Get($"{path}?status=cancelled")).Items);
    }

    [Fact]
    public async Task ErrorsAndRecords_ComeInPages_ByIndex()
    {
        var owner = await app.NewOwner();
        var pipeline = await owner.CreateActivePipeline(ApiClient.Definition(null, Convert()));
        var records = Enumerable.Range(0, 25).Select(i => new JsonObject { ["amount"] = i % 2 == 0 ? "1" : "x" });
        var batch = await owner.Finished(await owner.Submit(pipeline.Id, new JsonArray([.. records]).ToJsonString()));

        var errors = await owner.All($"{ApiClient.Batch(batch)}/errors", 5);
        var delivered = await owner.All($"{ApiClient.Batch(batch)}/records", 4);

        Assert.Equal(Enumerable.Range(0, 25).Where(i => i % 2 == 1), errors.Select(item => item.GetProperty("recordIndex").GetInt32()));
        Assert.Equal(Enumerable.Range(0, 25).Where(i => i % 2 == 0), delivered.Select(item => item.GetProperty("recordIndex").GetInt32()));
    }

    [Fact]
    public async Task PagesOfLargeRecords_AreShorter_AndMissNothing()
    {
        var owner = await app.NewOwner();
        var grow = new JsonObject { ["type"] = "set", ["options"] = new JsonObject { ["field"] = "text", ["value"] = new string('x', 900_000) } };
        var fail = JsonNode.Parse("""{"type":"fail","if":{"field":"fails","exists":true},"options":{"message":"no"} }""")!;
        var pipeline = await owner.CreateActivePipeline(ApiClient.Definition(null, grow, fail));
        var records = string.Join(',', Enumerable.Range(0, 40).Select(i => i % 2 == 0 ? "{}" : """{"fails":1}"""));

        var batch = ApiClient.Batch(await owner.Finished(await owner.Submit(pipeline.Id, $"[{records}]")));

        foreach (var (list, first) in new[] { ("records", 0), ("errors", 1) })
        {
            var page = (await owner.Get($"{batch}/{list}?limit=200")).Expect(HttpStatusCode.OK);
            Assert.InRange(page.Items.Length, 9, 11);
            Assert.NotNull(page.NextCursor);
            Assert.Equal(Enumerable.Range(0, 20).Select(i => first + (2 * i)), (await owner.All($"{batch}/{list}", 200)).Select(item => item.GetProperty("recordIndex").GetInt32()));
        }

        var streamed = (await owner.Get($"{batch}/records", ("Accept", "application/x-ndjson"))).Expect(HttpStatusCode.OK);
        Assert.Equal(20, streamed.Text.Count(character => character == '\n'));
    }

    [Fact]
    public async Task Errors_ShowWhatIsNoJson_AsText()
    {
        var owner = await app.NewOwner();
        var pipeline = await owner.CreateActivePipeline();
        using var body = new StringContent("{\"a\":1}\nnot json \u00e9\n", Encoding.UTF8, "application/x-ndjson");

        var batch = await owner.Finished((await owner.Send(HttpMethod.Post, $"{ApiClient.Pipeline(pipeline.Id)}/batches", body)).Expect(HttpStatusCode.Accepted));
        var failure = Assert.Single((await owner.Get($"{ApiClient.Batch(batch)}/errors")).Items);

        Assert.Equal(JsonValueKind.Null, failure.GetProperty("processor").ValueKind);
        Assert.Equal("not json \u00e9", failure.GetProperty("record").GetString());
    }

    [Fact]
    public async Task Records_AsNdJson_AreTheWholeBatch()
    {
        var owner = await app.NewOwner();
        var pipeline = await owner.CreateActivePipeline();
        var lines = Enumerable.Range(0, 3_000).Select(i => $$"""{"i":{{i}},"n":1.10}""").ToArray();
        using var body = new ByteArrayContent(Gzip(string.Join('\n', lines)));
        body.Headers.ContentType = new MediaTypeHeaderValue("application/x-ndjson");
        body.Headers.ContentEncoding.Add("gzip");
        var batch = await owner.Finished((await owner.Send(HttpMethod.Post, $"{ApiClient.Pipeline(pipeline.Id)}/batches", body)).Expect(HttpStatusCode.Accepted));

        var stream = (await owner.Get($"{ApiClient.Batch(batch)}/records", ("Accept", "application/x-ndjson"))).Expect(HttpStatusCode.OK);

        Assert.Equal("application/x-ndjson", stream.ContentHeaders.ContentType!.MediaType);
        Assert.Equal(lines, stream.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.EndsWith("\n", stream.Text, StringComparison.Ordinal);
    }

    /// <summary>A batch that waits: its pipeline is paused before a worker can be done with its many records.</summary>
    private static async Task<(string Pipeline, Answer Batch)> PendingBatch(ApiClient owner)
    {
        var pipeline = await owner.CreateActivePipeline(ApiClient.Definition(null, [.. Enumerable.Range(0, 20).Select(_ => Convert())]));
        var records = "[" + string.Join(',', Enumerable.Repeat("""{"amount":"1.5"}""", 60_000)) + "]";
        var batch = await owner.Submit(pipeline.Id, records);
        await owner.StopPipeline(pipeline.Id);
        return (pipeline.Id, batch);
    }

    private static byte[] Gzip(string text)
    {
        using var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.Fastest)) gzip.Write(Encoding.UTF8.GetBytes(text));
        return compressed.ToArray();
    }
}
