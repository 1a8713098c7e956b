using System.Net;
using System.Text;

namespace DataPipeline.WebApi.IntegrationTests.Api;

public sealed class BadRequestsOnSqlite(SqliteApi app) : BadRequestTests(app), IClassFixture<SqliteApi>;

public sealed class BadRequestsOnPostgres(PostgresApi app) : BadRequestTests(app), IClassFixture<PostgresApi>;

public abstract class BadRequestTests(ApiFixture app)
{
    private const string Config = """{"source":{"type":"api"},"processors":[],"destination":{"type":"store"}}""";

    [Theory]
    [InlineData("", "Line 1, byte 1")]
    [InlineData("{\"name\":", "Line 1, byte 9")]
    [InlineData("{\n  \"name\": nope\n}", "Line 2, byte 12")]
    [InlineData("{\"name\":\"\\ud800\"}", "Line 1, byte 9")]
    [InlineData("{\n\"\\udc00\":1}", "Line 2, byte 1")]
    [InlineData("{} {}", "Line 1, byte 4")]
    public async Task Body_ThatIsNoJson_IsRefused_WithItsPlace(string body, string place)
    {
        var owner = await app.NewOwner();

        var refused = (await owner.PostText("/api/v1/pipelines", body)).Refused(HttpStatusCode.BadRequest, "MALFORMED_JSON");

        Assert.Contains(place, refused["error"].GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Body_ThatIsTooDeep_IsRefused()
    {
        var owner = await app.NewOwner();

        (await owner.PostText("/api/v1/pipelines", $$"""{"config":{{new string('[', 65)}}{{new string(']', 65)}}}""")).Refused(HttpStatusCode.BadRequest, "MALFORMED_JSON");
    }

    [Theory]
    [InlineData("[]", "", "INVALID_TYPE")]
    [InlineData("null", "", "INVALID_TYPE")]
    [InlineData("""{"config":{}}""", "name", "REQUIRED")]
    [InlineData("""{"name":null}""", "name", "REQUIRED")]
    [InlineData("""{"name":"  "}""", "name", "REQUIRED")]
    [InlineData("""{"name":5}""", "name", "INVALID_TYPE")]
    [InlineData("""{"name":"a\u0000"}""", "name", "INVALID")]
    [InlineData("""{"name":"a"}""", "config", "REQUIRED")]
    [InlineData("""{"name":"a","config":7}""", "config", null)]
    [InlineData("""{"name":"a","description":[]}""", "description", "INVALID_TYPE")]
    [InlineData("""{"name":"a","description":"\u0000"}""", "description", "INVALID")]
    [InlineData("""{"name":"a","id":"b"}""", "id", "UNKNOWN_PROPERTY")]
    [InlineData("""{"name":"a","name":"b"}""", "name", "DUPLICATE_PROPERTY")]
    [InlineData("""{"name":"a","config":{"processors":[{},{"type":"set","type":"set"}]}}""", "config.processors[1].type", "DUPLICATE_PROPERTY")]
    [InlineData("""{"name":"a","config":{"processors":[{"type":"sett"}]}}""", "config.processors[0].type", null)]
    public async Task Definition_ThatDoesNotFit_IsRefused_WithTheField(string body, string field, string? code)
    {
        var owner = await app.NewOwner();

        var refused = (await owner.PostText("/api/v1/pipelines", body)).Refused(HttpStatusCode.BadRequest, "VALIDATION_FAILED");

        Assert.Equal(code ?? refused.Detail(field).GetProperty("code").GetString(), refused.Detail(field).GetProperty("code").GetString());
    }

    [Theory]
    [InlineData(100, HttpStatusCode.Created)]
    [InlineData(101, HttpStatusCode.BadRequest)]
    public async Task Name_IsAtMost100Characters(int length, HttpStatusCode expected)
    {
        var owner = await app.NewOwner();

        (await owner.Post("/api/v1/pipelines", ApiClient.Definition(new string('é', length)))).Expect(expected);
    }

    [Theory]
    [InlineData(2_000, HttpStatusCode.Created)]
    [InlineData(2_001, HttpStatusCode.BadRequest)]
    public async Task Description_IsAtMost2000Characters(int length, HttpStatusCode expected)
    {
        var owner = await app.NewOwner();
        var definition = ApiClient.Definition();
        definition["description"] = new string('d', length);

        (await owner.Post("/api/v1/pipelines", definition)).Expect(expected);
    }

    [Fact]
    public async Task Definition_IsRefusedWithEverythingThatIsWrong_AtOnce()
    {
        var owner = await app.NewOwner();

        var refused = (await owner.PostText(
            "/api/v1/pipelines",
            """{"name":"","more":1,"config":{"source":{"type":"api"},"destination":{"type":"nowhere"},"processors":[{"type":"rename","options":{"field":"a"}},{"type":"convert","options":{"field":"a","type":"number","x":1}}]}}""")).Refused(HttpStatusCode.BadRequest, "VALIDATION_FAILED");

        foreach (var field in (string[])["name", "more", "config.destination.type", "config.processors[0].options.targetField", "config.processors[1].options.type", "config.processors[1].options.x"]) refused.Detail(field);
    }

    [Theory]
    [InlineData("limit=0", "limit")]
    [InlineData("limit=201", "limit")]
    [InlineData("limit=-1", "limit")]
    [InlineData("limit=ten", "limit")]
    [InlineData("limit=99999999999", "limit")]
    [InlineData("limit=1&limit=2", "limit")]
    [InlineData("status=running", "status")]
    [InlineData("status=1", "status")]
    public async Task Query_ThatDoesNotFit_IsRefused_WithTheParameter(string query, string field)
    {
        var owner = await app.NewOwner();
        var pipeline = await owner.CreatePipeline();

        (await owner.Get($"/api/v1/pipelines?{query}")).Refused(HttpStatusCode.BadRequest, "VALIDATION_FAILED").Detail(field);
        (await owner.Get($"{ApiClient.Pipeline(pipeline.Id)}/batches?{query}")).Refused(HttpStatusCode.BadRequest, "VALIDATION_FAILED").Detail(field);
    }

    [Fact]
    public async Task Query_TakesWhatItDoesNotKnow_AndEmptyParameters()
    {
        var owner = await app.NewOwner();

        (await owner.Get("/api/v1/pipelines?unknown=1&status=&name=&limit=&cursor=")).Expect(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Name_ThatNoPipelineCanHave_IsRefusedOrNotFound()
    {
        var owner = await app.NewOwner();

        (await owner.Get("/api/v1/pipelines?name=a%00b")).Refused(HttpStatusCode.BadRequest, "VALIDATION_FAILED").Detail("name");
        Assert.Empty((await owner.Get("/api/v1/pipelines?name=%ed%a0%80")).Expect(HttpStatusCode.OK).Items);
        Assert.Empty((await owner.Get($"/api/v1/pipelines?name={new string('x', 5_000)}")).Expect(HttpStatusCode.OK).Items);
    }

    [Theory]
    [InlineData("x")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("cAAA")]
    [InlineData("*!$")]
    public async Task Cursor_ThatTheListHasNotGiven_IsRefused(string cursor)
    {
        var owner = await app.NewOwner();
        var pipeline = await owner.CreateActivePipeline();
        var batch = await owner.Submit(pipeline.Id, """[{"a":1}]""");

        foreach (var path in (string[])["/api/v1/pipelines", $"{ApiClient.Pipeline(pipeline.Id)}/batches", $"{ApiClient.Batch(batch)}/errors", $"{ApiClient.Batch(batch)}/records"])
        {
            (await owner.Get($"{path}?cursor={cursor}")).Refused(HttpStatusCode.BadRequest, "INVALID_CURSOR");
        }
    }

    [Fact]
    public async Task Cursor_OfAnotherList_IsRefused()
    {
        var owner = await app.NewOwner();
        var pipeline = await owner.CreatePipeline();
        await owner.CreatePipeline();
        var page = await owner.Get("/api/v1/pipelines?limit=1");

        (await owner.Get($"{ApiClient.Pipeline(pipeline.Id)}/batches?cursor={page.NextCursor}")).Refused(HttpStatusCode.BadRequest, "INVALID_CURSOR");
    }

    [Theory]
    [InlineData("xyz")]
    [InlineData("123")]
    [InlineData("01a206ad8fdf7780a74fb2a244cf8655")]
    [InlineData("{01a206ad-8fdf-7780-a74f-b2a244cf8655}")]
    [InlineData("01a206ad-8fdf-7780-a74f-b2a244cf865")]
    public async Task Id_ThatIsNoUuid_IsNotFound_WhateverElseIsWrong(string id)
    {
        var owner = await app.NewOwner();
        var pipeline = await owner.CreatePipeline();

        var missing = (await owner.Get($"/api/v1/pipelines/{id}")).Refused(HttpStatusCode.NotFound, "PIPELINE_NOT_FOUND");
        Assert.Contains($"Pipeline with ID {id} not found", missing["error"].GetProperty("message").GetString(), StringComparison.Ordinal);
        (await owner.PostText($"/api/v1/pipelines/{id}/simulate", "{")).Refused(HttpStatusCode.NotFound, "PIPELINE_NOT_FOUND");
        (await owner.TrySubmit(id, "[]")).Refused(HttpStatusCode.NotFound, "PIPELINE_NOT_FOUND");
        (await owner.Get($"{ApiClient.Pipeline(pipeline.Id)}/batches/{id}")).Refused(HttpStatusCode.NotFound, "BATCH_NOT_FOUND");
        (await owner.Get($"{ApiClient.Pipeline(pipeline.Id)}/batches/{id}/records", ("Accept", "application/x-ndjson"))).Refused(HttpStatusCode.NotFound, "BATCH_NOT_FOUND");
    }

    [Theory]
    [InlineData("If-Match", "1")]
    [InlineData("If-Match", "\"1\", oops")]
    public async Task IfMatch_ThatIsNoListOfTags_IsRefused(string header, string value)
    {
        var owner = await app.NewOwner();
        var pipeline = await owner.CreatePipeline();

        (await owner.Put(ApiClient.Pipeline(pipeline.Id), ApiClient.Definition(), (header, value))).Refused(HttpStatusCode.BadRequest, "VALIDATION_FAILED").Detail(header);
    }

    [Theory]
    [InlineData("wait=61")]
    [InlineData("wait=-1")]
    [InlineData("wait=soon")]
    [InlineData("wait")]
    public async Task Prefer_WithAWaitThatIsNone_IsRefused(string prefer)
    {
        var owner = await app.NewOwner();
        var pipeline = await owner.CreateActivePipeline();

        (await owner.TrySubmit(pipeline.Id, """[{"a":1}]""", ("Prefer", prefer))).Refused(HttpStatusCode.BadRequest, "VALIDATION_FAILED").Detail("Prefer");
        Assert.Empty((await owner.Get($"{ApiClient.Pipeline(pipeline.Id)}/batches")).Items);
    }

    [Theory]
    [InlineData("text/html")]
    [InlineData("application/json;q=0, text/html")]
    [InlineData("application/xml, */*;q=0")]
    [InlineData("application/x-ndjson")]
    public async Task Accept_OfWhatThereIsNot_IsRefused(string accept)
    {
        var owner = await app.NewOwner();

        (await owner.Get("/api/v1/pipelines", ("Accept", accept))).Refused(HttpStatusCode.NotAcceptable, "NOT_ACCEPTABLE");
    }

    [Theory]
    [InlineData("*/*")]
    [InlineData("application/*")]
    [InlineData("text/html, application/json;q=0.5")]
    [InlineData("application/json; charset=utf-8")]
    public async Task Accept_OfJson_IsAnswered(string accept)
    {
        var owner = await app.NewOwner();

        (await owner.Get("/api/v1/pipelines", ("Accept", accept))).Expect(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("text/plain", null)]
    [InlineData("application/x-www-form-urlencoded", null)]
    [InlineData("application/json; charset=utf-16", null)]
    [InlineData("application/json", "gzip")]
    [InlineData(null, null)]
    public async Task Body_OfAnotherType_IsRefused(string? type, string? encoding)
    {
        var owner = await app.NewOwner();
        using var body = new ByteArrayContent(Encoding.UTF8.GetBytes("""{"name":"a"}"""));
        if (type is not null) body.Headers.TryAddWithoutValidation("Content-Type", type);
        if (encoding is not null) body.Headers.ContentEncoding.Add(encoding);

        (await owner.Send(HttpMethod.Post, "/api/v1/pipelines", body)).Refused(HttpStatusCode.UnsupportedMediaType, "UNSUPPORTED_MEDIA_TYPE");
    }

    [Theory]
    [InlineData("application/json; charset=UTF-8")]
    [InlineData("application/vnd.example+json")]
    public async Task Body_OfAJsonType_IsTaken(string type)
    {
        var owner = await app.NewOwner();
        using var body = new StringContent($$"""{"name":"{{ApiClient.NewName()}}","config":{{Config}}}""");
        body.Headers.Remove("Content-Type");
        body.Headers.TryAddWithoutValidation("Content-Type", type);

        (await owner.Send(HttpMethod.Post, "/api/v1/pipelines", body)).Expect(HttpStatusCode.Created);
    }

    [Fact]
    public async Task Body_WithAByteOrderMark_IsTaken()
    {
        var owner = await app.NewOwner();

        (await owner.PostText("/api/v1/pipelines", $$"""{{"\uFEFF"}}{"name":"{{ApiClient.NewName()}}","config":{{Config}}}""")).Expect(HttpStatusCode.Created);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Body_OverAMebibyte_IsRefused(bool saysItsLength)
    {
        var owner = await app.NewOwner();
        using var body = ApiClient.Json(new string(' ', (1 << 20) + 1));
        using var unmeasured = new StreamContent(new Unmeasured(await body.ReadAsStreamAsync(TestContext.Current.CancellationToken)));
        unmeasured.Headers.ContentType = body.Headers.ContentType;

        (await owner.Send(HttpMethod.Post, "/api/v1/pipelines", saysItsLength ? body : unmeasured)).Refused(HttpStatusCode.RequestEntityTooLarge, "PAYLOAD_TOO_LARGE");
    }

    [Theory]
    [InlineData("""{"config":{},"records":[{}]}""", "config.source")]
    [InlineData("""{"records":{}}""", "records")]
    [InlineData("""{"records":[],"verbose":1}""", "verbose")]
    [InlineData("""{"records":[],"x":1}""", "x")]
    public async Task Simulation_ThatDoesNotFit_IsRefused(string body, string field)
    {
        var owner = await app.NewOwner();

        (await owner.PostText("/api/v1/pipelines/simulate", body)).Refused(HttpStatusCode.BadRequest, "VALIDATION_FAILED").Detail(field);
    }

    [Fact]
    public async Task Simulation_LaysWhatIsWrongWithARecord_ToTheRecord()
    {
        var owner = await app.NewOwner();

        var answer = (await owner.PostText("/api/v1/pipelines/simulate", $$"""{"config":{{Config}},"records":[{"a":1,"a":2},7,{"a":1}]}""")).Expect(HttpStatusCode.OK);

        Assert.Equal(["failed", "failed", "delivered"], answer["results"].EnumerateArray().Select(result => result.GetProperty("outcome").GetString()));
    }

    [Theory]
    [InlineData("GET", "/api/v1/nothing")]
    [InlineData("GET", "/api/v1")]
    [InlineData("POST", "/api/v2/pipelines")]
    [InlineData("GET", "/")]
    public async Task Path_ThatIsNone_IsNotFound(string method, string path)
    {
        var owner = await app.NewOwner();

        (await owner.Send(new HttpMethod(method), path)).Refused(HttpStatusCode.NotFound, "ROUTE_NOT_FOUND");
    }

    [Theory]
    [InlineData("PATCH", "/api/v1/pipelines", "GET, POST")]
    [InlineData("POST", "/api/v1/pipelines/01a206ad-8fdf-7780-a74f-b2a244cf8655", "DELETE, GET, PUT")]
    [InlineData("GET", "/api/v1/pipelines/01a206ad-8fdf-7780-a74f-b2a244cf8655/start", "POST")]
    [InlineData("POST", "/health/live", "GET")]
    public async Task Method_ThatIsNone_IsRefused_WithThoseThatAre(string method, string path, string allowed)
    {
        var owner = await app.NewOwner();

        var refused = (await owner.Send(new HttpMethod(method), path)).Refused(HttpStatusCode.MethodNotAllowed, "METHOD_NOT_ALLOWED");

        Assert.Equal(allowed, string.Join(", ", refused.ContentHeaders.Allow.Order(StringComparer.Ordinal)));
    }

    [Theory]
    [InlineData("""{"records":[]}""")]
    [InlineData("[]")]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("[{\"a\":1}")]
    [InlineData("7")]
    public async Task Submission_ThatIsNone_IsRefused_AndKeepsNothing(string body)
    {
        var owner = await app.NewOwner();
        var pipeline = await owner.CreateActivePipeline();

        var refused = await owner.TrySubmit(pipeline.Id, body);

        refused.Refused(HttpStatusCode.BadRequest, refused.ErrorCode!);
        Assert.True(refused.ErrorCode is "VALIDATION_FAILED" or "MALFORMED_JSON", refused.Text);
        Assert.Empty((await owner.Get($"{ApiClient.Pipeline(pipeline.Id)}/batches")).Items);
    }

    private sealed class Unmeasured(Stream inner) : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override void Flush() => throw new NotSupportedException();

        public override int Read(byte[] buffer, int offset, int count) => inner.Read(buffer, offset, count);

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
