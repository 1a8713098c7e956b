using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Text.Json;

namespace DataPipeline.WebApi.IntegrationTests.Faults;

/// <summary>Clients that submit and read at a steady rate, however they are answered and however long that takes.</summary>
internal sealed class Traffic : IAsyncDisposable
{
    private const int BatchRecords = 10;
    private readonly Func<ServiceProcess> _choose;
    private readonly string _pipeline;
    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentBag<Answer> _answers = [];
    private readonly ConcurrentBag<Guid> _acknowledged = [];
    private readonly Stopwatch _watch = Stopwatch.StartNew();
    private readonly Task _sending;

    private Traffic(Func<ServiceProcess> choose, string pipeline, int submitsPerSecond)
    {
        (_choose, _pipeline) = (choose, pipeline);
        _sending = SendAsync(TimeSpan.FromSeconds(1) / submitsPerSecond);
    }

    /// <summary>The batches that were accepted.</summary>
    internal IReadOnlyCollection<Guid> Acknowledged => _acknowledged;

    internal TimeSpan Now => _watch.Elapsed;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    internal static Traffic To(ServiceProcess service, string pipeline, int submitsPerSecond) => new(() => service, pipeline, submitsPerSecond);

    internal static Traffic Through(Balancer balancer, string pipeline, int submitsPerSecond) => new(balancer.Choose, pipeline, submitsPerSecond);

    /// <summary>Waits for what was sent to be answered, too.</summary>
    internal async Task StopAsync()
    {
        await _stopping.CancelAsync();
        await _sending;
        TestContext.Current.SendDiagnosticMessage(
            "{0}, slowest {1:0.0} s", string.Join(", ", _answers.CountBy(a => a.Status).Select(count => $"{(int)count.Key}: {count.Value}")), _answers.Max(a => a.Took.TotalSeconds));
    }

    /// <summary>That every request was served.</summary>
    internal void AssertAllServed() => Assert.All(_answers, answer => Assert.True((int)answer.Status < 300, answer.ToString()));

    /// <summary>That what was not served was answered 503 with Retry-After, all of it within <paramref name="atMost"/>, and that both came about.</summary>
    internal void AssertServedOrUnavailable(TimeSpan atMost)
    {
        Assert.All(_answers, answer =>
        {
            Assert.True((int)answer.Status < 300 || answer is { Status: HttpStatusCode.ServiceUnavailable, HasRetryAfter: true }, answer.ToString());
            Assert.True(answer.Took < atMost, answer.ToString());
        });
        Assert.Contains(_answers, answer => answer.Status == HttpStatusCode.ServiceUnavailable);
        Assert.Contains(_answers, answer => (int)answer.Status < 300);
    }

    /// <summary>That everything that was sent <paramref name="after"/> <paramref name="moment"/> was served.</summary>
    internal void AssertServedAgain(TimeSpan moment, TimeSpan after) => Assert.All(_answers.Where(answer => answer.SentAt > moment + after), answer => Assert.True((int)answer.Status < 300, answer.ToString()));

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _sending;
        _stopping.Dispose();
    }

    private async Task SendAsync(TimeSpan interval)
    {
        var underWay = new List<Task>();
        using var timer = new PeriodicTimer(interval);
        try
        {
            while (await timer.WaitForNextTickAsync(_stopping.Token))
            {
                underWay.Add(SubmitAsync());
                underWay.Add(AskAsync(HttpMethod.Get, "pipelines?limit=5", null));
            }
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(underWay);
        }
    }

    private async Task SubmitAsync()
    {
        if (await AskAsync(HttpMethod.Post, $"pipelines/{_pipeline}/batches", ServiceProcess.Records(BatchRecords)) is { } batch) _acknowledged.Add(JsonElement.Parse(batch).GetProperty("id").GetGuid());
    }

    private async Task<string?> AskAsync(HttpMethod method, string path, string? body)
    {
        var sentAt = _watch.Elapsed;
        try
        {
            using var response = await _choose().TrySendAsync("acme", method, path, body, ServiceProcess.NdJson);
            var text = await response.Content.ReadAsStringAsync(Stop);
            _answers.Add(new Answer(sentAt, _watch.Elapsed - sentAt, response.StatusCode, response.Headers.RetryAfter is not null, $"{method} {path}: {text}"));
            return response.IsSuccessStatusCode ? text : null;
        }
        catch (Exception failure) when (failure is HttpRequestException or OperationCanceledException && !Stop.IsCancellationRequested)
        {
            _answers.Add(new Answer(sentAt, _watch.Elapsed - sentAt, HttpStatusCode.InternalServerError, false, $"{method} {path}: no answer: {failure.GetBaseException().Message}"));
            return null;
        }
    }

    private sealed record Answer(TimeSpan SentAt, TimeSpan Took, HttpStatusCode Status, bool HasRetryAfter, string Text);
}
