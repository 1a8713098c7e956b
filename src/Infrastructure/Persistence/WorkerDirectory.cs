using DataPipeline.Application.Observability;
using Microsoft.EntityFrameworkCore;

namespace DataPipeline.Infrastructure.Persistence;

/// <summary>Who works on the queue, and how long it is: what one process cannot know of the others without the database. Thread-safe.</summary>
internal sealed class WorkerDirectory(Database database)
{
    /// <summary>Says that the worker is alive for <paramref name="life"/> from now on.</summary>
    internal Task NoteAsync(string worker, TimeSpan life, CancellationToken ct) => database.WriteAsync(
        $"INSERT INTO workers (id, alive_until) VALUES ({{0}}, {database.Now} + {{1}}) ON CONFLICT (id) DO UPDATE SET alive_until = excluded.alive_until", [worker, database.Duration(life)], ct);

    /// <summary>Removes the worker, and those that died.</summary>
    internal Task RemoveAsync(string worker, CancellationToken ct) => database.WriteAsync($"DELETE FROM workers WHERE id = {{0}} OR alive_until < {database.Now}", [worker], ct);

    /// <summary>
    /// One statement. It goes over the chunks that wait or are in hand, and from each of their batches to its row: what has ended costs nothing,
    /// and the payloads, which lie apart, are not read.
    /// </summary>
    internal async Task<QueueState> ReadQueueAsync(CancellationToken ct)
    {
        var sql = $"""
            SELECT coalesce(sum(CASE WHEN p.status = 'active' THEN q.due END), 0) AS ready, coalesce(sum(CASE WHEN p.status = 'active' THEN q.waiting - q.due END), 0) AS delayed,
              coalesce(sum(CASE WHEN p.status <> 'active' THEN q.waiting END), 0) AS paused, coalesce(sum(q.leased), 0) AS leased,
              max(CASE WHEN p.status = 'active' THEN {database.SecondsSince("CASE WHEN b.created_at > q.due_since THEN b.created_at ELSE q.due_since END")} END) AS oldest_age_seconds,
              (SELECT count(*) FROM workers WHERE alive_until > {database.Now}) AS workers_alive
            FROM (
              SELECT c.batch_id, c.pipeline_id, count(c.lease_owner) AS leased, count(*) - count(c.lease_owner) AS waiting,
                count(CASE WHEN c.lease_owner IS NULL AND c.ready_at <= {database.Now} THEN 1 END) AS due,
                min(CASE WHEN c.lease_owner IS NULL AND c.ready_at <= {database.Now} THEN c.ready_at END) AS due_since
              FROM batch_chunks c GROUP BY c.batch_id, c.pipeline_id) q
            JOIN pipelines p ON p.id = q.pipeline_id JOIN batches b ON b.id = q.batch_id
            """;
        await using var db = database.Open();
        var row = await db.Database.SqlQueryRaw<QueueRow>(sql).SingleAsync(ct);
        return new QueueState(row.Ready, row.Delayed, row.Paused, row.Leased, TimeSpan.FromSeconds(Math.Max(0, row.OldestAgeSeconds ?? 0)), row.WorkersAlive);
    }

    private sealed record QueueRow(long Ready, long Delayed, long Paused, long Leased, double? OldestAgeSeconds, long WorkersAlive);
}
