using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace DataPipeline.Benchmarks.Soak;

/// <summary>A receiver of webhooks that has its moods: now and then it refuses a request for the moment, or takes it and answers as if it had not. It remembers the ids of requests, and takes each once.</summary>
internal sealed class SoakReceiver : IAsyncDisposable
{
    private const int RefusesEach = 20;
    private const int ForgetsToAnswerEach = 30;
    private readonly ConcurrentDictionary<string, byte> _ids = new();
    private readonly ConcurrentDictionary<string, ConcurrentBag<int>> _taken = new();
    private readonly WebApplication _app;
    private int _requests;

    private SoakReceiver()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _app = builder.Build();
        _app.MapPost("/orders", TakeAsync);
        _app.MapPost("/refuse", () => Results.BadRequest());
    }

    internal string Url => _app.Urls.Single();

    internal static async Task<SoakReceiver> StartAsync()
    {
        var receiver = new SoakReceiver();
        await receiver._app.StartAsync();
        return receiver;
    }

    /// <summary>The records of a submission that were taken, each as often as it came; they are forgotten.</summary>
    internal IReadOnlyList<int> Collect(string run) => _taken.TryRemove(run, out var numbers) ? [.. numbers.Order()] : [];

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task TakeAsync(HttpContext http)
    {
        var mood = Interlocked.Increment(ref _requests);
        if (mood % RefusesEach == 0)
        {
            http.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            return;
        }

        using var body = await JsonDocument.ParseAsync(http.Request.Body, cancellationToken: http.RequestAborted);
        if (_ids.TryAdd(http.Request.Headers["webhook-id"].ToString(), 0))
        {
            foreach (var record in body.RootElement.EnumerateArray()) _taken.GetOrAdd(record.GetProperty("run").GetString()!, _ => []).Add(record.GetProperty("n").GetInt32());
        }

        http.Response.StatusCode = mood % ForgetsToAnswerEach == 0 ? StatusCodes.Status500InternalServerError : StatusCodes.Status204NoContent;
    }
}
