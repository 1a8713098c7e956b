using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace DataPipeline.Benchmarks.Soak;

/// <summary>An owner, who sends requests to the processes in turns. An answer that was not expected is an exception; thread-safe.</summary>
internal sealed class SoakOwner : IDisposable
{
    private readonly HttpClient[] _processes;
    private int _turn;

    internal SoakOwner(string name, string key, IEnumerable<Uri> processes)
    {
        Name = name;
        _processes = [.. processes.Select(address =>
        {
            var http = new HttpClient { BaseAddress = address, Timeout = TimeSpan.FromMinutes(2) };
            http.DefaultRequestHeaders.Add("X-API-Key", key);
            return http;
        })];
    }

    internal string Name { get; }

    public void Dispose()
    {
        foreach (var http in _processes) http.Dispose();
    }

    internal Task<Answer> GetAsync(string path, params HttpStatusCode[] expected) => SendAsync(HttpMethod.Get, path, null, [], expected);

    internal Task<Answer> PostAsync(string path, HttpContent? content, params HttpStatusCode[] expected) => SendAsync(HttpMethod.Post, path, content, [], expected);

    internal Task<Answer> PostAsync(string path, object body, params HttpStatusCode[] expected) => SendAsync(HttpMethod.Post, path, JsonContent.Create(body), [], expected);

    internal async Task<Answer> SendAsync(HttpMethod method, string path, HttpContent? content, (string Name, string Value)[] headers, params HttpStatusCode[] expected)
    {
        using var request = Request(method, path, content, headers);
        using var response = await Next().SendAsync(request);
        var body = await response.Content.ReadAsByteArrayAsync();
        var answer = new Answer(response.StatusCode, body, response.Headers.ETag?.Tag);
        return expected.Contains(response.StatusCode)
            ? answer
            : throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"{method} {path} answered {(int)answer.Status} instead of {string.Join(" or ", expected.Select(status => (int)status))}: {answer.Text}"));
    }

    /// <summary>Reads a stream of events until it ends, or as long as it is wanted.</summary>
    /// <returns>The names of the events.</returns>
    internal async Task<IReadOnlyList<string>> WatchAsync(string path, CancellationToken unwanted)
    {
        const string field = "event: ";
        var events = new List<string>();
        try
        {
            using var request = Request(HttpMethod.Get, path, null, []);
            using var response = await Next().SendAsync(request, HttpCompletionOption.ResponseHeadersRead, unwanted);
            response.EnsureSuccessStatusCode();
            using var lines = new StreamReader(await response.Content.ReadAsStreamAsync(unwanted));
            while (await lines.ReadLineAsync(unwanted) is { } line)
            {
                if (line.StartsWith(field, StringComparison.Ordinal)) events.Add(line[field.Length..]);
            }
        }
        catch (OperationCanceledException) when (unwanted.IsCancellationRequested)
        {
            // Readers come and go.
        }

        return events;
    }

    private HttpClient Next() => _processes[(uint)Interlocked.Increment(ref _turn) % _processes.Length];

    private static HttpRequestMessage Request(HttpMethod method, string path, HttpContent? content, (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(method, path) { Content = content };
        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        return request;
    }

    internal sealed record Answer(HttpStatusCode Status, byte[] Body, string? ETag)
    {
        internal JsonElement Json => JsonElement.Parse(Body);

        internal string Text => System.Text.Encoding.UTF8.GetString(Body);
    }
}
