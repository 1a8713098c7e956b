using System.Data.Common;
using System.Globalization;
using DataPipeline.Application.Batches;
using DataPipeline.Application.Observability;
using DataPipeline.Application.Processing;
using DataPipeline.Domain.Batches;
using DataPipeline.Domain.Common;
using DataPipeline.Infrastructure.Persistence.Model;
using DataPipeline.Infrastructure.Persistence.Sqlite;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using SQLitePCL;

namespace DataPipeline.Infrastructure.Persistence.Queue;

internal sealed class SqliteBatchQueue(SqliteDatabase database, ServiceMetrics metrics, TimeProvider clock) : BatchQueue(database, metrics, clock)
{
    private static readonly string Claim = $"""
        UPDATE batch_chunks SET attempt = attempt + 1, lease_owner = $worker, lease_until = {SqliteClock.Now} + $lease
        WHERE lease_owner IS NULL AND id IN (
          SELECT c.id FROM batch_chunks c JOIN pipelines p ON p.id = c.pipeline_id
          WHERE c.lease_owner IS NULL AND c.round < {Rounds.Held} AND c.ready_at <= {SqliteClock.Now} AND (p.status = 'active' OR c.ordinal = -1) AND c.pipeline_id NOT IN (*pipelines) AND c.owner_id NOT IN (*owners) ORDER BY c.round, c.id LIMIT $max)
        RETURNING id
        """;

    private const string Begin = "UPDATE batches SET status = 'processing', started_at = $now WHERE status = 'pending' AND id = (SELECT batch_id FROM batch_chunks WHERE id = $id)";

    private const string Read = """
        SELECT c.id, c.attempt, c.batch_id, c.pipeline_id, b.pipeline_version, v.name, c.first_record, c.record_count, c.payload, c.round,
          c.ordinal, b.delivered_count, b.dropped_count, b.failed_count, b.trace_parent, c.part, c.owner_id
        FROM batch_chunks c JOIN batches b ON b.id = c.batch_id JOIN pipeline_versions v ON v.pipeline_id = c.pipeline_id AND v.version = b.pipeline_version WHERE c.id = $id
        """;

    private const string Renew = $"UPDATE batch_chunks SET lease_until = {SqliteClock.Now} + $lease WHERE id = $id AND attempt = $attempt AND lease_owner = $worker";

    private const string MakeReady = $"""
        UPDATE batch_chunks SET lease_owner = NULL, lease_until = NULL, ready_at = {SqliteClock.Now} + $delay, attempt = attempt - $takeBack
        WHERE id = $id AND attempt = $attempt AND lease_owner = $worker
        """;

    private const string PutBack = $"""
        UPDATE batch_chunks SET lease_owner = NULL, lease_until = NULL, ready_at = {SqliteClock.Now}
        WHERE lease_owner IS NOT NULL AND lease_until < {SqliteClock.Now} AND attempt < $maxAttempts
        """;

    private const string Exhausted = $"SELECT id, attempt, batch_id FROM batch_chunks WHERE lease_owner IS NOT NULL AND lease_until < {SqliteClock.Now} AND attempt >= $maxAttempts";

    private const string InsertRecord = "INSERT INTO delivered_records (batch_id, record_index, record) VALUES (?1, ?2, ?3)";

    private const string InsertFailure = """
        INSERT INTO batch_errors (batch_id, record_index, processor_index, processor_type, processor_tag, code, error_message, record, record_is_json, created_at, record_at_failure, details)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)
        """;

    public override Task<IReadOnlyList<ChunkLease>> ClaimAsync(string worker, int max, TimeSpan lease, ClaimExceptions except, CancellationToken ct) => Database.InTransactionAsync<IReadOnlyList<ChunkLease>>(
        async (db, transaction) =>
        {
            var connection = (SqliteConnection)db.Database.GetDbConnection();
            var ids = new List<long>(max);
            using (var claim = Command(connection, Claim, ("$worker", worker), ("$lease", lease.Ticks), ("$max", max)))
            {
                AddList(claim, "*pipelines", except.Pipelines.Select(StoredId));
                AddList(claim, "*owners", except.Owners.Select(owner => owner.Value));
                using var reader = claim.ExecuteReader();
                while (reader.Read()) ids.Add(reader.GetInt64(0));
            }

            if (ids.Count == 0) return [];

            var chunks = new List<(long Round, ChunkLease Lease)>(ids.Count);
            foreach (var id in ids)
            {
                using (var begin = Command(connection, Begin, ("$now", Clock.GetUtcNow().UtcTicks), ("$id", id))) begin.ExecuteNonQuery();
                using var read = Command(connection, Read, ("$id", id));
                using var reader = read.ExecuteReader();
                reader.Read();
                chunks.Add((reader.GetInt64(9), new ChunkLease(
                    reader.GetInt64(0), worker, reader.GetInt32(1), SqliteGuid.Read(reader, 2), SqliteGuid.Read(reader, 3), reader.GetInt32(4), reader.GetString(5), reader.GetInt32(6), reader.GetInt32(7),
                    Decompress(reader.GetFieldValue<byte[]>(8)))
                {
                    Ordinal = reader.GetInt32(10),
                    End = reader.GetInt32(10) == ChunkLease.EndOrdinal ? new RecordTally(reader.GetInt32(11), reader.GetInt32(12), reader.GetInt32(13)) : null,
                    TraceParent = reader.IsDBNull(14) ? null : reader.GetString(14),
                    Part = reader.GetInt32(15),
                    Owner = new OwnerId(reader.GetString(16)),
                }));
            }

            await transaction.CommitAsync(ct);
            return chunks.OrderBy(c => c.Round).ThenBy(c => c.Lease.ChunkId).Select(c => c.Lease).ToList();
        }, ct);

    public override Task<IReadOnlySet<long>> RenewAsync(string worker, IReadOnlyCollection<ChunkLease> chunks, TimeSpan lease, CancellationToken ct) => Database.InTransactionAsync<IReadOnlySet<long>>(
        async (db, transaction) =>
        {
            var held = new HashSet<long>();
            foreach (var chunk in chunks)
            {
                using var renew = Command((SqliteConnection)db.Database.GetDbConnection(), Renew, ("$lease", lease.Ticks), ("$id", chunk.ChunkId), ("$attempt", chunk.Attempt), ("$worker", worker));
                if (renew.ExecuteNonQuery() == 1) held.Add(chunk.ChunkId);
            }

            await transaction.CommitAsync(ct);
            return held;
        }, ct);

    public override Task GiveBackAsync(ChunkLease chunk, TimeSpan delay, CancellationToken ct) => MakeReadyAsync(chunk, delay, takeBack: 1, ct);

    public override Task RetryLaterAsync(ChunkLease chunk, TimeSpan delay, CancellationToken ct) => MakeReadyAsync(chunk, delay, takeBack: 0, ct);

    /// <summary>The transaction is the only one that writes, so reading is locking.</summary>
    internal override Task<Batch?> LockBatchAsync(AppDbContext db, Guid batchId, CancellationToken ct) => db.Batches.AsTracking().SingleOrDefaultAsync(b => b.Id == batchId, ct);

    /// <summary>The transaction is the only one that writes.</summary>
    protected override Task LockUnfinishedAsync(AppDbContext db, Guid pipelineId, CancellationToken ct) => Task.CompletedTask;

    protected override object StoredId(Guid id) => SqliteGuid.Of(id);

    protected override object StoredTime(DateTimeOffset time) => time.UtcTicks;

    protected override Task BoundAsync(AppDbContext db, CancellationToken ct) => Task.CompletedTask;

    protected override Task WriteDeliveredAsync(DbConnection connection, Guid batchId, DeliveredRecords records, CancellationToken ct)
    {
        using var insert = new SqliteInsert((SqliteConnection)connection, InsertRecord);
        insert.Bind(1, SqliteGuid.Of(batchId));
        for (var i = 0; i < records.Count; i++)
        {
            var (index, record) = records[i];
            insert.Bind(2, index);
            insert.BindUtf8(3, record.Span);
            insert.Execute();
        }

        return Task.CompletedTask;
    }

    protected override Task WriteFailuresAsync(DbConnection connection, Guid batchId, IReadOnlyList<RecordFailure> failures, DateTimeOffset now, CancellationToken ct)
    {
        using var insert = new SqliteInsert((SqliteConnection)connection, InsertFailure);
        insert.Bind(1, SqliteGuid.Of(batchId));
        insert.Bind(10, now.UtcTicks);
        foreach (var failure in failures)
        {
            insert.Bind(2, failure.RecordIndex);
            insert.BindOrNull(3, failure.Processor?.Index);
            insert.BindOrNull(4, failure.Processor?.Type);
            insert.BindOrNull(5, failure.Processor?.Tag);
            insert.BindOrNull(6, failure.Code);
            insert.BindOrNull(7, failure.Message);
            insert.Bind(8, failure.Record.Span);
            insert.Bind(9, failure.RecordIsJson ? 1 : 0);
            if (failure.RecordAtFailure is { } atFailure) insert.Bind(11, atFailure.Span);
            else insert.BindOrNull(11, (string?)null);
            insert.BindOrNull(12, FailureDetails.ToText(failure.Details));
            insert.Execute();
        }

        return Task.CompletedTask;
    }

    protected override bool IsDuplicate(Exception failure) => failure is SqliteException { SqliteExtendedErrorCode: raw.SQLITE_CONSTRAINT_PRIMARYKEY or raw.SQLITE_CONSTRAINT_UNIQUE };

    protected override Task<int> PutBackExpiredAsync(int maxAttempts, CancellationToken ct) => ExecuteAsync(PutBack, [("$maxAttempts", maxAttempts)], ct);

    protected override async Task<IReadOnlyList<(long ChunkId, int Attempt, Guid BatchId)>> FindExhaustedAsync(int maxAttempts, CancellationToken ct)
    {
        await using var db = Database.Open();
        await db.Database.OpenConnectionAsync(ct);
        using var command = Command((SqliteConnection)db.Database.GetDbConnection(), Exhausted, ("$maxAttempts", maxAttempts));
        using var reader = command.ExecuteReader();
        var exhausted = new List<(long, int, Guid)>();
        while (reader.Read()) exhausted.Add((reader.GetInt64(0), reader.GetInt32(1), SqliteGuid.Read(reader, 2)));
        return exhausted;
    }

    private Task<int> MakeReadyAsync(ChunkLease chunk, TimeSpan delay, int takeBack, CancellationToken ct) =>
        ExecuteAsync(MakeReady, [("$delay", delay.Ticks), ("$takeBack", takeBack), ("$id", chunk.ChunkId), ("$attempt", chunk.Attempt), ("$worker", chunk.Worker)], ct);

    private Task<int> ExecuteAsync(string sql, (string Name, object Value)[] values, CancellationToken ct) => Database.InTransactionAsync(
        async (db, transaction) =>
        {
            using var command = Command((SqliteConnection)db.Database.GetDbConnection(), sql, values);
            var rows = command.ExecuteNonQuery();
            await transaction.CommitAsync(ct);
            return rows;
        }, ct);

    private static SqliteCommand Command(SqliteConnection connection, string sql, params ReadOnlySpan<(string Name, object Value)> values)
    {
        var command = connection.CreateCommand();
        command.CommandText = sql;
        foreach (var (name, value) in values) command.Parameters.AddWithValue(name, value);
        return command;
    }

    /// <summary>Puts values where a name that begins with <c>*</c> stands for a list of them.</summary>
    private static void AddList(SqliteCommand command, string name, IEnumerable<object> values)
    {
        var names = values.Select((value, i) => command.Parameters.AddWithValue(string.Create(CultureInfo.InvariantCulture, $"${name[1..]}{i}"), value).ParameterName);
        command.CommandText = command.CommandText.Replace(name, string.Join(", ", names), StringComparison.Ordinal);
    }

    private static byte[] Decompress(byte[] payload)
    {
        var frames = GC.AllocateUninitializedArray<byte>(ChunkCompression.DecompressedLength(payload));
        ChunkCompression.Decompress(payload, frames);
        return frames;
    }
}
