using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace DataPipeline.WebApi.IntegrationTests.Api;

public sealed class TenancyOnSqlite(IdleSqliteApi app) : TenancyTests(app), IClassFixture<IdleSqliteApi>;

public sealed class TenancyOnPostgres(IdlePostgresApi app) : TenancyTests(app), IClassFixture<IdlePostgresApi>;

/// <summary>What another owner has answers exactly as what does not exist, on every route there is. A route that is new has to be added here.</summary>
public abstract partial class TenancyTests(ApiFixture app)
{
    private const string Nobodys = "01a206ad-8fdf-7780-a74f-b2a244cf8655";

    private static readonly string[] Verbs = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"];

    private static readonly HashSet<string> Varying = new(StringComparer.OrdinalIgnoreCase) { "X-Request-Id", "RateLimit", "Date" };

    /// <summary>Answered to everybody.</summary>
    private static readonly string[] Open = ["GET /health/live", "GET /health/ready", "GET /metrics", "HEAD /metrics", "GET /openapi/v1.json", "GET /docs/{documentName?}", "GET /docs/favicon.svg", "GET /docs/scalar.js", "GET /docs/scalar.aspnetcore.js"];

    /// <summary>Every route that needs a key: how it is asked, with what it succeeds, and what that changes.</summary>
    private static readonly Dictionary<string, Call> Calls = new()
    {
        ["POST /api/v1/pipelines"] = new(HttpStatusCode.Created, () => ApiClient.Definition().ToJsonString()),
        ["GET /api/v1/pipelines"] = new(HttpStatusCode.OK),
        ["POST /api/v1/pipelines/simulate"] = new(HttpStatusCode.OK, () => new JsonObject { ["config"] = ApiClient.Definition()["config"]!.DeepClone(), ["records"] = new JsonArray(new JsonObject()) }.ToJsonString()),
        ["GET /api/v1/processors"] = new(HttpStatusCode.OK),
        ["GET /api/v1/destinations"] = new(HttpStatusCode.OK),
        ["GET /api/v1/sources"] = new(HttpStatusCode.OK),
        ["GET /api/v1/pipelines/{pipelineId}"] = new(HttpStatusCode.OK),
        ["PUT /api/v1/pipelines/{pipelineId}"] = new(HttpStatusCode.OK, () => ApiClient.Definition().ToJsonString(), Of.New),
        ["DELETE /api/v1/pipelines/{pipelineId}"] = new(HttpStatusCode.NoContent, On: Of.New),
        ["POST /api/v1/pipelines/{pipelineId}/start"] = new(HttpStatusCode.OK, On: Of.New),
        ["POST /api/v1/pipelines/{pipelineId}/stop"] = new(HttpStatusCode.OK, On: Of.New),
        ["POST /api/v1/pipelines/{pipelineId}/simulate"] = new(HttpStatusCode.OK, () => """{"records":[{"a":1}]}"""),
        ["GET /api/v1/pipelines/{pipelineId}/metrics"] = new(HttpStatusCode.OK),
        ["POST /api/v1/pipelines/{pipelineId}/batches"] = new(HttpStatusCode.Accepted, () => """[{"a":1}]""", Of.New),
        ["GET /api/v1/pipelines/{pipelineId}/batches"] = new(HttpStatusCode.OK),
        ["GET /api/v1/pipelines/{pipelineId}/batches/{batchId}"] = new(HttpStatusCode.OK),
        ["GET /api/v1/pipelines/{pipelineId}/batches/{batchId}/errors"] = new(HttpStatusCode.OK),
        ["GET /api/v1/pipelines/{pipelineId}/batches/{batchId}/records"] = new(HttpStatusCode.OK),
        ["GET /api/v1/pipelines/{pipelineId}/events"] = new(HttpStatusCode.OK),
        ["GET /api/v1/pipelines/{pipelineId}/batches/{batchId}/events"] = new(HttpStatusCode.OK),
        ["POST /api/v1/pipelines/{pipelineId}/batches/{batchId}/retry"] = new(HttpStatusCode.Accepted),
        ["POST /api/v1/pipelines/{pipelineId}/batches/{batchId}/cancel"] = new(HttpStatusCode.Accepted, On: Of.Waiting),
    };

    private enum Of
    {
        /// <summary>A pipeline whose batch has ended, with a failed record.</summary>
        Finished,

        /// <summary>A paused pipeline whose batch is pending.</summary>
        Waiting,

        /// <summary>A pipeline that is made for this call; it has no batches.</summary>
        New,
    }

    [Fact]
    public async Task EveryRoute_AnswersItsOwner_AndNobodyElse()
    {
        var routes = Routes();
        Assert.Equal([], routes.Except([.. Calls.Keys, .. Open]));
        Assert.Equal([], Calls.Keys.Concat(Open).Except(routes));
        var scene = await Arrange();
        foreach (var route in Open) (await Send(null, route.Split(' ')[0], OpenAddress(route), null)).Expect(HttpStatusCode.OK);

        foreach (var (route, call) in Calls)
        {
            var verb = route.Split(' ')[0];
            var place = await scene.PlaceOf(call.On);
            var address = Address(route, place);
            (await Send(null, verb, address, call.Body)).Refused(HttpStatusCode.Unauthorized, "API_KEY_MISSING");
            (await Send("dpk_wrong", verb, address, call.Body)).Refused(HttpStatusCode.Unauthorized, "API_KEY_INVALID");

            var before = await scene.Read(place);
            if (route.Contains("{pipelineId}", StringComparison.Ordinal)) await IsNotThere(scene, route, call, place, new Place(Nobodys, Nobodys), "PIPELINE_NOT_FOUND");
            if (route.Contains("{batchId}", StringComparison.Ordinal))
                await IsNotThere(scene, route, call, place with { Pipeline = scene.Strangers }, new Place(scene.Strangers, Nobodys), "BATCH_NOT_FOUND");
            if (!route.Contains('{', StringComparison.Ordinal)) Assert.DoesNotContain(place.Pipeline, (await Send(scene.Stranger, verb, address, call.Body)).Text, StringComparison.Ordinal);
            Assert.Equal(before, await scene.Read(place));

            (await Send(scene.Owner, verb, address, call.Body)).Expect(call.Succeeds);
        }
    }

    [Fact]
    public async Task EveryOtherVerb_NeedsAKeyToo_AndIsRefusedAlikeForAll()
    {
        var owner = await app.NewOwner();
        foreach (var path in Calls.Keys.Select(route => route.Split(' ')[1]).Distinct())
        {
            // A path may be that of several routes: simulate stands where the id of a pipeline does.
            var allowed = Calls.Keys.Select(route => route.Split(' ')).Where(route => route[1] == path || AnyId().Replace(route[1], "simulate") == path).Select(route => route[0]).ToList();
            foreach (var verb in Verbs.Except(allowed))
            {
                var address = Address($"{verb} {path}", new Place(Nobodys, Nobodys));
                var (unknown, known) = (await Send(null, verb, address, null), await Send(owner.Key, verb, address, null));

                Assert.True(unknown.Status == HttpStatusCode.Unauthorized, $"{verb} {path} answered {unknown.Status} without a key.");
                Assert.True(known.Status == HttpStatusCode.MethodNotAllowed, $"{verb} {path} answered {known.Status}.");
                Assert.Equal(allowed.Order(), known.Header("Allow")!.Split(',', StringSplitOptions.TrimEntries).Order());
            }
        }
    }

    [Fact]
    public async Task Bodies_ThatNameWhatAnotherOwnerHas_AreAnsweredAsIfItWereNotThere()
    {
        var (owner, stranger) = (await app.NewOwner(), await app.NewOwner());
        await using var working = app.Another([]);
        using var started = working.CreateClient();
        var batch = await owner.Finished(await owner.Submit((await owner.CreateActivePipeline(Failing())).Id, """[{"a":1}]"""));

        var (others, nobodys) = (await FailuresOf(batch.Id), await FailuresOf(Nobodys));

        others.Refused(HttpStatusCode.NotFound, "BATCH_NOT_FOUND");
        Assert.Equal(Comparable(nobodys, Nobodys), Comparable(others, batch.Id));

        Task<Answer> FailuresOf(string id) => stranger.Post("/api/v1/pipelines/simulate", new JsonObject { ["config"] = ApiClient.Definition()["config"]!.DeepClone(), ["failuresOf"] = id });
    }

    [Fact]
    public async Task CursorsOfAnotherOwner_LeadToNothingOfTheirs()
    {
        var (owner, stranger) = (await app.NewOwner(), await app.NewOwner());
        List<string> theirs = [(await owner.CreatePipeline()).Id, (await owner.CreatePipeline()).Id, (await owner.CreatePipeline()).Id];
        var cursor = (await owner.Get("/api/v1/pipelines?limit=1")).NextCursor;
        Assert.NotNull(cursor);
        await stranger.CreatePipeline();

        var page = await stranger.Get($"/api/v1/pipelines?limit=10&cursor={cursor}");

        Assert.All(theirs, id => Assert.DoesNotContain(id, page.Text, StringComparison.Ordinal));
    }

    [Fact]
    public async Task IdempotencyKeysOfAnotherOwner_AreFree()
    {
        var (owner, stranger) = (await app.NewOwner(), await app.NewOwner());
        var (theirs, own) = ((await owner.CreateActivePipeline()).Id, (await stranger.CreateActivePipeline()).Id);
        var first = (await owner.TrySubmit(theirs, "[{}]", ("Idempotency-Key", "the same"))).Expect(HttpStatusCode.Accepted);

        (await stranger.TrySubmit(theirs, "[{}]", ("Idempotency-Key", "the same"))).Refused(HttpStatusCode.NotFound, "PIPELINE_NOT_FOUND");
        var second = (await stranger.TrySubmit(own, "[{}]", ("Idempotency-Key", "the same"))).Expect(HttpStatusCode.Accepted);

        Assert.NotEqual(first.Id, second.Id);
        Assert.Null(second.Header("Idempotent-Replayed"));
    }

    [Fact]
    public async Task Lists_ShowOnlyWhatTheOwnerHas()
    {
        var (owner, stranger) = (await app.NewOwner(), await app.NewOwner());
        await owner.CreatePipeline(ApiClient.Definition("mine"));

        Assert.Empty((await stranger.Get("/api/v1/pipelines?name=mine")).Expect(HttpStatusCode.OK).Items);
        Assert.Empty((await stranger.Get("/api/v1/pipelines")).Expect(HttpStatusCode.OK).Items);
        await stranger.CreatePipeline(ApiClient.Definition("mine"));
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

    private static JsonObject Failing() => ApiClient.Definition(null, new JsonObject { ["type"] = "fail", ["options"] = new JsonObject { ["message"] = "no" } });

    /// <summary>Asks as a stranger: for what the owner has, and for what nobody has.</summary>
    private async Task IsNotThere(Scene scene, string route, Call call, Place theirs, Place nobodys, string code)
    {
        var verb = route.Split(' ')[0];
        var headers = verb == "PUT" ? ("If-Match", "\"999\"") : ("Prefer", "wait=0");
        var there = (await Send(scene.Stranger, verb, Address(route, theirs), call.Body, headers)).Refused(HttpStatusCode.NotFound, code);
        var nowhere = (await Send(scene.Stranger, verb, Address(route, nobodys), call.Body, headers)).Refused(HttpStatusCode.NotFound, code);
        Assert.Equal(Comparable(nowhere, nobodys.Pipeline, nobodys.Batch), Comparable(there, theirs.Pipeline, theirs.Batch));
    }

    /// <summary>The verbs and paths that the service knows, whoever mapped them.</summary>
    private List<string> Routes() =>
    [
        .. from endpoint in app.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
           from verb in endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["GET"]
           let path = $"/{endpoint.RoutePattern.RawText!.Trim('/')}"
           select $"{verb} {path}",
    ];

    private static string OpenAddress(string route) => OptionalPart().Replace(route.Split(' ')[1], "");

    private static string Address(string route, Place place) =>
        route.Split(' ')[1].Replace("{pipelineId}", place.Pipeline, StringComparison.Ordinal).Replace("{batchId}", place.Batch, StringComparison.Ordinal);

    /// <summary>What is refused is read whole; of what succeeds the beginning is enough, for some answers only end with what they tell of.</summary>
    private async Task<Answer> Send(string? key, string verb, string address, Func<string>? body, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(new HttpMethod(verb), address) { Content = body is null ? null : ApiClient.Json(body()) };
        if (key is not null) request.Headers.Add("X-API-Key", key);
        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        using var http = app.Http();
        using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        var endless = response.Content.Headers.ContentType?.MediaType == "text/event-stream";
        var answer = new Answer(response.StatusCode, response.Headers, response.Content.Headers, endless ? "" : await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        answer.TellsBrowsersToBeCareful();
        return answer;
    }

    /// <summary>Status, headers and body without what differs by nature: the ids that were asked for, the trace, and what is left of a limit.</summary>
    private static string Comparable(Answer answer, params string[] ids)
    {
        var text = answer.Text.Replace(answer["error"].GetProperty("traceId").GetString()!, "TRACE", StringComparison.Ordinal);
        foreach (var id in ids) text = text.Replace(id, "ID", StringComparison.Ordinal);
        var headers = answer.Headers.Concat(answer.ContentHeaders).Where(header => !Varying.Contains(header.Key)).Select(header => $"{header.Key}: {string.Join(',', header.Value)}").Order(StringComparer.Ordinal);
        return $"{(int)answer.Status} {string.Join('\n', headers)}\n{text}";
    }

    private async Task<Scene> Arrange()
    {
        var (owner, stranger) = (await app.NewOwner(), await app.NewOwner());
        var paused = await owner.CreateActivePipeline();
        var waiting = await owner.Submit(paused.Id, """[{"a":1}]""");
        await owner.StopPipeline(paused.Id);
        await using var working = app.Another([]);
        using var started = working.CreateClient();
        var finished = await owner.CreateActivePipeline(Failing());
        var batch = await owner.Finished(await owner.Submit(finished.Id, """[{"a":1}]"""));
        return new Scene(owner, stranger.Key!, (await stranger.CreateActivePipeline()).Id, new Place(finished.Id, batch.Id), new Place(paused.Id, waiting.Id));
    }

    [GeneratedRegex("\\{[^}]*\\}")]
    private static partial Regex AnyId();

    [GeneratedRegex("/?\\{[^}]*\\?\\}")]
    private static partial Regex OptionalPart();

    private sealed record Call(HttpStatusCode Succeeds, Func<string>? Body = null, Of On = Of.Finished);

    private sealed record Place(string Pipeline, string Batch);

    private sealed class Scene(ApiClient owner, string stranger, string strangers, Place finished, Place waiting)
    {
        internal string Owner => owner.Key!;

        internal string Stranger => stranger;

        /// <summary>A pipeline of the stranger's own.</summary>
        internal string Strangers => strangers;

        internal async Task<Place> PlaceOf(Of which) => which switch
        {
            Of.Finished => finished,
            Of.Waiting => waiting,
            _ => new Place((await owner.CreateActivePipeline()).Id, finished.Batch),
        };

        /// <summary>All that a stranger could have changed.</summary>
        internal async Task<string> Read(Place place) =>
            $"{(await owner.Get(ApiClient.Pipeline(place.Pipeline))).Text} {(await owner.Get($"{ApiClient.Pipeline(place.Pipeline)}/batches")).Text}";
    }
}
