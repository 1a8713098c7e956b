using System.Linq.Expressions;
using DataPipeline.Domain.Common;
using DataPipeline.Infrastructure.Persistence;
using DataPipeline.Infrastructure.Persistence.Model;
using Microsoft.EntityFrameworkCore;

namespace DataPipeline.Infrastructure.Retention;

/// <summary>
/// The turn to remove what is old, which one process has at a time: a lease on the database's clock, without a lock or an open transaction.
/// Whoever dies with it leaves the rest to the next, once the lease has run out. Not thread-safe.
/// </summary>
internal sealed class RetentionTurn(Database database, IIdGenerator ids, TimeProvider clock)
{
    private static readonly TimeSpan Lease = TimeSpan.FromMinutes(2);
    private readonly string _holder = ids.NewId().ToString("N");
    private long _keptAt;

    /// <returns>False while another process has it, or since the last one ended too little time has passed.</returns>
    internal async Task<bool> TryTakeAsync(CancellationToken ct)
    {
        _keptAt = clock.GetTimestamp();
        return await database.WriteAsync(
            $$"""
            INSERT INTO retention (id, holder, due_at) VALUES ({{RetentionRow.TheOne}}, {0}, {{database.Now}} + {1})
            ON CONFLICT (id) DO UPDATE SET holder = excluded.holder, due_at = excluded.due_at WHERE retention.due_at <= {{database.Now}}
            """,
            [_holder, database.Duration(Lease)], ct) == 1;
    }

    /// <summary>To be called between steps: prolongs the lease where that is due.</summary>
    /// <exception cref="TimeoutException">It ran out, and another process has the turn.</exception>
    internal async Task KeepAsync(CancellationToken ct)
    {
        if (clock.GetElapsedTime(_keptAt) < Lease / 4) return;
        var keptAt = clock.GetTimestamp();
        if (!await SetDueAsync(Lease, ct)) throw new TimeoutException("Another process has taken over the removal of old data.");
        _keptAt = keptAt;
    }

    /// <param name="interval">In what time the next turn is due.</param>
    internal Task EndAsync(TimeSpan interval, CancellationToken ct) => SetDueAsync(interval, ct);

    internal async Task<DateTimeOffset> ReadMarkAsync(Expression<Func<RetentionRow, DateTimeOffset?>> mark, CancellationToken ct)
    {
        await using var db = database.Open();
        return await db.Retention.Select(mark).SingleAsync(ct) ?? DateTimeOffset.MinValue;
    }

    internal async Task SetMarkAsync(Expression<Func<RetentionRow, DateTimeOffset?>> mark, DateTimeOffset value, CancellationToken ct)
    {
        using var turn = await database.EnterWriteAsync(ct);
        await using var db = database.Open();
        await db.Retention.Where(row => row.Holder == _holder).ExecuteUpdateAsync(row => row.SetProperty(mark, value), ct);
    }

    private async Task<bool> SetDueAsync(TimeSpan time, CancellationToken ct) =>
        await database.WriteAsync($"UPDATE retention SET due_at = {database.Now} + {{0}} WHERE holder = {{1}}", [database.Duration(time), _holder], ct) == 1;
}
