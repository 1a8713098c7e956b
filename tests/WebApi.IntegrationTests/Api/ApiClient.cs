using System.Net;
using System.Text;
using System.Text.Json.Nodes;

namespace DataPipeline.WebApi.IntegrationTests.Api;

/// <summary>An owner, as one who uses the API: what the owner wants to do, not how HTTP does it.</summary>
public sealed class ApiClient(HttpClient http, string? key)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static int _names;

    public string? Key => key;

    public static string NewName() => $"pipeline {Interlocked.Increment(ref _names)}";

    /// <summary>A definition that lets every record through.</summary>
    public static JsonObject Definition(string? name = null, params JsonNode[] processors) => new()
    {
        ["name"] = name ?? NewName(),
        ["config"] = new JsonObject
        {
            ["source"] = new JsonObject { ["type"] = "api" },
            ["processors"] = new JsonArray(processors),
            ["destination"] = new JsonObject { ["type"] = "store" },
        },
    };

    public static string Pipeline(string id) => $"/api/v1/pipelines/{id}";

    public static string Batch(Answer batch) => $"{Pipeline(batch["pipelineId"].GetString()!)}/batches/{batch.Id}";

    public async Task<Answer> Send(HttpMethod method, string path, HttpContent? content = null, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path) { Content = content };
        if (key is not null) request.Headers.Add("X-API-Key", key);
        foreach (var (name, value) in headers)
        {
            if (!request.Headers.TryAddWithoutValidation(name, value)) request.Content!.Headers.TryAddWithoutValidation(name, value);
        }

        using var response = await http.SendAsync(request, TestContext.Current.CancellationToken);
        var answer = new Answer(response.StatusCode, response.Headers, response.Content.Headers, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        ApiDocument.CheckedIn.Describes(method, path, answer);
        answer.TellsBrowsersToBeCareful();
        return answer;
    }

    public Task<Answer> Get(string path, params (string Name, string Value)[] headers) => Send(HttpMethod.Get, path, null, headers);

    public Task<Answer> Delete(string path) => Send(HttpMethod.Delete, path);

    public Task<Answer> Post(string path, JsonNode? body = null, params (string Name, string Value)[] headers) => Send(HttpMethod.Post, path, body is null ? null : Json(body.ToJsonString()), headers);

    public Task<Answer> PostText(string path, string json, params (string Name, string Value)[] headers) => Send(HttpMethod.Post, path, Json(json), headers);

    public Task<Answer> Put(string path, JsonNode body, params (string Name, string Value)[] headers) => Send(HttpMethod.Put, path, Json(body.ToJsonString()), headers);

    public async Task<Answer> CreatePipeline(JsonObject? definition = null) => (await Post("/api/v1/pipelines", definition ?? Definition())).Expect(HttpStatusCode.Created);

    public async Task<Answer> StartPipeline(string id) => (await Post($"{Pipeline(id)}/start")).Expect(HttpStatusCode.OK);

    public async Task<Answer> StopPipeline(string id) => (await Post($"{Pipeline(id)}/stop")).Expect(HttpStatusCode.OK);

    public async Task<Answer> CreateActivePipeline(JsonObject? definition = null) => await StartPipeline((await CreatePipeline(definition)).Id);

    public Task<Answer> TrySubmit(string pipelineId, string records, params (string Name, string Value)[] headers) => PostText($"{Pipeline(pipelineId)}/batches", records, headers);

    public async Task<Answer> Submit(string pipelineId, string records) => (await TrySubmit(pipelineId, records)).Expect(HttpStatusCode.Accepted);

    /// <summary>The batch when it has ended.</summary>
    public async Task<Answer> Finished(Answer batch)
    {
        var deadline = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var now = (await Get(Batch(batch), ("Prefer", "wait=5"))).Expect(HttpStatusCode.OK);
            if (now["completedAt"].ValueKind != System.Text.Json.JsonValueKind.Null) return now;
            Assert.True(TimeProvider.System.GetElapsedTime(deadline) < Patience, $"The batch has not ended: {now.Text}");
        }
    }

    /// <summary>All pages of a list.</summary>
    public async Task<List<System.Text.Json.JsonElement>> All(string path, int limit)
    {
        var items = new List<System.Text.Json.JsonElement>();
        for (string? cursor = null; ;)
        {
            var page = (await Get($"{path}{(path.Contains('?', StringComparison.Ordinal) ? '&' : '?')}limit={limit}&cursor={cursor}")).Expect(HttpStatusCode.OK);
            Assert.True(page.Items.Length <= limit, page.Text);
            items.AddRange(page.Items);
            if (page.NextCursor is null) return items;
            cursor = page.NextCursor;
        }
    }

    public static StringContent Json(string text) => new(text, Encoding.UTF8, "application/json");
}
