using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using DataPipeline.Infrastructure.Security;
using DataPipeline.WebApi.IntegrationTests.Observability;
using DataPipeline.WebApi.IntegrationTests.Persistence;

namespace DataPipeline.WebApi.IntegrationTests.Faults;

/// <summary>The real service as a process of its own, so that it can be killed, halted and woken.</summary>
internal sealed partial class ServiceProcess : IAsyncDisposable
{
    internal static readonly IReadOnlyDictionary<string, string> Keys = new[] { "acme", "other" }.ToDictionary(owner => owner, _ => new ApiKeySecrets().Generate().Key);
    internal const string NdJson = "application/x-ndjson";

    /// <summary>One whose records take half a millisecond each, by hashing a long salt, so that there is something to interrupt.</summary>
    internal static readonly string SlowConfig = JsonSerializer.Serialize(new
    {
        source = new { type = "api" },
        processors = Enumerable.Repeat(new { type = "fingerprint", options = new { fields = (string[])["id"], method = "SHA-512", salt = new string('s', 30_000) } }, 8),
        destination = new { type = "store" },
    });

    private readonly Process _process;
    private bool _isDisposed;
    private readonly ConcurrentQueue<string> _log = new();
    private readonly TaskCompletionSource<Uri> _address = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private ServiceProcess(Process process) => _process = process;

    internal HttpClient Http { get; } = new() { Timeout = TimeSpan.FromSeconds(60) };

    internal bool IsRunning => !_process.HasExited;

    internal int ExitCode => _process.ExitCode;

    internal IEnumerable<string> Log => _log;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static async Task<ServiceProcess> StartAsync(TestDatabase database, params (string Key, string Value)[] settings)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "DataPipeline.WebApi.dll"), "--urls", "http://127.0.0.1:0"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = AppContext.BaseDirectory,
        };
        start.Environment["RateLimiting__PermitLimit"] = "1000000";
        foreach (var (key, value) in database.Settings) start.Environment[EnvironmentName(key)] = value;
        foreach (var (key, value) in settings) start.Environment[EnvironmentName(key)] = value;
        foreach (var (owner, i) in Keys.Keys.Select((owner, i) => (owner, i)))
        {
            start.Environment[$"ApiKeys__Bootstrap__{i}__Owner"] = owner;
            start.Environment[$"ApiKeys__Bootstrap__{i}__Name"] = "test";
            start.Environment[$"ApiKeys__Bootstrap__{i}__Key"] = Keys[owner];
        }

        start.Environment["ASPNETCORE_ENVIRONMENT"] = "Production";
        start.Environment["Logging__LogLevel__DataPipeline.Infrastructure.Workers"] = "Debug";
        var service = new ServiceProcess(Process.Start(start)!);
        AppDomain.CurrentDomain.ProcessExit += service.KillAtExit;
        service._process.OutputDataReceived += (_, line) => service.Note(line.Data);
        service._process.ErrorDataReceived += (_, line) => service.Note(line.Data);
        service._process.BeginOutputReadLine();
        service._process.BeginErrorReadLine();
        try
        {
            service.Http.BaseAddress = await service._address.Task.WaitAsync(TimeSpan.FromSeconds(60), Stop);
        }
        catch (TimeoutException)
        {
            service.Kill();
            Assert.Fail($"The service did not start:\n{string.Join('\n', service._log)}");
        }

        return service;
    }

    /// <summary>As <c>kill -9</c> does, and as a power failure would but for the disk.</summary>
    internal void Kill()
    {
        if (!_process.HasExited) _process.Kill();
        _process.WaitForExit();
    }

    /// <param name="line">Of <c>/proc/pid/status</c>: <c>VmRSS</c> for now, <c>VmHWM</c> for the peak.</param>
    /// <returns>In bytes.</returns>
    internal long WorkingSet(string line)
    {
        var found = File.ReadLines($"/proc/{_process.Id}/status").Single(l => l.StartsWith(line, StringComparison.Ordinal));
        return long.Parse(found.AsSpan(found.IndexOf(':', StringComparison.Ordinal) + 1)[..^2], NumberStyles.Integer | NumberStyles.AllowTrailingWhite | NumberStyles.AllowLeadingWhite, CultureInfo.InvariantCulture) << 10;
    }

    /// <param name="signal">As the command <c>kill</c> names it.</param>
    internal async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("kill", ["-s", signal, _process.Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync(Stop);
        Assert.Equal(0, kill.ExitCode);
    }

    internal Task WaitForExitAsync(TimeSpan atMost) => _process.WaitForExitAsync(Stop).WaitAsync(atMost, Stop);

    internal async Task<string> CreatePipelineAsync(string owner, string config = """{"source":{"type":"api"},"processors":[],"destination":{"type":"store"}}""")
    {
        var created = await SendAsync(owner, HttpMethod.Post, "pipelines", $$"""{"name":"{{Path.GetRandomFileName()}}","config":{{config}}}""");
        var id = created.GetProperty("id").GetString()!;
        await SendAsync(owner, HttpMethod.Post, $"pipelines/{id}/start");
        return id;
    }

    /// <summary>Submits records with ascending numbers, of which every hundredth is none.</summary>
    internal async Task<Guid> SubmitAsync(string owner, string pipeline, int records)
    {
        var accepted = await SendAsync(owner, HttpMethod.Post, $"pipelines/{pipeline}/batches", Records(records), NdJson);
        return accepted.GetProperty("id").GetGuid();
    }

    internal static string Records(int count) =>
        string.Join('\n', Enumerable.Range(0, count).Select(i => i % 100 == 99 ? "no record" : $$"""{"id":{{i}},"customer":"Ada","amount":"12.50"}"""));

    internal async Task<JsonElement> SendAsync(string owner, HttpMethod method, string path, string? body = null, string contentType = "application/json", string? prefer = null)
    {
        using var answer = await TrySendAsync(owner, method, path, body, contentType, prefer);
        Assert.True(answer.IsSuccessStatusCode, $"{method} {path}: {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync(Stop)}");
        return await answer.Content.ReadFromJsonAsync<JsonElement>(Stop);
    }

    /// <summary>Whatever the answer.</summary>
    internal async Task<HttpResponseMessage> TrySendAsync(string owner, HttpMethod method, string path, string? body = null, string contentType = "application/json", string? prefer = null)
    {
        using var request = new HttpRequestMessage(method, $"/api/v1/{path}");
        request.Headers.Add("X-API-Key", Keys[owner]);
        if (prefer is not null) request.Headers.Add("Prefer", prefer);
        if (body is not null) request.Content = new StringContent(body, new MediaTypeHeaderValue(contentType));
        return await Http.SendAsync(request, Stop);
    }

    /// <param name="metric">As <c>/metrics</c> names it.</param>
    internal async Task<double> ReadMetricAsync(string metric) => new Scrape(await Http.GetStringAsync("/metrics", Stop)).Sum(metric);

    internal async Task<bool> IsReadyAsync()
    {
        using var answer = await Http.GetAsync("/health/ready", Stop);
        return answer.IsSuccessStatusCode;
    }

    /// <summary>By which name it takes chunks; <c>null</c> before it begins to.</summary>
    internal string? Worker => _log.Select(line => Working().Match(line)).FirstOrDefault(match => match.Success)?.Groups[1].Value;

    /// <summary>The chunks it has committed.</summary>
    internal IReadOnlyList<long> CommittedChunks() =>
        [.. _log.Select(line => Committed().Match(line)).Where(match => match.Success).Select(match => long.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture))];

    /// <summary>The batch of each chunk it has committed, in that order.</summary>
    internal IReadOnlyList<Guid> CommittedBatches() => [.. _log.Select(line => Committed().Match(line)).Where(match => match.Success).Select(match => Guid.Parse(match.Groups[2].Value))];

    /// <summary>Kills it. A second time is nothing.</summary>
    public ValueTask DisposeAsync()
    {
        if (_isDisposed) return ValueTask.CompletedTask;
        _isDisposed = true;
        AppDomain.CurrentDomain.ProcessExit -= KillAtExit;
        Kill();
        Http.Dispose();
        _process.Dispose();
        return ValueTask.CompletedTask;
    }

    private static string EnvironmentName(string key) => key.Replace(":", "__", StringComparison.Ordinal);

    private void KillAtExit(object? sender, EventArgs e) => Kill();

    private void Note(string? line)
    {
        if (line is null) return;
        _log.Enqueue(line);
        if (Listening().Match(line) is { Success: true } match) _address.TrySetResult(new Uri(match.Value));
    }

    [GeneratedRegex(@"http://127\.0\.0\.1:\d+")]
    private static partial Regex Listening();

    [GeneratedRegex(@"Worker (\w+) takes up to")]
    private static partial Regex Working();

    [GeneratedRegex(@"Chunk (\d+) of batch (\S+) is committed")]
    private static partial Regex Committed();
}
