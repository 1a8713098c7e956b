using System.Globalization;
using System.Net;
using System.Net.Sockets;
using DataPipeline.WebApi.IntegrationTests.Persistence;
using Garnet;
using Testcontainers.Redis;

namespace DataPipeline.WebApi.IntegrationTests.Redis;

/// <summary>
/// The Redis server of this test run: the one that <c>DATAPIPELINE_TEST_REDIS</c> names, else a container where Docker answers,
/// else <c>redis-server</c> from the <c>PATH</c>, else Garnet in this process. Started once, when the first test asks for it; tests share it by names of their own.
/// </summary>
internal static class TestRedis
{
    private const string Variable = "DATAPIPELINE_TEST_REDIS";
    private static readonly Lazy<Task<string>> Server = new(StartAsync);

    /// <summary>Kept for as long as the run lasts.</summary>
    private static IDisposable? _garnet;

    /// <returns>A connection string.</returns>
    internal static Task<string> GetAsync() => Server.Value;

    internal static void Miss(string missing)
    {
        if (string.Equals(Environment.GetEnvironmentVariable("CI"), "true", StringComparison.OrdinalIgnoreCase)) Assert.Fail(missing);
        Assert.Skip(missing);
    }

    private static async Task<string> StartAsync()
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } given) return given;
        if (await TestDocker.AnswersAsync())
        {
            var container = new RedisBuilder("redis:7-alpine").Build();
            await container.StartAsync();
            return container.GetConnectionString();
        }

        return RedisProcess.IsInstalled ? (await RedisProcess.StartNewAsync()).ConnectionString : StartGarnet();
    }

    internal static string StartGarnet()
    {
        using var free = new TcpListener(IPAddress.Loopback, 0);
        free.Start();
        var port = ((IPEndPoint)free.LocalEndpoint).Port.ToString(CultureInfo.InvariantCulture);
        free.Stop();
        // Without transactions its scripts are not atomic.
        var garnet = new GarnetServer(["--bind", "127.0.0.1", "--port", port, "--lua", "--lua-transaction-mode", "--memory", "64m", "--index", "8m", "-q"]);
        garnet.Start();
        _garnet = garnet;
        return $"127.0.0.1:{port}";
    }
}
