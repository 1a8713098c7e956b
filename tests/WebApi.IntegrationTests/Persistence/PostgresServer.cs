using System.Diagnostics;
using Npgsql;

namespace DataPipeline.WebApi.IntegrationTests.Persistence;

/// <summary>
/// A PostgreSQL server started from the binaries on this machine, without a port, on a socket in its own folder.
/// A shell waits for the end of its input, which comes with the end of this process however it ends, and then stops the server.
/// </summary>
internal sealed class PostgresServer : IAsyncDisposable
{
    private const string Script = """
        set -e
        folder=$1; bin=$2
        start() {
          "$bin/postgres" -D "$folder/data" -k "$folder" -c listen_addresses='' -c fsync=off -c max_connections=300 -c shared_buffers=64MB >>"$folder/server.log" 2>&1 &
          server=$!
        }
        "$bin/initdb" -D "$folder/data" -U postgres -A trust -E UTF8 --locale=C --no-sync >"$folder/initdb.log" 2>&1
        start
        while read -r signal; do
          kill -s "$signal" $server
          wait $server || true
          start
          echo started
        done
        kill -INT $server || true
        wait $server || true
        rm -rf "$folder"
        """;

    /// <summary>Whom the server runs as where root starts it, since it refuses to run as root.</summary>
    internal const string UserOfRoot = "nobody";

    private readonly Process _shell;

    private PostgresServer(Process shell, string folder)
    {
        _shell = shell;
        ConnectionString = new NpgsqlConnectionStringBuilder { Host = folder, Username = "postgres", Database = "postgres" }.ConnectionString;
        Socket = Path.Combine(folder, ".s.PGSQL.5432");
    }

    /// <summary>May do everything.</summary>
    internal string ConnectionString { get; }

    /// <summary>Path of the Unix socket it listens on.</summary>
    internal string Socket { get; }

    /// <summary>The server of a test that stops it. Skips the test where there are no binaries, or fails it where <c>CI</c> is set.</summary>
    internal static async Task<PostgresServer> StartOwnAsync()
    {
        const string missing = "The server that this test stops is started from PostgreSQL's binaries (initdb), and there are none.";
        var binaries = FindBinaries();
        if (binaries is null && string.Equals(Environment.GetEnvironmentVariable("CI"), "true", StringComparison.OrdinalIgnoreCase)) Assert.Fail(missing);
        Assert.SkipWhen(binaries is null, missing);
        return await StartAsync(binaries);
    }

    internal static string? FindBinaries()
    {
        if (OperatingSystem.IsWindows()) return null;
        var installed = Directory.Exists("/usr/lib/postgresql") ? Directory.EnumerateDirectories("/usr/lib/postgresql").OrderByDescending(d => double.TryParse(Path.GetFileName(d), out var v) ? v : 0).Select(d => Path.Combine(d, "bin")) : [];
        var onPath = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        return installed.Concat(onPath).FirstOrDefault(d => File.Exists(Path.Combine(d, "initdb")) && File.Exists(Path.Combine(d, "postgres")));
    }

    internal static async Task<PostgresServer> StartAsync(string binaries)
    {
        var folder = Directory.CreateTempSubdirectory("dp-pg-").FullName;
        var start = new ProcessStartInfo("sh") { RedirectStandardInput = true, RedirectStandardOutput = true, WorkingDirectory = "/" };
        if (Environment.IsPrivilegedProcess)
        {
            using (var chown = Process.Start("chown", [UserOfRoot, folder])) await chown.WaitForExitAsync();
            start.FileName = "setpriv";
            foreach (var argument in new[] { $"--reuid={UserOfRoot}", "--clear-groups", "sh" }) start.ArgumentList.Add(argument);
        }

        foreach (var argument in new[] { "-c", Script, "sh", folder, binaries }) start.ArgumentList.Add(argument);
        var server = new PostgresServer(Process.Start(start) ?? throw new InvalidOperationException("The shell does not start."), folder);
        await server.AnswersAsync();
        return server;
    }

    /// <summary>As <c>pg_ctl restart -m immediate</c>: no connection is told, nothing is written to its end, and the start is a recovery.</summary>
    internal async Task RestartImmediatelyAsync()
    {
        await _shell.StandardInput.WriteLineAsync("QUIT");
        Assert.Equal("started", await _shell.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken));
        await AnswersAsync();
    }

    public async ValueTask DisposeAsync()
    {
        _shell.StandardInput.Close();
        await _shell.WaitForExitAsync();
        _shell.Dispose();
    }

    private async Task AnswersAsync()
    {
        var deadline = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(ConnectionString) { Pooling = false }.ConnectionString);
                await connection.OpenAsync();
                return;
            }
            catch (NpgsqlException) when (!_shell.HasExited && deadline.Elapsed < TimeSpan.FromSeconds(60))
            {
                await Task.Delay(50);
            }
        }
    }
}
