using DataPipeline.Infrastructure.Persistence.Configurations;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Storage;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;

namespace DataPipeline.Infrastructure.Persistence.Postgres;

internal sealed class PostgresDatabase(
    NpgsqlDataSource source, IDbContextFactory<PostgresAppDbContext> contexts, IOptions<DatabaseOptions> options, TimeProvider clock, ILogger<PostgresDatabase> logger)
    : Database(contexts.CreateDbContext, options, clock, logger)
{
    /// <summary>An arbitrary constant: whoever migrates a database of this service holds the advisory lock of this number.</summary>
    private const long MigrationLock = 0x6470_6d69_6772_6174;
    private const string IdleInTransactionSessionTimeout = "25P03";

    protected override string Place { get; } = DescribePlace(source);

    internal override string Now => "now()";

    internal override object Duration(TimeSpan time) => time;

    internal override string SecondsSince(string sql) => $"extract(epoch FROM now() - {sql})::double precision";

    internal override bool IsConstraintViolation(Exception failure, out bool ofPipelineName)
    {
        var violation = Causes(failure).OfType<PostgresException>().FirstOrDefault(e => e.SqlState is PostgresErrorCodes.UniqueViolation or PostgresErrorCodes.ForeignKeyViolation);
        ofPipelineName = violation?.ConstraintName == PipelineConfiguration.NameIndex;
        return violation is not null;
    }

    internal override ValueTask<IDisposable?> EnterWriteAsync(CancellationToken ct) => default;

    protected override async Task MigrateOnceAsync(CancellationToken ct)
    {
        await using var db = Open();
        await CreateIfMissingAsync(db, ct);
        await db.Database.OpenConnectionAsync(ct);
        await db.Database.ExecuteSqlAsync($"SELECT pg_advisory_lock({MigrationLock})", ct);
        try
        {
            var pending = (await db.Database.GetPendingMigrationsAsync(ct)).Count();
            if (pending > 0) await db.Database.MigrateAsync(ct);
            PersistenceLog.Migrated(logger, Place, pending);
        }
        finally
        {
            // A connection that broke has let go of the lock already.
            if (db.Database.GetDbConnection().State == System.Data.ConnectionState.Open) await db.Database.ExecuteSqlAsync($"SELECT pg_advisory_unlock({MigrationLock})", CancellationToken.None);
        }
    }

    protected override bool IsConflict(Exception cause) => cause is PostgresException { SqlState: PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.DeadlockDetected };

    protected override bool IsUnavailability(Exception cause) => cause switch
    {
        PostgresException answer => IsConflict(answer)
            || answer.SqlState is PostgresErrorCodes.ReadOnlySqlTransaction or IdleInTransactionSessionTimeout or PostgresErrorCodes.LockNotAvailable
            || answer.SqlState.StartsWith("08", StringComparison.Ordinal)  // connection
            || answer.SqlState.StartsWith("53", StringComparison.Ordinal)  // resources
            || answer.SqlState.StartsWith("57P", StringComparison.Ordinal) // shutdown, start-up, recovery
            || answer.SqlState.StartsWith("58", StringComparison.Ordinal), // the server's disk
        NpgsqlException => true, // Not an answer of the server, so the way to it is broken.
        System.Net.Sockets.SocketException => true,
        _ => false,
    };

    protected override bool IsRefusal(Exception failure) => Causes(failure).OfType<PostgresException>().Any(e => e.SqlState.StartsWith("28", StringComparison.Ordinal) || e.SqlState is PostgresErrorCodes.InvalidCatalogName or PostgresErrorCodes.InsufficientPrivilege);

    private static string DescribePlace(NpgsqlDataSource source)
    {
        var place = new NpgsqlConnectionStringBuilder(source.ConnectionString);
        return $"{place.Host}:{place.Port}/{place.Database}";
    }

    private static async Task CreateIfMissingAsync(AppDbContext db, CancellationToken ct)
    {
        var creator = db.GetService<IRelationalDatabaseCreator>();
        if (await creator.ExistsAsync(ct)) return;
        try
        {
            await creator.CreateAsync(ct);
        }
        catch (PostgresException raced) when (raced.SqlState is PostgresErrorCodes.DuplicateDatabase or PostgresErrorCodes.UniqueViolation)
        {
            // Another process that starts at the same time has created it.
        }
    }
}
