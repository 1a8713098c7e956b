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
    private static readonly TimeSpan LockPause = TimeSpan.FromMilliseconds(100);

    /// <summary>An index on a large table takes minutes.</summary>
    private static readonly TimeSpan MigrationTimeout = TimeSpan.FromHours(2);
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

        await using var locking = Open();
        await using var turn = await TakeTurnAsync(locking, ct);
        db.Database.SetCommandTimeout(MigrationTimeout);
        var pending = (await db.Database.GetPendingMigrationsAsync(ct)).Count();
        if (pending > 0) await db.Database.MigrateAsync(ct);
        PersistenceLog.Migrated(logger, Place, pending);
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
        InvalidOperationException { Source: nameof(Npgsql) } => true, // What it says where a connection that was open broke between two statements.
        _ => false,
    };

    protected override bool IsRefusal(Exception failure) => Causes(failure).OfType<PostgresException>().Any(e => e.SqlState.StartsWith("28", StringComparison.Ordinal) || e.SqlState is PostgresErrorCodes.InvalidCatalogName or PostgresErrorCodes.InsufficientPrivilege);

    private static string DescribePlace(NpgsqlDataSource source)
    {
        var place = new NpgsqlConnectionStringBuilder(source.ConnectionString);
        return $"{place.Host}:{place.Port}/{place.Database}";
    }

    /// <summary>
    /// The lock belongs to a transaction and not to a session, so that it holds through a pooler that shares sessions as well. It is asked for again and again,
    /// each time in a transaction of its own, rather than waited for: an index that is built meanwhile waits for the end of every older snapshot.
    /// </summary>
    private async Task<IDbContextTransaction> TakeTurnAsync(AppDbContext db, CancellationToken ct)
    {
        while (true)
        {
            var transaction = await db.Database.BeginTransactionAsync(ct);
            if (await db.Database.SqlQuery<bool>($"SELECT pg_try_advisory_xact_lock({MigrationLock}) AS \"Value\"").SingleAsync(ct))
            {
                // It lies idle from here on, which it must be allowed to; and not before the next statement does the snapshot of the last one go.
                await db.Database.ExecuteSqlAsync($"SET LOCAL idle_in_transaction_session_timeout = 0", ct);
                return transaction;
            }

            await transaction.DisposeAsync();
            await Task.Delay(LockPause, Clock, ct);
        }
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
