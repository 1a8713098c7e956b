using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using DataPipeline.WebApi.IntegrationTests.Persistence;

namespace DataPipeline.WebApi.IntegrationTests.Api;

public sealed class SubmissionsOnSqlite(SqliteApi app) : SubmissionTests(app), IClassFixture<SqliteApi>;

public sealed class SubmissionsOnPostgres(PostgresApi app) : SubmissionTests(app), IClassFixture<PostgresApi>;

public abstract class SubmissionTests(ApiFixture app)
{
    private const string Json = "application/json";
    private const string NdJson = "application/x-ndjson";
    private const string Csv = "text/csv";

    [Theory]
    [InlineData(Json, """{"records":[{"a":"1"},7,{"a":"2"}]}""")]
    [InlineData(Json, """[{"a":"1"},7,{"a":"2"}]""")]
    [InlineData(NdJson, "{\"a\":\"1\"}\r\n\n7\n{\"a\":\"2\"}")]
    [InlineData(Csv, "a\r\n1\r\n7,8\r\n2\r\n")]
    [InlineData("text/csv; charset=utf-8; header=present", "\uFEFFa\n1\n7,8\n\"2\"")]
    public async Task ABody_OfEachType_GivesItsRecords_AndWhatIsNoneFailsAlone(string type, string body)
    {
        var owner = await app.NewOwner();
        var pipeline = await owner.CreateActivePipeline();

        var batch = await owner.Finished((await Submit(owner, pipeline.Id, type, Encoding.UTF8.GetBytes(body))).Expect(HttpStatusCode.Accepted));

        Assert.Equal((3, 2, 1), (batch["recordCount"].GetInt32(), batch["deliveredCount"].GetInt32(), batch["failedCount"].GetInt32()));
        var records = await owner.All($"{ApiClient.Batch(batch)}/records", 10);
        Assert.Equal([(0, "1"), (2, "2")], records.Select(r => (r.GetProperty("recordIndex").GetInt32(), r.GetProperty("record").GetProperty("a").GetString())));
        var failure = Assert.Single(await owner.All($"{ApiClient.Batch(batch)}/errors", 10));
        Assert.Equal((1, JsonValueKind.Null, type[..8] == Csv ? "MALFORMED_CSV" : "NOT_AN_OBJECT"), (failure.GetProperty("recordIndex").GetInt32(), failure.GetProperty("processor").ValueKind, failure.GetProperty("code").GetString()));
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("br")]
    [InlineData("deflate")]
    [InlineData("identity")]
    public async Task ABody_InEachEncoding_IsRead(string encoding)
    {
        var owner = await app.NewOwner();
        var pipeline = await owner.CreateActivePipeline();
        var body = Encoding.UTF8.GetBytes(string.Join('\n', Enumerable.Range(0, 5_000).Select(i => $$"""{"n":{{i}}}""")));

        var batch = await owner.Finished((await Submit(owner, pipeline.Id, NdJson, Compress(body, encoding), ("Content-Encoding", encoding))).Expect(HttpStatusCode.Accepted));

        Assert.Equal(5_000, batch["deliveredCount"].GetInt32());
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("br")]
    [InlineData("deflate")]
    public async Task ABody_CutOffWithinItsEncoding_IsRefused_AndKeepsNothing(string encoding)
    {
        var owner = await app.NewOwner();
        var pipeline = await owner.CreateActivePipeline();
        var compressed = Compress(Encoding.UTF8.GetBytes("{\"n\":1}\n{\"n\":2}\n"), encoding);

        var refused = await Submit(owner, pipeline.Id, NdJson, compressed[..^1], ("Content-Encoding", encoding));

        refused.Refused(HttpStatusCode.BadRequest, "VALIDATION_FAILED").Detail("Content-Encoding");
        Assert.Empty((await owner.Get($"{ApiClient.Pipeline(pipeline.Id)}/batches")).Items);
    }

    [Theory]
    [InlineData("text/plain", null)]
    [InlineData("application/json; charset=latin1", null)]
    [InlineData(null, null)]
    [InlineData(Json, "zstd")]
    [InlineData(Json, "gzip, gzip")]
    public async Task ABody_OfAnotherTypeOrEncoding_IsRefused(string? type, string? encoding)
    {
        var owner = await app.NewOwner();
        var pipeline = await owner.CreateActivePipeline();

        var refused = await Submit(owner, pipeline.Id, type, "[{}]"u8.ToArray(), encoding is null ? [] : [("Content-Encoding", encoding)]);

        refused.Refused(HttpStatusCode.UnsupportedMediaType, "UNSUPPORTED_MEDIA_TYPE");
    }

    [Fact]
    public async Task AMalformedBody_IsRefused_WithItsPlaceInTheWholeBody()
    {
        var owner = await app.NewOwner();
        var pipeline = await owner.CreateActivePipeline();

        var refused = await owner.TrySubmit(pipeline.Id, "{\"records\":[\n{\"a\":1},\n{\"a\" 1}]}");

        Assert.Contains("line 3, byte 6", refused.Refused(HttpStatusCode.BadRequest, "MALFORMED_JSON").Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Texts_ThatUtf8CannotSay_ComeBackAsTheyWere()
    {
        const string record = """{"lone":"\ud800","nul":"\u0000","big":12345678901234567890.10}""";
        var owner = await app.NewOwner();
        var pipeline = await owner.CreateActivePipeline();

        var batch = await owner.Finished(await owner.Submit(pipeline.Id, $"[{record}]"));

        Assert.Contains(record, (await owner.Get($"{ApiClient.Batch(batch)}/records")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Limits_AreThoseOfTheSettings()
    {
        // A database of its own, on which no other process works off the batch that is to be pending.
        await using var database = await TestDatabase.CreateAsync(app.Kind);
        await using var small = app.Another(new(database.Settings.ToDictionary(setting => setting.Key, setting => setting.Value!))
        {
            ["Batches:MaxBodyBytes"] = "200",
            ["Batches:MaxRecords"] = "3",
            ["Batches:MaxRecordBytes"] = "50",
            ["Batches:MaxDepth"] = "2",
            ["Batches:MaxPendingPerOwner"] = "1",
            ["Worker:Enabled"] = "false",
        });
        var owner = await ApiFixture.NewOwner(small);
        var pipeline = await owner.CreateActivePipeline();

        (await owner.TrySubmit(pipeline.Id, $"[{new string(' ', 200)}{{}}]")).Refused(HttpStatusCode.RequestEntityTooLarge, "PAYLOAD_TOO_LARGE");
        (await Submit(owner, pipeline.Id, Json, Compress(Encoding.UTF8.GetBytes($"[{new string(' ', 200)}{{}}]"), "gzip"), ("Content-Encoding", "gzip"))).Refused(HttpStatusCode.RequestEntityTooLarge, "PAYLOAD_TOO_LARGE");
        (await owner.TrySubmit(pipeline.Id, "[{},{},{},{}]")).Refused(HttpStatusCode.RequestEntityTooLarge, "TOO_MANY_RECORDS");
        await owner.Submit(pipeline.Id, $"[{{\"a\":\"{new string('x', 50)}\"}},{{}},{{}}]");
        (await owner.TrySubmit(pipeline.Id, "[{}]")).Refused(HttpStatusCode.TooManyRequests, "TOO_MANY_PENDING_BATCHES");
    }

    [Fact]
    public async Task ABacklog_IsLimitedInBytesToo()
    {
        await using var database = await TestDatabase.CreateAsync(app.Kind);
        await using var small = app.Another(new(database.Settings.ToDictionary(setting => setting.Key, setting => setting.Value!)) { ["Batches:MaxPendingBytesPerOwner"] = "1048576", ["Worker:Enabled"] = "false" });
        var (owner, other) = (await ApiFixture.NewOwner(small), await ApiFixture.NewOwner(small));
        var pipeline = await owner.CreateActivePipeline();
        var incompressible = $"[{{\"a\":\"{Convert.ToBase64String(System.Security.Cryptography.RandomNumberGenerator.GetBytes(600_000))}\"}}]";

        var first = await owner.Submit(pipeline.Id, incompressible);
        await owner.Submit(pipeline.Id, incompressible);
        var refused = (await owner.TrySubmit(pipeline.Id, "[{}]")).Refused(HttpStatusCode.TooManyRequests, "TOO_MANY_PENDING_BATCHES");

        Assert.NotNull(refused.Header("Retry-After"));
        await other.Submit((await other.CreateActivePipeline()).Id, "[{}]");
        (await owner.Post($"{ApiClient.Batch(first)}/cancel")).Expect(HttpStatusCode.Accepted);
        await owner.Submit(pipeline.Id, "[{}]");
    }

    [Fact]
    public async Task AKey_MakesOneBatch_HoweverOftenAndHoweverFastItIsUsed()
    {
        var owner = await app.NewOwner();
        var pipeline = await owner.CreateActivePipeline();

        var answers = await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => owner.TrySubmit(pipeline.Id, "[{\"a\":1}]", ("Idempotency-Key", "same"))));

        Assert.All(answers, answer => Assert.True(answer.Status == HttpStatusCode.Accepted || answer.ErrorCode == "IDEMPOTENCY_KEY_IN_USE", answer.Text));
        Assert.Single(answers, answer => answer.Status == HttpStatusCode.Accepted && answer.Header("Idempotent-Replayed") is null);
        Assert.Single((await owner.Get($"{ApiClient.Pipeline(pipeline.Id)}/batches")).Items);
    }

    [Fact]
    public async Task AKey_WhoseRequestWasRefused_CanBeUsedAgain()
    {
        var owner = await app.NewOwner();
        var pipeline = await owner.CreateActivePipeline();
        (await owner.TrySubmit(pipeline.Id, "[{}", ("Idempotency-Key", "k"))).Refused(HttpStatusCode.BadRequest, "MALFORMED_JSON");

        var accepted = (await owner.TrySubmit(pipeline.Id, "[{}]", ("Idempotency-Key", "k"))).Expect(HttpStatusCode.Accepted);

        Assert.Null(accepted.Header("Idempotent-Replayed"));
    }

    [Fact]
    public async Task ARepeat_AnswersAsTheFirstDid_WhateverHasBecomeOfTheBatch()
    {
        var owner = await app.NewOwner();
        var pipeline = await owner.CreateActivePipeline();
        var first = (await owner.TrySubmit(pipeline.Id, "[{}]", ("Idempotency-Key", "k"))).Expect(HttpStatusCode.Accepted);
        await owner.Finished(first);
        await owner.StopPipeline(pipeline.Id);

        var repeat = (await owner.TrySubmit(pipeline.Id, "[{}]", ("Idempotency-Key", "k"))).Expect(HttpStatusCode.Accepted);

        Assert.Equal((first.Text, "true", first.Headers.Location), (repeat.Text, repeat.Header("Idempotent-Replayed"), repeat.Headers.Location));
        (await owner.TrySubmit(pipeline.Id, "[{},{}]", ("Idempotency-Key", "k"))).Refused(HttpStatusCode.UnprocessableEntity, "IDEMPOTENCY_KEY_REUSED");
    }

    [Fact]
    public async Task AnIdempotencyKey_WithWhatNoDatabaseStores_IsRefused()
    {
        var owner = await app.NewOwner();
        var pipeline = await owner.CreateActivePipeline();

        (await owner.TrySubmit(pipeline.Id, "[{}]", ("Idempotency-Key", "a\0b"))).Refused(HttpStatusCode.BadRequest, "VALIDATION_FAILED").Detail("Idempotency-Key");
    }

    [Theory]
    [InlineData(1, HttpStatusCode.Accepted)]
    [InlineData(255, HttpStatusCode.Accepted)]
    [InlineData(256, HttpStatusCode.BadRequest)]
    public async Task AKey_Has1To255Characters(int length, HttpStatusCode expected)
    {
        var owner = await app.NewOwner();
        var pipeline = await owner.CreateActivePipeline();

        (await owner.TrySubmit(pipeline.Id, "[{}]", ("Idempotency-Key", new string('k', length)))).Expect(expected);
    }

    private static async Task<Answer> Submit(ApiClient owner, string pipeline, string? type, byte[] body, params (string Name, string Value)[] headers)
    {
        using var content = new ByteArrayContent(body);
        content.Headers.ContentType = type is null ? null : MediaTypeHeaderValue.Parse(type);
        return await owner.Send(HttpMethod.Post, $"{ApiClient.Pipeline(pipeline)}/batches", content, headers);
    }

    private static byte[] Compress(byte[] body, string encoding)
    {
        if (encoding == "identity") return body;
        using var target = new MemoryStream();
        using (Stream stream = encoding switch
        {
            "br" => new BrotliStream(target, CompressionLevel.Fastest, leaveOpen: true),
            "deflate" => new ZLibStream(target, CompressionLevel.Fastest, leaveOpen: true),
            _ => new GZipStream(target, CompressionLevel.Fastest, leaveOpen: true),
        })
        {
            stream.Write(body);
        }
        return target.ToArray();
    }
}
