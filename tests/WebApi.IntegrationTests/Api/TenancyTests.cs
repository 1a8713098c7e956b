using System.Net;
using System.Text.Json.Nodes;

namespace DataPipeline.WebApi.IntegrationTests.Api;

public sealed class TenancyOnSqlite(SqliteApi app) : TenancyTests(app), IClassFixture<SqliteApi>;

public sealed class TenancyOnPostgres(PostgresApi app) : TenancyTests(app), IClassFixture<PostgresApi>;

/// <summary>What another owner has answers exactly as what does not exist, on every route that names a pipeline or a batch.</summary>
public abstract class TenancyTests(ApiFixture app)
{
    private const string Nobodys = "01a206ad-8fdf-7780-a74f-b2a244cf8655";

    public static TheoryData<string, string> PipelineRoutes => new()
    {
        { "GET", "" }, { "PUT", "" }, { "DELETE", "" }, { "POST", "/start" }, { "POST", "/stop" }, { "POST", "/simulate" }, { "POST", "/batches" }, { "GET", "/batches" }, { "GET", "/metrics" },
    };

    public static TheoryData<string, string> BatchRoutes => new()
    {
        { "GET", "" }, { "GET", "/errors" }, { "GET", "/records" }, { "POST", "/retry" }, { "POST", "/cancel" },
    };

    [Theory]
    [MemberData(nameof(PipelineRoutes))]
    public async Task Pipeline_OfAnotherOwner_IsNotThere(string method, string route)
    {
        var (owner, stranger) = (await app.NewOwner(), await app.NewOwner());
        var pipeline = await owner.CreateActivePipeline();

        var others = await Send(stranger, method, ApiClient.Pipeline(pipeline.Id) + route);
        var nobodys = await Send(stranger, method, ApiClient.Pipeline(Nobodys) + route);

        others.Refused(HttpStatusCode.NotFound, "PIPELINE_NOT_FOUND");
        nobodys.Refused(HttpStatusCode.NotFound, "PIPELINE_NOT_FOUND");
        Assert.Equal(Comparable(nobodys, Nobodys), Comparable(others, pipeline.Id));
        var after = (await owner.Get(ApiClient.Pipeline(pipeline.Id))).Expect(HttpStatusCode.OK);
        Assert.Equal(pipeline.Text, after.Text);
    }

    [Theory]
    [MemberData(nameof(BatchRoutes))]
    public async Task Batch_OfAnotherOwner_IsNotThere_NotEvenUnderAPipelineOfOnesOwn(string method, string route)
    {
        var (owner, stranger) = (await app.NewOwner(), await app.NewOwner());
        var pipeline = await owner.CreateActivePipeline();
        var strangers = await stranger.CreateActivePipeline();
        var batch = await owner.Finished(await owner.Submit(pipeline.Id, """[{"a":1}]"""));

        (await Send(stranger, method, $"{ApiClient.Pipeline(pipeline.Id)}/batches/{batch.Id}{route}")).Refused(HttpStatusCode.NotFound, "PIPELINE_NOT_FOUND");
        var others = await Send(stranger, method, $"{ApiClient.Pipeline(strangers.Id)}/batches/{batch.Id}{route}");
        var nobodys = await Send(stranger, method, $"{ApiClient.Pipeline(strangers.Id)}/batches/{Nobodys}{route}");

        others.Refused(HttpStatusCode.NotFound, "BATCH_NOT_FOUND");
        Assert.Equal(Comparable(nobodys, Nobodys), Comparable(others, batch.Id));
    }

    [Fact]
    public async Task Lists_ShowOnlyWhatTheOwnerHas()
    {
        var (owner, stranger) = (await app.NewOwner(), await app.NewOwner());
        await owner.CreatePipeline(ApiClient.Definition("mine"));

        Assert.Empty((await stranger.Get("/api/v1/pipelines?name=mine")).Expect(HttpStatusCode.OK).Items);
        Assert.Empty((await stranger.Get("/api/v1/pipelines")).Expect(HttpStatusCode.OK).Items);
    }

    [Fact]
    public async Task Keys_OfOneOwner_SeeTheSame()
    {
        var name = $"shared-{app.Kind}";
        var one = app.With((await ApiFixture.NewKey(app.Services, name)).Key);
        var other = app.With((await ApiFixture.NewKey(app.Services, name)).Key);
        var pipeline = await one.CreatePipeline();

        Assert.Equal(pipeline.Text, (await other.Get(ApiClient.Pipeline(pipeline.Id))).Text);
    }

    private static Task<Answer> Send(ApiClient caller, string method, string path) => caller.Send(new HttpMethod(method), path, method == "GET" ? null : ApiClient.Json(BodyFor(path)));

    private static string BodyFor(string path) => path[(path.LastIndexOf('/') + 1)..] switch
    {
        "simulate" => """{"records":[{"a":1}]}""",
        "batches" => """[{"a":1}]""",
        _ => ((JsonNode)ApiClient.Definition()).ToJsonString(),
    };

    /// <summary>Status and body without what differs by nature: the id that was asked for and the trace.</summary>
    private static string Comparable(Answer answer, string id) =>
        $"{(int)answer.Status} {answer.Text.Replace(id, "ID", StringComparison.Ordinal).Replace(answer["error"].GetProperty("traceId").GetString()!, "TRACE", StringComparison.Ordinal)}";
}
