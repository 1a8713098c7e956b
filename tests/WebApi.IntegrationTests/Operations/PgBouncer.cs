using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using DataPipeline.WebApi.IntegrationTests.Persistence;
using Npgsql;

namespace DataPipeline.WebApi.IntegrationTests.Operations;

/// <summary>A pooler in front of a database, in the mode in which a session belongs to nobody for longer than a transaction. Where none is installed, asking for one skips the test, or fails it where <c>CI</c> is set.</summary>
internal sealed class PgBouncer : IAsyncDisposable
{
    private readonly Process _process;
    private readonly string _folder;

    private PgBouncer(Process process, string folder, string connectionString) => (_process, _folder, ConnectionString) = (process, folder, connectionString);

    internal string ConnectionString { get; }

    internal static async Task<PgBouncer> StartAsync(string database)
    {
        const string binary = "/usr/sbin/pgbouncer";
        if (!File.Exists(binary))
        {
            if (string.Equals(Environment.GetEnvironmentVariable("CI"), "true", StringComparison.OrdinalIgnoreCase)) Assert.Fail($"This test needs {binary}.");
            Assert.Skip($"This test needs {binary}.");
        }

        var server = new NpgsqlConnectionStringBuilder(database);
        var (folder, port) = (Directory.CreateTempSubdirectory("dp-bouncer-").FullName, FreePort());
        var users = Path.Combine(folder, "users.txt");
        await File.WriteAllTextAsync(users, $"\"{server.Username}\" \"{server.Password}\"\n");
        var settings = Path.Combine(folder, "pgbouncer.ini");
        await File.WriteAllTextAsync(settings, $"""
            [databases]
            {server.Database} = host={server.Host} port={server.Port} dbname={server.Database}
            [pgbouncer]
            listen_addr = 127.0.0.1
            listen_port = {port}
            unix_socket_dir =
            auth_type = trust
            auth_file = {users}
            pool_mode = transaction
            default_pool_size = 4
            """);
        var start = new ProcessStartInfo(binary) { RedirectStandardError = true };
        if (Environment.IsPrivilegedProcess)
        {
            // It refuses to run as root.
            using (var chown = Process.Start("chown", ["-R", "nobody", folder])) await chown.WaitForExitAsync();
            start.FileName = "setpriv";
            foreach (var argument in (string[])["--reuid=nobody", "--clear-groups", binary]) start.ArgumentList.Add(argument);
        }

        start.ArgumentList.Add(settings);
        var process = Process.Start(start)!;
        process.ErrorDataReceived += (_, _) => { };
        process.BeginErrorReadLine();
        var connectionString = new NpgsqlConnectionStringBuilder { Host = "127.0.0.1", Port = port, Database = server.Database, Username = server.Username, Password = server.Password, NoResetOnClose = true, MaxPoolSize = 20 }.ConnectionString;
        var pooler = new PgBouncer(process, folder, connectionString);
        await Eventually.TrueAsync(pooler.AnswersAsync, "the pooler answers");
        return pooler;
    }

    public ValueTask DisposeAsync()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
        Directory.Delete(_folder, recursive: true);
        return ValueTask.CompletedTask;
    }

    private async Task<bool> AnswersAsync()
    {
        try
        {
            await using var connection = new NpgsqlConnection(ConnectionString);
            await connection.OpenAsync();
            return true;
        }
        catch (NpgsqlException) when (!_process.HasExited)
        {
            return false;
        }
        finally
        {
            NpgsqlConnection.ClearAllPools();
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
