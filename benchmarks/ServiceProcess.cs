using System.Diagnostics;
using System.Text.RegularExpressions;

namespace DataPipeline.Benchmarks;

/// <summary>The service as a process of its own, on a free port.</summary>
internal sealed partial class ServiceProcess : IDisposable
{
    private readonly Process _process;

    private ServiceProcess(Process process, HttpClient http) => (_process, Http) = (process, http);

    internal HttpClient Http { get; }

    internal static async Task<ServiceProcess> StartAsync(BenchmarkDatabase database)
    {
        using var keys = Start(database, "keys", "create", "--owner", "benchmark", "--name", "benchmark", "--rate-limit", "1000000");
        var key = (await keys.StandardOutput.ReadToEndAsync()).Trim();
        var process = Start(database, "--urls", "http://127.0.0.1:0");
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            if (Address().Match(line) is not { Success: true } address) continue;
            _ = process.StandardOutput.BaseStream.CopyToAsync(Stream.Null); // A full pipe would halt the service.
            var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{address.Groups["port"].Value}/api/v1/"), Timeout = TimeSpan.FromMinutes(5) };
            http.DefaultRequestHeaders.Add("X-API-Key", key);
            return new ServiceProcess(process, http);
        }
        throw new InvalidOperationException("The service did not start.");
    }

    public void Dispose()
    {
        Http.Dispose();
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }

    private static Process Start(BenchmarkDatabase database, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "DataPipeline.WebApi.dll"), .. arguments]) { RedirectStandardOutput = true, WorkingDirectory = AppContext.BaseDirectory };
        start.Environment["ASPNETCORE_ENVIRONMENT"] = "Production";
        start.Environment[database.Setting] = database.ConnectionString;
        return Process.Start(start)!;
    }

    [GeneratedRegex(@"http:\\?/\\?/127\.0\.0\.1:(?<port>\d+)")]
    private static partial Regex Address();
}
