using System.Diagnostics;
using System.Security.Cryptography;
using Microsoft.Data.Sqlite;
using Npgsql;
using NpgsqlTypes;

namespace DataPipeline.Benchmarks;

/// <summary>A database for the length of a run, and the plainest way to write rows into it.</summary>
internal sealed class BenchmarkDatabase(string setting, string connectionString, Func<IReadOnlyList<byte[]>, Task> writePlainly, Action remove) : IDisposable
{
    private const int RowsPerCommit = 10_000;

    /// <summary>Name of the service's setting that <see cref="ConnectionString"/> is for, as an environment variable.</summary>
    internal string Setting => setting;

    internal string ConnectionString => connectionString;

    /// <summary>The rows of delivered records, written as fast as the database's client can: COPY, or prepared inserts.</summary>
    internal Task WritePlainlyAsync(IReadOnlyList<byte[]> records) => writePlainly(records);

    public void Dispose() => remove();

    internal static Task<BenchmarkDatabase> SqliteAsync()
    {
        var folder = Directory.CreateTempSubdirectory("datapipeline-benchmark-").FullName;
        var connectionString = $"Data Source={Path.Combine(folder, "service.db")}";
        return Task.FromResult(new BenchmarkDatabase("ConnectionStrings__Sqlite", connectionString, records => WriteSqliteAsync($"Data Source={Path.Combine(folder, "plain.db")};Pooling=False", records), () => Directory.Delete(folder, true)));
    }

    /// <summary>A new one on the server named by <c>DATAPIPELINE_BENCHMARK_POSTGRES</c>, else on one started from the binaries on this machine, with its settings as they come.</summary>
    /// <param name="settings">Settings of such a server that are to be others, each as <c>name=value</c>.</param>
    internal static async Task<BenchmarkDatabase> PostgresAsync(params string[] settings)
    {
        if (Environment.GetEnvironmentVariable("DATAPIPELINE_BENCHMARK_POSTGRES") is { Length: > 0 } given) return await OnAsync(given);

        var bin = Directory.EnumerateDirectories("/usr/lib/postgresql").Select(d => Path.Combine(d, "bin")).Last(d => File.Exists(Path.Combine(d, "initdb")));
        const string script = """
            "$2/initdb" -D "$1/data" -U postgres -A trust -E UTF8 --locale=C >"$1/initdb.log" 2>&1
            folder="$1" bin="$2"
            shift 2
            "$bin/postgres" -D "$folder/data" -k "$folder" -c listen_addresses='' "$@" >"$folder/server.log" 2>&1 &
            cat >/dev/null
            kill -INT $!
            wait $!
            rm -rf "$folder"
            """;
        var folder = Directory.CreateTempSubdirectory("datapipeline-benchmark-").FullName;
        var start = new ProcessStartInfo("sh") { RedirectStandardInput = true, WorkingDirectory = "/" };
        if (Environment.IsPrivilegedProcess)
        {
            using (var chown = Process.Start("chown", ["nobody", folder])) await chown.WaitForExitAsync();
            start.FileName = "setpriv";
            foreach (var argument in new[] { "--reuid=nobody", "--clear-groups", "sh" }) start.ArgumentList.Add(argument);
        }
        foreach (var argument in (string[])["-c", script, "sh", folder, bin, .. settings.SelectMany(setting => (string[])["-c", setting])]) start.ArgumentList.Add(argument);
        var server = Process.Start(start)!;
        var connectionString = new NpgsqlConnectionStringBuilder { Host = folder, Username = "postgres", Database = "postgres" }.ConnectionString;
        for (var started = Stopwatch.GetTimestamp(); ;)
        {
            try
            {
                await using var connection = new NpgsqlConnection(connectionString);
                await connection.OpenAsync();
                break;
            }
            catch (NpgsqlException) when (!server.HasExited && Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(60))
            {
                await Task.Delay(100);
            }
        }
        return Of(connectionString, () =>
        {
            NpgsqlConnection.ClearAllPools();
            server.StandardInput.Close();
            server.WaitForExit();
            server.Dispose();
        });

        static async Task<BenchmarkDatabase> OnAsync(string server)
        {
            var database = new NpgsqlConnectionStringBuilder(server) { Database = $"datapipeline_benchmark_{RandomNumberGenerator.GetHexString(16, lowercase: true)}" };
            await using var connection = new NpgsqlConnection(server);
            await connection.OpenAsync();
            await using (var create = new NpgsqlCommand($"CREATE DATABASE {database.Database}", connection)) await create.ExecuteNonQueryAsync();
            return Of(database.ConnectionString, () =>
            {
                using var connection = new NpgsqlConnection(server);
                connection.Open();
                using var drop = new NpgsqlCommand($"DROP DATABASE {database.Database} WITH (FORCE)", connection);
                drop.ExecuteNonQuery();
            });
        }

        static BenchmarkDatabase Of(string connectionString, Action remove) => new("ConnectionStrings__Postgres", connectionString, records => WritePostgresAsync(connectionString, records), remove);
    }

    private static async Task WritePostgresAsync(string connectionString, IReadOnlyList<byte[]> records)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync();
        await using (var create = new NpgsqlCommand("DROP TABLE IF EXISTS plain; CREATE TABLE plain (batch_id uuid, record_index int, record bytea, PRIMARY KEY (batch_id, record_index))", connection)) await create.ExecuteNonQueryAsync();
        for (var first = 0; first < records.Count; first += RowsPerCommit)
        {
            await using var copy = await connection.BeginBinaryImportAsync("COPY plain FROM STDIN (FORMAT BINARY)");
            for (var i = first; i < Math.Min(first + RowsPerCommit, records.Count); i++)
            {
                await copy.StartRowAsync();
                await copy.WriteAsync(Guid.Empty, NpgsqlDbType.Uuid);
                await copy.WriteAsync(i, NpgsqlDbType.Integer);
                await copy.WriteAsync(records[i], NpgsqlDbType.Bytea);
            }
            await copy.CompleteAsync();
        }
    }

    private static async Task WriteSqliteAsync(string connectionString, IReadOnlyList<byte[]> records)
    {
        await using var connection = new SqliteConnection(connectionString);
        await connection.OpenAsync();
        await using (var create = new SqliteCommand("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; DROP TABLE IF EXISTS plain; CREATE TABLE plain (batch_id BLOB, record_index INTEGER, record BLOB, PRIMARY KEY (batch_id, record_index)) WITHOUT ROWID", connection)) await create.ExecuteNonQueryAsync();
        for (var first = 0; first < records.Count; first += RowsPerCommit)
        {
            await using var transaction = connection.BeginTransaction();
            await using var insert = new SqliteCommand("INSERT INTO plain VALUES (@batch, @index, @record)", connection, transaction);
            insert.Parameters.AddWithValue("@batch", new byte[16]);
            var index = insert.Parameters.Add("@index", SqliteType.Integer);
            var record = insert.Parameters.Add("@record", SqliteType.Blob);
            await insert.PrepareAsync();
            for (var i = first; i < Math.Min(first + RowsPerCommit, records.Count); i++)
            {
                (index.Value, record.Value) = (i, records[i]);
                insert.ExecuteNonQuery();
            }
            await transaction.CommitAsync();
        }
    }
}
