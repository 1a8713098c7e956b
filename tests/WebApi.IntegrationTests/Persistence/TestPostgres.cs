using Testcontainers.PostgreSql;

namespace DataPipeline.WebApi.IntegrationTests.Persistence;

/// <summary>
/// The PostgreSQL server of this test run: the one that <c>DATAPIPELINE_TEST_POSTGRES</c> names, else a container where Docker answers,
/// else a server started from the binaries on this machine. Started once, when the first test asks for it.
/// </summary>
internal static class TestPostgres
{
    private const string Variable = "DATAPIPELINE_TEST_POSTGRES";

    /// <summary>Kept, since it stops when nobody holds it any more.</summary>
    private static PostgresServer? _local;

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

        if (PostgresServer.FindBinaries() is { } binaries)
        {
            _local = await PostgresServer.StartAsync(binaries);
            return (_local.ConnectionString, null);
        }

        return (null, $"These tests need PostgreSQL: set {Variable} to a connection string that may create databases, or start Docker, or install the server's binaries (initdb).");
    }
}
