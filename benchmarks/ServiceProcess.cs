using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace DataPipeline.Benchmarks;

/// <summary>The service as a process of its own, on a free port.</summary>
internal sealed partial class ServiceProcess : IDisposable
{
    private readonly Process _process;

    private ServiceProcess(Process process, HttpClient http) => (_process, Http) = (process, http);

    /// <summary>The most memory the process has had, in bytes.</summary>
    internal long PeakMemory
    {
        get
        {
            _process.Refresh();
            return _process.PeakWorkingSet64;
        }
    }

    internal HttpClient Http { get; }

    internal int Id => _process.Id;

    internal bool HasExited => _process.HasExited;

    /// <summary>What the process has used of all processors since its start.</summary>
    internal TimeSpan ProcessorTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <summary>The memory the process has in use, in bytes.</summary>
    internal long ResidentMemory
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64;
        }
    }

    /// <param name="variables">Environment variables, besides those that say which database to use.</param>
    internal static Task<ServiceProcess> StartAsync(BenchmarkDatabase database, params (string Name, string Value)[] variables) => StartAsync(database, TextWriter.Null, variables);

    /// <param name="log">What the process writes to standard output once it listens.</param>
    internal static async Task<ServiceProcess> StartAsync(BenchmarkDatabase database, TextWriter log, params (string Name, string Value)[] variables)
    {
        var key = await CreateKeyAsync(database, "benchmark", variables);
        var process = Start(database, variables, "--urls", "http://127.0.0.1:0");
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            if (Address().Match(line) is not { Success: true } address) continue;
            _ = CopyAsync(process.StandardOutput, log); // A full pipe would halt the service.
            var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{address.Groups["port"].Value}/api/v1/"), Timeout = TimeSpan.FromMinutes(5) };
            http.DefaultRequestHeaders.Add("X-API-Key", key);
            return new ServiceProcess(process, http);
        }
        throw new InvalidOperationException("The service did not start.");
    }

    internal static async Task<string> CreateKeyAsync(BenchmarkDatabase database, string owner, params (string Name, string Value)[] variables)
    {
        using var keys = Start(database, variables, "keys", "create", "--owner", owner, "--name", "benchmark", "--rate-limit", "1000000");
        return (await keys.StandardOutput.ReadToEndAsync()).Trim();
    }

    /// <summary>The sample's pipeline, started.</summary>
    /// <returns>Its address.</returns>
    internal async Task<string> CreatePipelineAsync(string name = "orders")
    {
        var definition = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "samples", "orders.pipeline.json")))!;
        definition["name"] = name;
        using var created = await Http.PostAsJsonAsync("pipelines", definition);
        var pipeline = $"pipelines/{(await ReadAsync(created)).GetProperty("id").GetString()}";
        using var started = await Http.PostAsync($"{pipeline}/start", null);
        started.EnsureSuccessStatusCode();
        return pipeline;
    }

    /// <summary>Submits NDJSON and waits for the end of the batch.</summary>
    internal async Task SubmitAsync(string pipeline, byte[] body)
    {
        using var request = Submission(pipeline, body);
        request.Headers.Add("Prefer", "wait=60");
        using var response = await Http.SendAsync(request);
        var batch = await ReadAsync(response);
        if (batch.GetProperty("status").GetString() != "completed") throw new InvalidOperationException($"The batch did not complete: {batch}");
    }

    /// <summary>Submits NDJSON and waits for no more than its acceptance.</summary>
    internal async Task AcceptAsync(string pipeline, byte[] body)
    {
        using var request = Submission(pipeline, body);
        using var response = await Http.SendAsync(request);
        await ReadAsync(response);
    }

    /// <summary>Asks the process to stop, and waits until it has.</summary>
    /// <returns>Its exit code; <c>null</c> where it goes on for longer than <paramref name="patience"/>.</returns>
    internal async Task<int?> StopAsync(TimeSpan patience)
    {
        using (var kill = Process.Start("kill", ["-TERM", Id.ToString(CultureInfo.InvariantCulture)])) await kill.WaitForExitAsync();
        return _process.WaitForExit(patience) ? _process.ExitCode : null;
    }

    public void Dispose()
    {
        Http.Dispose();
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }

    private static HttpRequestMessage Submission(string pipeline, byte[] body)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, $"{pipeline}/batches") { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/x-ndjson");
        return request;
    }

    private static Process Start(BenchmarkDatabase database, (string Name, string Value)[] variables, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "DataPipeline.WebApi.dll"), .. arguments]) { RedirectStandardOutput = true, WorkingDirectory = AppContext.BaseDirectory };
        start.Environment["ASPNETCORE_ENVIRONMENT"] = "Production";
        start.Environment[database.Setting] = database.ConnectionString;
        foreach (var (name, value) in variables) start.Environment[name] = value;
        return Process.Start(start)!;
    }

    private static async Task CopyAsync(StreamReader from, TextWriter to)
    {
        while (await from.ReadLineAsync() is { } line) await to.WriteLineAsync(line);
    }

    private static async Task<JsonElement> ReadAsync(HttpResponseMessage response) => response.IsSuccessStatusCode
        ? await response.Content.ReadFromJsonAsync<JsonElement>()
        : throw new InvalidOperationException(await response.Content.ReadAsStringAsync());

    [GeneratedRegex(@"http:\\?/\\?/127\.0\.0\.1:(?<port>\d+)")]
    private static partial Regex Address();
}
