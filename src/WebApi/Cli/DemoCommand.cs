using System.CommandLine;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;
using DataPipeline.Application.ApiKeys;
using DataPipeline.WebApi.Hosting;
using MediatR;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace DataPipeline.WebApi.Cli;

/// <summary>Runs the service on a database that lives as long as the command, and a sample pipeline over a sample file through its API.</summary>
internal static class DemoCommand
{
    private static readonly string Samples = Path.Combine(AppContext.BaseDirectory, "samples");
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    internal static Command Create()
    {
        var json = CommandLine.Json();
        var command = new Command("demo", "Show the service at work on a sample of 10,000 orders; leaves nothing behind.") { json };
        command.SetAction((parsed, ct) => RunAsync(parsed.GetValue(json), ct));
        return command;
    }

    private static async Task<int> RunAsync(bool asJson, CancellationToken ct)
    {
        var folder = Directory.CreateTempSubdirectory("datapipeline-demo-");
        try
        {
            await using (var app = Build(folder.FullName))
            {
                await app.StartAsync(ct);
                var story = asJson ? TextWriter.Null : Console.Out;
                using var http = await ConnectAsync(app, story, ct);
                var result = await ShowAsync(http, story, ct);
                await app.StopAsync(ct);
                if (asJson) await CommandLine.WriteJsonAsync(result);
            }
            return 0;
        }
        catch (Exception failure) when (failure is DemoException or OperationCanceledException)
        {
            await Console.Error.WriteLineAsync(failure is DemoException ? failure.Message : "The demo was stopped.");
            return 1;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static WebApplication Build(string folder)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory, EnvironmentName = Environments.Production });
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["ConnectionStrings:Postgres"] = "",
            ["ConnectionStrings:Redis"] = "",
            ["ConnectionStrings:Sqlite"] = $"Data Source={Path.Combine(folder, "demo.db")};Pooling=False",
            ["Database:MigrateOnStart"] = "true",
            ["Api:Enabled"] = "true",
            ["Api:DrainSeconds"] = "0",
            ["Worker:Enabled"] = "true",
        });
        builder.AddDataPipeline();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        return builder.Build().UseDataPipeline();
    }

    private static async Task<HttpClient> ConnectAsync(WebApplication app, TextWriter story, CancellationToken ct)
    {
        await using var scope = app.Services.CreateAsyncScope();
        var key = (await scope.ServiceProvider.GetRequiredService<IMediator>().Send(new CreateApiKey("demo", "demo", null, null, null), ct)).Value.Key;
        var address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        await SayAsync(story, $"The service listens on {address}, on a database of its own that goes when the demo ends.");
        var http = new HttpClient { BaseAddress = new Uri($"{address}/api/v1/"), Timeout = Patience };
        http.DefaultRequestHeaders.Add("X-API-Key", key);
        return http;
    }

    /// <returns>What the story is made of, as the API answered it.</returns>
    private static async Task<object> ShowAsync(HttpClient http, TextWriter story, CancellationToken ct)
    {
        var definition = await File.ReadAllBytesAsync(Path.Combine(Samples, "orders.pipeline.json"), ct);
        var created = await SendAsync(http, HttpMethod.Post, "pipelines", Body(definition, "application/json"), ct);
        var pipeline = $"pipelines/{created.GetProperty("id").GetString()}";
        await SendAsync(http, HttpMethod.Post, $"{pipeline}/start", null, ct);
        var processors = created.GetProperty("config").GetProperty("processors").EnumerateArray().Select(processor => processor.GetProperty("type").GetString());
        await SayAsync(story, $"Pipeline \"{created.GetProperty("name").GetString()}\" is started: {string.Join(" > ", processors)}.");

        var orders = await File.ReadAllBytesAsync(Path.Combine(Samples, "orders.ndjson"), ct);
        var submitted = await SendAsync(http, HttpMethod.Post, $"{pipeline}/batches", Body(orders, "application/x-ndjson"), ct);
        await SayAsync(story, $"\nSubmitted {submitted.GetProperty("recordCount").GetInt32():N0} orders; they are stored, nothing can lose them any more.");
        var batch = $"{pipeline}/batches/{submitted.GetProperty("id").GetString()}";
        var ended = await WatchAsync(http, batch, story, ct);
        await SayAsync(story, $"{Capital(ended.GetProperty("status"))} in {Number(ended, "durationMs")} ms: {Number(ended, "deliveredCount")} delivered, {Number(ended, "droppedCount")} dropped on purpose, {Number(ended, "failedCount")} failed.");

        await SayAsync(story, $"\nThree of the failures:");
        var failures = await ItemsAsync(http, $"{batch}/errors?limit=3", ct);
        foreach (var failure in failures)
        {
            var processor = failure.GetProperty("processor") is { ValueKind: JsonValueKind.Object } at ? $" at {at.GetProperty("type").GetString()}" : "";
            await SayAsync(story, $"  record {failure.GetProperty("recordIndex")}{processor}: {failure.GetProperty("code").GetString()}, {failure.GetProperty("message").GetString()}");
        }
        await SayAsync(story, $"\nTwo of the delivered records:");
        var records = await ItemsAsync(http, $"{batch}/records?limit=2", ct);
        foreach (var delivered in records) await SayAsync(story, $"  {delivered.GetProperty("record").GetRawText()}");

        var shown = await SendAsync(http, HttpMethod.Get, pipeline, null, ct);
        var (metrics, latency) = (shown.GetProperty("metrics"), shown.GetProperty("metrics").GetProperty("latencyMs"));
        await SayAsync(story, $"""

            The pipeline's metrics:
              records    {Number(metrics, "recordsProcessed")} processed, {Number(metrics, "recordsDelivered")} delivered, {Number(metrics, "recordsDropped")} dropped, {Number(metrics, "recordsFailed")} failed
              errors     {shown.GetProperty("errorRate").GetDouble():P2} of the records
              latency    {Number(latency, "p50")} ms (median), {Number(latency, "p95")} ms (95 %) from a batch's submission to its end
              speed      {Number(metrics, "recordsPerSecond")} records a second
            """);
        await SayAsync(story, $"""

            To go on by hand, start the service; it prints its address and a key for development:
              dotnet run --project src/WebApi
            and in another terminal, with URL and KEY set to http://localhost:5080/api/v1 and that key:
              curl -s $URL/pipelines -H "X-API-Key: $KEY" -H 'Content-Type: application/json' -d @samples/orders.pipeline.json
              curl -s -X POST $URL/pipelines/<id>/start -H "X-API-Key: $KEY"
              curl -s $URL/pipelines/<id>/batches -H "X-API-Key: $KEY" -H 'Content-Type: application/x-ndjson' --data-binary @samples/orders.ndjson
            The whole API is at http://localhost:5080/docs.
            """);
        return new { pipeline = shown, batch = ended, failures, records };
    }

    /// <summary>Shows each step forward until the batch has ended.</summary>
    private static async Task<JsonElement> WatchAsync(HttpClient http, string address, TextWriter story, CancellationToken ct)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(ct);
        patience.CancelAfter(Patience);
        for (var shown = 0; ;)
        {
            var batch = await SendAsync(http, HttpMethod.Get, address, null, patience.Token);
            var processed = batch.GetProperty("processedCount").GetInt32();
            if (processed > shown) await SayAsync(story, $"  {processed,6:N0} of {batch.GetProperty("recordCount").GetInt32():N0} processed");
            shown = processed;
            if (batch.GetProperty("status").GetString() is not ("pending" or "processing")) return batch;
            await Task.Delay(Poll, patience.Token);
        }
    }

    private static async Task<JsonElement[]> ItemsAsync(HttpClient http, string address, CancellationToken ct) => [.. (await SendAsync(http, HttpMethod.Get, address, null, ct)).GetProperty("items").EnumerateArray()];

    private static async Task<JsonElement> SendAsync(HttpClient http, HttpMethod method, string address, HttpContent? content, CancellationToken ct)
    {
        using var request = new HttpRequestMessage(method, address) { Content = content };
        using var response = await http.SendAsync(request, ct);
        var body = await response.Content.ReadAsStringAsync(ct);
        return response.IsSuccessStatusCode ? JsonElement.Parse(body) : throw new DemoException($"{method} {address} was answered with {(int)response.StatusCode}: {body}");
    }

    private static ByteArrayContent Body(byte[] bytes, string type) => new(bytes) { Headers = { ContentType = new MediaTypeHeaderValue(type) } };

    private static string Capital(JsonElement text) => CultureInfo.InvariantCulture.TextInfo.ToTitleCase(text.GetString()!);

    private static string Number(JsonElement parent, string name) => parent.GetProperty(name) is { ValueKind: JsonValueKind.Number } number ? number.GetDouble().ToString("N0", CultureInfo.InvariantCulture) : "no";

    private static Task SayAsync(TextWriter story, FormattableString text) => story.WriteLineAsync(text.ToString(CultureInfo.InvariantCulture));

    private sealed class DemoException(string message) : Exception(message);
}
