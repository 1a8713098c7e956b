using System.Globalization;
using DataPipeline.Application.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using IDatabase = DataPipeline.Application.Common.IDatabase;

namespace DataPipeline.Infrastructure.Persistence;

/// <summary>Opens contexts and transactions in the way the database needs. Thread-safe.</summary>
internal abstract class Database(Func<AppDbContext> contexts, IOptions<DatabaseOptions> options, TimeProvider clock, ILogger logger) : IDatabase
{
    private const int MaxAttempts = 5;
    private static readonly TimeSpan StartupPause = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan CheckTimeout = TimeSpan.FromSeconds(3);
    private volatile bool _migrated;

    /// <summary>Where the database is, for an operator; no secrets.</summary>
    protected abstract string Place { get; }

    protected TimeProvider Clock => clock;

    /// <summary>The database's clock as an SQL expression, to which a <see cref="Duration"/> can be added.</summary>
    internal abstract string Now { get; }

    internal AppDbContext Open() => contexts();

    /// <summary>A parameter that can be added to <see cref="Now"/>.</summary>
    internal abstract object Duration(TimeSpan time);

    /// <summary>An SQL expression for the seconds from the time <paramref name="sql"/> stands for to <see cref="Now"/>, as a fractional number.</summary>
    internal abstract string SecondsSince(string sql);

    /// <summary>The failure says that something of the sort exists already, or that something it refers to does not.</summary>
    internal abstract bool IsConstraintViolation(Exception failure, out bool ofPipelineName);

    /// <summary>Waits for this process' turn to write, where the database takes one writer at a time.</summary>
    internal abstract ValueTask<IDisposable?> EnterWriteAsync(CancellationToken ct);

    /// <summary>
    /// Runs <paramref name="work"/> in a transaction of its own, again where the database chose it as the victim of a conflict.
    /// The work commits; a transaction it leaves open is rolled back.
    /// </summary>
    internal async Task<T> InTransactionAsync<T>(Func<AppDbContext, IDbContextTransaction, Task<T>> work, CancellationToken ct)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                using var turn = await EnterWriteAsync(ct);
                await using var db = Open();
                await using var transaction = await db.Database.BeginTransactionAsync(ct);
                return await work(db, transaction);
            }
            catch (Exception conflict) when (attempt < MaxAttempts && Causes(conflict).Any(IsConflict))
            {
                PersistenceLog.TransactionRepeated(logger, attempt, conflict);
            }
        }
    }

    /// <summary>Runs one statement, committed at once. Values stand for <c>{0}</c>, <c>{1}</c> and so on.</summary>
    internal async Task<int> WriteAsync(string sql, object[] values, CancellationToken ct)
    {
        using var turn = await EnterWriteAsync(ct);
        await using var db = Open();
        return await db.Database.ExecuteSqlRawAsync(sql, values, ct);
    }

    public async Task MigrateAsync(CancellationToken ct)
    {
        var started = clock.GetTimestamp();
        while (true)
        {
            try
            {
                await MigrateOnceAsync(ct);
                _migrated = true;
                return;
            }
            catch (Exception failure) when (IsOutOfReach(failure) || IsRefusal(failure))
            {
                var waited = clock.GetElapsedTime(started);
                if (IsRefusal(failure) || waited >= options.Value.StartupTimeout)
                {
                    var cause = Causes(failure).Last().Message.ReplaceLineEndings(" ");
                    throw new DatabaseUnavailableException(string.Create(CultureInfo.InvariantCulture, $"The database at {Place} cannot be used (tried for {waited.TotalSeconds:0} s): {cause}"), failure);
                }

                PersistenceLog.WaitingForDatabase(logger, Place, Causes(failure).Last().Message);
                await Task.Delay(StartupPause, clock, ct);
            }
        }
    }

    public async Task WaitUntilMigratedAsync(CancellationToken ct)
    {
        var started = clock.GetTimestamp();
        while (await FindFaultAsync(ct) is { } fault)
        {
            var waited = clock.GetElapsedTime(started);
            if (waited >= options.Value.StartupTimeout)
                throw new DatabaseUnavailableException(string.Create(CultureInfo.InvariantCulture, $"The database at {Place} cannot be used (waited for {waited.TotalSeconds:0} s, and Database:MigrateOnStart is false): {fault}"));
            PersistenceLog.WaitingForDatabase(logger, Place, fault);
            await Task.Delay(StartupPause, clock, ct);
        }
    }

    public async Task<string?> FindFaultAsync(CancellationToken ct)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(ct);
        timeout.CancelAfter(CheckTimeout);
        try
        {
            await using var db = Open();
            if (_migrated)
            {
                await db.Database.ExecuteSqlAsync($"SELECT 1", timeout.Token);
                return null;
            }

            if ((await db.Database.GetPendingMigrationsAsync(timeout.Token)).Any()) return "The database lacks migrations.";
            _migrated = true;
            return null;
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return "The database does not answer in time.";
        }
        catch (Exception failure) when (IsOutOfReach(failure) || IsRefusal(failure))
        {
            return "The database is out of reach.";
        }
    }

    public bool IsOutOfReach(Exception failure) => Causes(failure).Any(IsUnavailability);

    protected abstract Task MigrateOnceAsync(CancellationToken ct);

    /// <summary>The database gave way to another transaction; doing it again at once may succeed.</summary>
    protected abstract bool IsConflict(Exception cause);

    /// <summary>The database is away, or has no room for us at the moment.</summary>
    protected abstract bool IsUnavailability(Exception cause);

    /// <summary>The database answers, and will not let us in however long we wait.</summary>
    protected abstract bool IsRefusal(Exception failure);

    /// <summary>The exception and what it wraps: Entity Framework wraps what the client throws.</summary>
    protected static IEnumerable<Exception> Causes(Exception failure)
    {
        for (Exception? cause = failure; cause is not null; cause = cause.InnerException) yield return cause;
    }
}
