using System.Net.Http.Headers;
using System.Net.ServerSentEvents;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using DataPipeline.WebApi.IntegrationTests.Events;

namespace DataPipeline.WebApi.IntegrationTests.Api;

/// <summary>The document's examples, sent in earnest: what the service answers is what they show, but for ids, times and durations.</summary>
public sealed partial class ExampleTests(SqliteApi app) : IClassFixture<SqliteApi>
{
    private const string Varies = "varies";
    private readonly HashSet<string> _told = [];

    [Fact]
    public async Task EveryExample_IsWhatTheServiceAnswers()
    {
        // Without a worker first: only then is a batch sure to be pending when it is cancelled.
        await using var idle = app.Another(new() { ["Worker:Enabled"] = "false" });
        var submitter = await ApiFixture.NewOwner(idle);
        var pipeline = Shows("createPipeline", await submitter.PostText("/api/v1/pipelines", Request("createPipeline"))).Id;
        Shows("startPipeline", await submitter.StartPipeline(pipeline));
        var pending = Shows("submitBatch", await submitter.TrySubmit(pipeline, Request("submitBatch")));
        await ShowsEvent("watchBatch", idle.CreateClient(), submitter, ApiClient.Batch(pending));
        Shows("cancelBatch", await submitter.Post($"{ApiClient.Batch(pending)}/cancel"));

        var owner = app.With(submitter.Key);
        var batch = Shows("submitBatch", await Submit(owner, pipeline, "application/x-ndjson", ("Prefer", "wait=30")));
        var place = ApiClient.Batch(batch);
        Shows("getBatch", await owner.Get(place));
        await ShowsEvent("watchBatch", app.Http(), owner, place);
        await ShowsEvent("watchPipeline", app.Http(), owner, ApiClient.Pipeline(pipeline));
        Shows("listBatchErrors", await owner.Get($"{place}/errors"));
        Shows("listBatchRecords", await owner.Get($"{place}/records"));
        Assert.Equal(Example("listBatchRecords", "200", "application/x-ndjson").GetString(), (await owner.Get($"{place}/records", ("Accept", "application/x-ndjson"))).Text);
        Shows("simulatePipeline", await owner.PostText($"{ApiClient.Pipeline(pipeline)}/simulate", Request("simulatePipeline")));
        Shows("simulateConfig", await owner.PostText("/api/v1/pipelines/simulate", Request("simulateConfig")));
        Shows("updatePipeline", await owner.Put(ApiClient.Pipeline(pipeline), JsonNode.Parse(Request("updatePipeline"))!));
        await owner.Finished(Shows("retryBatch", await owner.Post($"{place}/retry")));
        Shows("stopPipeline", await owner.StopPipeline(pipeline));
        await owner.StartPipeline(pipeline);
        await Submit(owner, pipeline, "text/csv");

        Assert.Equal([], AnsweredExamples().Select(it => $"{it.OperationId} {it.Status}").Except(_told).Except(ReadElsewhere));
    }

    /// <summary>Lists, whose items depend on what else there is: their examples are held against the document by the linter, and their items are those of the operations above.</summary>
    private static readonly string[] ReadElsewhere = ["getPipeline 200", "listPipelines 200", "listBatches 200", "getPipelineMetrics 200"];

    private static async Task<Answer> Submit(ApiClient owner, string pipeline, string type, params (string, string)[] headers)
    {
        var body = new StringContent(Example("submitBatch", "request", type).GetString()!, new MediaTypeHeaderValue(type));
        var submitted = await owner.Send(HttpMethod.Post, $"{ApiClient.Pipeline(pipeline)}/batches", body, headers);
        Assert.True((int)submitted.Status is 200 or 202, submitted.Text);
        return submitted;
    }

    private Answer Shows(string operation, Answer answer)
    {
        var status = $"{(int)answer.Status}";
        var (shown, told) = (Steady(Example(operation, status)), Steady(answer.Json));
        Assert.True(JsonNode.DeepEquals(shown, told), $"The example of {operation} shows {shown}, but the service answers {told}");
        _told.Add($"{operation} {status}");
        return answer;
    }

    /// <summary>The first event of the stream is one that the example shows.</summary>
    private async Task ShowsEvent(string operation, HttpClient http, ApiClient owner, string watched)
    {
        using var caller = http;
        using var text = new MemoryStream(Encoding.UTF8.GetBytes(Example(operation, "200", "text/event-stream").GetString()!));
        var shown = SseParser.Create(text, (type, data) => Told(type, JsonElement.Parse(Encoding.UTF8.GetString(data)))).Enumerate().Select(item => item.Data);
        await using var events = await EventReader.OpenAsync(http, owner.Key!, $"{watched}/events");
        var (type, _, data) = await events.Next();
        Assert.Contains(Told(type, data), shown);
        _told.Add($"{operation} 200");

        static string Told(string type, JsonElement data) => $"{type} {Steady(data)!.ToJsonString()}";
    }

    private static string Request(string operation) => Example(operation, "request").GetRawText();

    private static JsonElement Example(string operation, string part, string type = "application/json")
    {
        var described = ApiDocument.CheckedIn.Operations.Single(it => it.Operation.GetProperty("operationId").GetString() == operation).Operation;
        var holder = part == "request" ? described.GetProperty("requestBody") : described.GetProperty("responses").GetProperty(part);
        return holder.GetProperty("content").GetProperty(type).GetProperty("example");
    }

    private static IEnumerable<(string OperationId, string Status)> AnsweredExamples() =>
        from it in ApiDocument.CheckedIn.Operations
        from response in it.Operation.GetProperty("responses").EnumerateObject()
        where response.Value.TryGetProperty("content", out var content) && content.EnumerateObject().Any(type => type.Name is "application/json" or "text/event-stream" && type.Value.TryGetProperty("example", out _))
        let id = it.Operation.GetProperty("operationId").GetString()!
        select (id, response.Name);

    /// <summary>The same without what is different each time.</summary>
    private static JsonNode? Steady(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => new JsonObject(value.EnumerateObject().Select(member => KeyValuePair.Create(member.Name, IsMeasured(member) ? Varies : Steady(member.Value)))),
        JsonValueKind.Array => new JsonArray([.. value.EnumerateArray().Select(Steady)]),
        JsonValueKind.String when IdOrTime().IsMatch(value.GetString()!) => Varies,
        _ => JsonNode.Parse(value.GetRawText()),
    };

    private static bool IsMeasured(JsonProperty member) => member.Name is "latencyMs" or "durationMs" or "recordsPerSecond" && member.Value.ValueKind != JsonValueKind.Null;

    [GeneratedRegex("^([0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9-]{10}T[0-9:.]{15}Z)$")]
    private static partial Regex IdOrTime();
}
