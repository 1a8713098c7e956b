using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using SQLitePCL;

namespace DataPipeline.Infrastructure.Persistence.Sqlite;

internal sealed class SqliteDatabase(
    SqliteConnectionStringBuilder connection, IDbContextFactory<SqliteAppDbContext> contexts, IOptions<DatabaseOptions> options, TimeProvider clock, ILogger<SqliteDatabase> logger)
    : Database(contexts.CreateDbContext, options, clock, logger), IDisposable
{
    /// <summary>SQLite takes one writer at a time and has the others poll; within a process they queue here instead.</summary>
    private readonly SemaphoreSlim _writers = new(1);

    /// <summary>As long as for the file itself, for which whoever has the turn may be waiting.</summary>
    private readonly TimeSpan _patience = connection.DefaultTimeout == 0 ? Timeout.InfiniteTimeSpan : TimeSpan.FromSeconds(connection.DefaultTimeout);

    protected override string Place => connection.DataSource;

    internal override string Now => SqliteClock.Now;

    public void Dispose() => _writers.Dispose();

    internal override object Duration(TimeSpan time) => time.Ticks;

    internal override string SecondsSince(string sql) => $"(({SqliteClock.Now} - {sql}) / {TimeSpan.TicksPerSecond}.0)";

    internal override bool IsConstraintViolation(Exception failure, out bool ofPipelineName)
    {
        var violation = Causes(failure).OfType<SqliteException>().FirstOrDefault(
            e => e.SqliteExtendedErrorCode is raw.SQLITE_CONSTRAINT_UNIQUE or raw.SQLITE_CONSTRAINT_PRIMARYKEY or raw.SQLITE_CONSTRAINT_FOREIGNKEY);
        ofPipelineName = violation?.Message.Contains("pipelines.name_key", StringComparison.Ordinal) is true;
        return violation is not null;
    }

    internal override async ValueTask<IDisposable?> EnterWriteAsync(CancellationToken ct)
    {
        if (!await _writers.WaitAsync(_patience, ct)) throw new SqliteException("The writers before this one have not come to their end in time.", raw.SQLITE_BUSY);
        return new Turn(_writers);
    }

    protected override async Task MigrateOnceAsync(CancellationToken ct)
    {
        var file = Path.GetFullPath(connection.DataSource);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);

        // The file lock ends with the process that holds it; the lock row of Entity Framework does not.
        await using var processLock = new FileStream(file + ".migration-lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        await using var db = Open();
        var pending = (await db.Database.GetPendingMigrationsAsync(ct)).Count();
        if (pending > 0)
        {
            await RemoveLockOfDeadProcessAsync(db, ct);
            await db.Database.MigrateAsync(ct);
        }

        await db.Database.ExecuteSqlAsync($"PRAGMA journal_mode = WAL", ct);
        PersistenceLog.Migrated(logger, Place, pending);
    }

    /// <remarks>A plain "busy" is none: that has been waited for in vain already.</remarks>
    protected override bool IsConflict(Exception cause) =>
        cause is SqliteException { SqliteErrorCode: raw.SQLITE_BUSY or raw.SQLITE_LOCKED } answer && answer.SqliteExtendedErrorCode != answer.SqliteErrorCode;

    protected override bool IsUnavailability(Exception cause) => cause switch
    {
        SqliteException { SqliteErrorCode: raw.SQLITE_BUSY or raw.SQLITE_LOCKED or raw.SQLITE_IOERR or raw.SQLITE_CANTOPEN or raw.SQLITE_FULL or raw.SQLITE_READONLY } => true,
        IOException => true, // The lock file: another process migrates, or the disk fails.
        _ => false,
    };

    protected override bool IsRefusal(Exception failure) =>
        failure is UnauthorizedAccessException || Causes(failure).OfType<SqliteException>().Any(e => e.SqliteErrorCode is raw.SQLITE_NOTADB or raw.SQLITE_CORRUPT or raw.SQLITE_PERM);

    private static async Task RemoveLockOfDeadProcessAsync(AppDbContext db, CancellationToken ct)
    {
        if (await db.Database.SqlQuery<int>($"SELECT count(*) AS Value FROM sqlite_master WHERE name = '__EFMigrationsLock'").SingleAsync(ct) > 0)
            await db.Database.ExecuteSqlAsync($"DELETE FROM \"__EFMigrationsLock\"", ct);
    }

    private sealed class Turn(SemaphoreSlim writers) : IDisposable
    {
        public void Dispose() => writers.Release();
    }
}
