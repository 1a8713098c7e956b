using DataPipeline.Application.Common;
using DataPipeline.Infrastructure.Persistence;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace DataPipeline.WebApi.IntegrationTests.Persistence;

public enum DatabaseKind
{
    Sqlite,
    Postgres,
}

/// <summary>
/// A migrated database of its own: a copy of one that is migrated once per run, so that it costs milliseconds.
/// Where no PostgreSQL can be had, asking for one skips the test, or fails it where <c>CI</c> is set.
/// </summary>
public sealed class TestDatabase : IAsyncDisposable
{
    private static readonly Lazy<Task<string>> SqliteTemplate = new(MigrateSqliteTemplateAsync);
    private static readonly Lazy<Task<string>> PostgresTemplate = new(MigratePostgresTemplateAsync);
    private static readonly SemaphoreSlim Cloning = new(1);
    private readonly Func<ValueTask> _remove;

    private TestDatabase(DatabaseKind kind, string connectionString, Func<ValueTask> remove)
    {
        Kind = kind;
        ConnectionString = connectionString;
        _remove = remove;
    }

    public DatabaseKind Kind { get; }

    public string ConnectionString { get; }

    /// <summary>What the service has to be configured with in order to use it.</summary>
    public IReadOnlyDictionary<string, string?> Settings => Kind == DatabaseKind.Postgres
        ? new Dictionary<string, string?> { ["ConnectionStrings:Postgres"] = ConnectionString, ["ConnectionStrings:Sqlite"] = null }
        : new Dictionary<string, string?> { ["ConnectionStrings:Postgres"] = null, ["ConnectionStrings:Sqlite"] = ConnectionString };

    public static async Task<TestDatabase> CreateAsync(DatabaseKind kind)
    {
        if (kind == DatabaseKind.Sqlite)
        {
            var file = NewSqliteFile();
            File.Copy(await SqliteTemplate.Value, file);
            return OfSqlite(file);
        }

        var template = await PostgresTemplate.Value;
        return await CreatePostgresAsync($"TEMPLATE \"{template}\"");
    }

    /// <summary>One without any table.</summary>
    public static async Task<TestDatabase> CreateEmptyAsync(DatabaseKind kind) => kind == DatabaseKind.Sqlite ? OfSqlite(NewSqliteFile()) : await CreatePostgresAsync("");

    /// <summary>One without any table, in <paramref name="folder"/>.</summary>
    internal static TestDatabase CreateEmptySqlite(string folder) => OfSqlite(Path.Combine(folder, $"{NewName()}.db"));

    /// <summary>One that is somebody else's to make and to remove.</summary>
    internal static TestDatabase Of(string postgres) => new(DatabaseKind.Postgres, postgres, () => ValueTask.CompletedTask);

    public ValueTask DisposeAsync() => _remove();

    private static string NewName() => $"dp_{Path.GetRandomFileName().Replace(".", "", StringComparison.Ordinal)}";

    private static string NewSqliteFile() => Path.Combine(Directory.CreateDirectory(Path.Combine(Path.GetTempPath(), "datapipeline-tests")).FullName, $"{NewName()}.db");

    private static TestDatabase OfSqlite(string file)
    {
        var connectionString = new SqliteConnectionStringBuilder { DataSource = file }.ConnectionString;
        return new TestDatabase(DatabaseKind.Sqlite, connectionString, () =>
        {
            using (var connection = new SqliteConnection(connectionString)) SqliteConnection.ClearPool(connection);
            foreach (var part in Directory.EnumerateFiles(Path.GetDirectoryName(file)!, Path.GetFileName(file) + "*")) File.Delete(part);
            return ValueTask.CompletedTask;
        });
    }

    private static async Task<TestDatabase> CreatePostgresAsync(string options)
    {
        var server = await TestPostgres.GetAsync();
        var name = NewName();
        await Cloning.WaitAsync();
        try
        {
            await ExecuteAsync(server, $"CREATE DATABASE \"{name}\" {options}");
        }
        finally
        {
            Cloning.Release();
        }

        var connectionString = new NpgsqlConnectionStringBuilder(server) { Database = name, MaxPoolSize = 20 }.ConnectionString;

        // Removing a database makes the server write all it has in memory; one that ends with the run need not.
        return new TestDatabase(
            DatabaseKind.Postgres, connectionString, async () =>
            {
                if (TestPostgres.IsShared) await ExecuteAsync(server, $"DROP DATABASE IF EXISTS \"{name}\" WITH (FORCE)");
            });
    }

    /// <summary>One statement, on a PostgreSQL database, by a connection of its own.</summary>
    internal static async Task ExecuteAsync(string server, string sql)
    {
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(server) { Pooling = false }.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    private static async Task<string> MigrateSqliteTemplateAsync()
    {
        var database = OfSqlite(NewSqliteFile());
        await MigrateAsync(database);
        AppDomain.CurrentDomain.ProcessExit += (_, _) => database.DisposeAsync().AsTask().Wait();
        return new SqliteConnectionStringBuilder(database.ConnectionString).DataSource;
    }

    private static async Task<string> MigratePostgresTemplateAsync()
    {
        var database = await CreatePostgresAsync("");
        await MigrateAsync(database);
        if (TestPostgres.IsShared) AppDomain.CurrentDomain.ProcessExit += (_, _) => database.DisposeAsync().AsTask().Wait();
        return new NpgsqlConnectionStringBuilder(database.ConnectionString).Database!;
    }

    private static async Task MigrateAsync(TestDatabase database)
    {
        await using var services = new ServiceCollection().AddLogging().AddPersistence(new ConfigurationBuilder().AddInMemoryCollection(database.Settings).Build()).BuildServiceProvider();
        await services.GetRequiredService<IDatabase>().MigrateAsync(CancellationToken.None);

        // A copy is taken of the file alone, and of a database nobody is connected to.
        if (database.Kind == DatabaseKind.Postgres) return;
        using var connection = new SqliteConnection(database.ConnectionString);
        await connection.OpenAsync();
        using var checkpoint = new SqliteCommand("PRAGMA wal_checkpoint(TRUNCATE)", connection);
        await checkpoint.ExecuteNonQueryAsync();
        SqliteConnection.ClearPool(connection);
    }
}
