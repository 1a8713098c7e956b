using System.Net;
using System.Net.ServerSentEvents;
using System.Text;
using System.Text.Json;

namespace DataPipeline.WebApi.IntegrationTests.Events;

/// <summary>A client of a stream of events: the parser of the base class library, which reads them as the HTML standard says.</summary>
internal sealed class EventReader : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly SseParser<JsonElement> _parser;
    private readonly IAsyncEnumerator<SseItem<JsonElement>> _events;
    private readonly CancellationTokenSource _patience;

    private EventReader(HttpResponseMessage response, Stream body, CancellationTokenSource patience)
    {
        Response = response;
        _patience = patience;
        _parser = SseParser.Create(body, (_, data) => JsonElement.Parse(Encoding.UTF8.GetString(data)));
        _events = _parser.EnumerateAsync(patience.Token).GetAsyncEnumerator(patience.Token);
    }

    internal HttpResponseMessage Response { get; }

    internal string LastEventId => _parser.LastEventId;

    internal TimeSpan Retry => _parser.ReconnectionInterval;

    internal static async Task<EventReader> OpenAsync(HttpClient http, string key, string path, string? lastEventId = null)
    {
        var response = await GetAsync(http, key, path, lastEventId);
        Assert.True(response.StatusCode == HttpStatusCode.OK, $"{path} answered {response.StatusCode}");
        return new EventReader(response, await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken), CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken));
    }

    internal static Task<HttpResponseMessage> GetAsync(HttpClient http, string key, string path, string? lastEventId = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Add("X-API-Key", key);
        request.Headers.Add("Accept", "text/event-stream");
        if (lastEventId is not null) request.Headers.Add("Last-Event-ID", lastEventId);
        return http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
    }

    internal async Task<(string Type, string Id, JsonElement Data)> Next()
    {
        _patience.CancelAfter(Patience);
        Assert.True(await _events.MoveNextAsync(), "The stream has ended.");
        return (_events.Current.EventType, LastEventId, _events.Current.Data);
    }

    /// <summary>The next event that is what is looked for.</summary>
    internal async Task<(string Type, string Id, JsonElement Data)> Next(Func<string, JsonElement, bool> sought)
    {
        while (true)
        {
            var next = await Next();
            if (sought(next.Type, next.Data)) return next;
        }
    }

    /// <summary>What still comes until the stream has been ended as it should be.</summary>
    internal async Task<List<(string Type, string Id, JsonElement Data)>> Rest()
    {
        _patience.CancelAfter(Patience);
        var rest = new List<(string, string, JsonElement)>();
        while (await _events.MoveNextAsync()) rest.Add((_events.Current.EventType, LastEventId, _events.Current.Data));
        return rest;
    }

    public async ValueTask DisposeAsync()
    {
        Response.Dispose();
        await _events.DisposeAsync();
        _patience.Dispose();
    }
}
