using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace DataPipeline.Benchmarks;

/// <summary>A Redis for the length of a run.</summary>
internal sealed class BenchmarkRedis(string connectionString, Process? process) : IDisposable
{
    internal string ConnectionString => connectionString;

    /// <summary>The server named by <c>DATAPIPELINE_BENCHMARK_REDIS</c>, else one started from the binary on this machine, which keeps nothing.</summary>
    internal static async Task<BenchmarkRedis> StartAsync()
    {
        if (Environment.GetEnvironmentVariable("DATAPIPELINE_BENCHMARK_REDIS") is { Length: > 0 } given) return new BenchmarkRedis(given, null);

        using var free = new TcpListener(IPAddress.Loopback, 0);
        free.Start();
        var port = ((IPEndPoint)free.LocalEndpoint).Port.ToString(CultureInfo.InvariantCulture);
        free.Stop();
        var process = Process.Start(new ProcessStartInfo("redis-server", ["--bind", "127.0.0.1", "--port", port, "--save", ""]) { RedirectStandardOutput = true, WorkingDirectory = Path.GetTempPath() })!;
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            if (line.Contains("Ready to accept connections", StringComparison.Ordinal)) return new BenchmarkRedis($"127.0.0.1:{port}", process);
        }

        throw new InvalidOperationException("redis-server did not start.");
    }

    public void Dispose()
    {
        process?.Kill();
        process?.WaitForExit();
        process?.Dispose();
    }
}
