using System.Diagnostics;
using Npgsql;
using Testcontainers.PostgreSql;

namespace DataPipeline.WebApi.IntegrationTests.Persistence;

/// <summary>
/// The PostgreSQL server of this test run: the one that <c>DATAPIPELINE_TEST_POSTGRES</c> names, else a container where Docker answers,
/// else a server started from the binaries on this machine. Started once, when the first test asks for it.
/// </summary>
internal static class TestPostgres
{
    private const string Variable = "DATAPIPELINE_TEST_POSTGRES";

    /// <summary>Kept, since the server stops when nobody holds its input any more.</summary>
    private static Process? _local;

    private static readonly Lazy<Task<(string? ConnectionString, string? Missing)>> Server = new(StartAsync);

    /// <summary>Whether the server outlives the run, so that databases must be removed.</summary>
    internal static bool IsShared => Environment.GetEnvironmentVariable(Variable) is { Length: > 0 };

    /// <returns>A connection string that may create databases.</returns>
    internal static async Task<string> GetAsync()
    {
        var (connectionString, missing) = await Server.Value;
        if (connectionString is not null) return connectionString;
        if (string.Equals(Environment.GetEnvironmentVariable("CI"), "true", StringComparison.OrdinalIgnoreCase)) Assert.Fail(missing!);
        Assert.Skip(missing!);
        return "";
    }

    private static async Task<(string?, string?)> StartAsync()
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } given) return (given, null);
        if (await TestDocker.AnswersAsync())
        {
            var container = new PostgreSqlBuilder("postgres:17-alpine").WithCommand("-c", "fsync=off", "-c", "max_connections=300").Build();
            await container.StartAsync();
            return (container.GetConnectionString(), null);
        }

        if (FindBinaries() is { } binaries) return (await StartLocalAsync(binaries), null);
        return (null, $"These tests need PostgreSQL: set {Variable} to a connection string that may create databases, or start Docker, or install the server's binaries (initdb).");
    }

    private static string? FindBinaries()
    {
        if (OperatingSystem.IsWindows()) return null;
        var installed = Directory.Exists("/usr/lib/postgresql") ? Directory.EnumerateDirectories("/usr/lib/postgresql").OrderByDescending(d => double.TryParse(Path.GetFileName(d), out var v) ? v : 0).Select(d => Path.Combine(d, "bin")) : [];
        var onPath = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        return installed.Concat(onPath).FirstOrDefault(d => File.Exists(Path.Combine(d, "initdb")) && File.Exists(Path.Combine(d, "postgres")));
    }

    /// <summary>Without a port, on a socket in its own folder. A shell waits for the end of its input, which comes with the end of this process however it ends, and then stops the server.</summary>
    private static async Task<string> StartLocalAsync(string binaries)
    {
        const string script = """
            set -e
            folder=$1; bin=$2
            "$bin/initdb" -D "$folder/data" -U postgres -A trust -E UTF8 --locale=C --no-sync >"$folder/initdb.log" 2>&1
            "$bin/postgres" -D "$folder/data" -k "$folder" -c listen_addresses='' -c fsync=off -c max_connections=300 -c shared_buffers=64MB >"$folder/server.log" 2>&1 &
            server=$!
            cat >/dev/null
            kill -INT $server || true
            wait $server || true
            rm -rf "$folder"
            """;
        var folder = Directory.CreateTempSubdirectory("dp-pg-").FullName;
        var start = new ProcessStartInfo("sh") { RedirectStandardInput = true, WorkingDirectory = "/" };
        if (Environment.IsPrivilegedProcess)
        {
            // The server refuses to run as root.
            using (var chown = Process.Start("chown", ["nobody", folder])) await chown.WaitForExitAsync();
            start.FileName = "setpriv";
            foreach (var argument in new[] { "--reuid=nobody", "--clear-groups", "sh" }) start.ArgumentList.Add(argument);
        }

        foreach (var argument in new[] { "-c", script, "sh", folder, binaries }) start.ArgumentList.Add(argument);
        var server = _local = Process.Start(start) ?? throw new InvalidOperationException("The shell does not start.");
        var connectionString = new NpgsqlConnectionStringBuilder { Host = folder, Username = "postgres", Database = "postgres" }.ConnectionString;
        var deadline = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                await using var connection = new NpgsqlConnection(connectionString);
                await connection.OpenAsync();
                return connectionString;
            }
            catch (NpgsqlException) when (!server.HasExited && deadline.Elapsed < TimeSpan.FromSeconds(60))
            {
                await Task.Delay(50);
            }
        }
    }
}
