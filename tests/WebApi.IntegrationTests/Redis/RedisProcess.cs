using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace DataPipeline.WebApi.IntegrationTests.Redis;

/// <summary>A Redis server of its own from the binary on this machine, so that it can be killed, halted, woken and started again.</summary>
internal sealed class RedisProcess : IAsyncDisposable
{
    private readonly int _port = FreePort();
    private Process? _process;

    private RedisProcess() => AppDomain.CurrentDomain.ProcessExit += KillAtExit;

    /// <summary>Also before it is started.</summary>
    internal string ConnectionString => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{_port}");

    internal static bool IsInstalled { get; } = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries).Any(folder => File.Exists(Path.Combine(folder, "redis-server")));

    /// <summary>One that is yet to be started. Skips the test where there is no binary, or fails it where <c>CI</c> is set.</summary>
    internal static RedisProcess Create()
    {
        if (!IsInstalled) TestRedis.Miss("This test needs redis-server on the PATH: it kills and halts it.");
        return new RedisProcess();
    }

    internal static async Task<RedisProcess> StartNewAsync()
    {
        var redis = Create();
        await redis.StartAsync();
        return redis;
    }

    internal async Task StartAsync()
    {
        _process = Process.Start(new ProcessStartInfo("redis-server", ["--bind", "127.0.0.1", "--port", _port.ToString(CultureInfo.InvariantCulture), "--save", "", "--appendonly", "no"])
        {
            RedirectStandardOutput = true,
            WorkingDirectory = Path.GetTempPath(),
        })!;
        while (await _process.StandardOutput.ReadLineAsync() is { } line)
        {
            if (line.Contains("Ready to accept connections", StringComparison.Ordinal)) return;
        }

        Assert.Fail("redis-server did not start.");
    }

    internal void Kill()
    {
        if (_process is not { } process) return;
        process.Kill();
        process.WaitForExit();
        process.Dispose();
        _process = null;
    }

    /// <param name="signal">As the command <c>kill</c> names it.</param>
    internal async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("kill", ["-s", signal, _process!.Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
        Assert.Equal(0, kill.ExitCode);
    }

    public ValueTask DisposeAsync()
    {
        AppDomain.CurrentDomain.ProcessExit -= KillAtExit;
        Kill();
        return ValueTask.CompletedTask;
    }

    private void KillAtExit(object? sender, EventArgs e) => Kill();

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
