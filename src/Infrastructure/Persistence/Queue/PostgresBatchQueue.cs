using System.Buffers;
using System.Data;
using System.Data.Common;
using DataPipeline.Application.Batches;
using DataPipeline.Application.Observability;
using DataPipeline.Application.Processing;
using DataPipeline.Domain.Batches;
using DataPipeline.Domain.Common;
using DataPipeline.Infrastructure.Persistence.Model;
using DataPipeline.Infrastructure.Persistence.Postgres;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using NpgsqlTypes;

namespace DataPipeline.Infrastructure.Persistence.Queue;

internal sealed class PostgresBatchQueue(PostgresDatabase database, NpgsqlDataSource source, ServiceMetrics metrics, TimeProvider clock) : BatchQueue(database, metrics, clock)
{
    // A CTE, since a subquery with LIMIT may lock more rows than it returns. A batch that is being cancelled keeps its row locked: it is passed over, not waited for.
    internal static readonly string Claim = $"""
        WITH ready AS (
          SELECT c.id FROM batch_chunks c JOIN pipelines p ON p.id = c.pipeline_id
          WHERE c.lease_owner IS NULL AND c.round < {Rounds.Held} AND c.ready_at <= now() AND (p.status = 'active' OR c.ordinal = -1) AND c.pipeline_id <> ALL ($5) AND c.owner_id <> ALL ($6)
          ORDER BY c.round, c.id LIMIT $2 FOR UPDATE OF c SKIP LOCKED),
        claimed AS (
          UPDATE batch_chunks c SET attempt = c.attempt + 1, lease_owner = $1, lease_until = now() + $3 FROM ready r WHERE c.id = r.id
          RETURNING c.id, c.attempt, c.batch_id, c.pipeline_id, c.first_record, c.record_count, c.round, c.payload, c.ordinal, c.part, c.owner_id),
        begun AS (SELECT b.id FROM batches b WHERE b.id IN (SELECT batch_id FROM claimed) AND b.status = 'pending' FOR NO KEY UPDATE SKIP LOCKED),
        marked AS (UPDATE batches b SET status = 'processing', started_at = $4 FROM begun WHERE b.id = begun.id)
        SELECT c.id, c.attempt, c.batch_id, c.pipeline_id, b.pipeline_version, v.name, c.first_record, c.record_count, c.ordinal, b.delivered_count, b.dropped_count, b.failed_count, b.trace_parent, c.part, c.owner_id, c.payload
        FROM claimed c JOIN batches b ON b.id = c.batch_id JOIN pipeline_versions v ON v.pipeline_id = c.pipeline_id AND v.version = b.pipeline_version ORDER BY c.round, c.id
        """;

    private const string Renew = """
        UPDATE batch_chunks c SET lease_until = now() + $4 FROM unnest($2, $3) AS held(id, attempt)
        WHERE c.id = held.id AND c.attempt = held.attempt AND c.lease_owner = $1 RETURNING c.id
        """;

    private const string MakeReady = """
        UPDATE batch_chunks SET lease_owner = NULL, lease_until = NULL, ready_at = now() + $4, attempt = attempt - $5 WHERE id = $1 AND attempt = $2 AND lease_owner = $3
        """;

    private const string PutBack = """
        UPDATE batch_chunks SET lease_owner = NULL, lease_until = NULL, ready_at = now() WHERE id IN (
          SELECT id FROM batch_chunks WHERE lease_owner IS NOT NULL AND lease_until < now() AND attempt < $1 FOR UPDATE SKIP LOCKED)
        """;

    private const string Exhausted = "SELECT id, attempt, batch_id FROM batch_chunks WHERE lease_owner IS NOT NULL AND lease_until < now() AND attempt >= $1";

    // A process that is halted in the middle of a commit must not keep the others waiting for its locks for ever.
    private const string Bound = "SET LOCAL idle_in_transaction_session_timeout = '30s'; SET LOCAL statement_timeout = '60s'";

    /// <summary>Nobody waits for the answer to a commit, and a slow disk may need it for a large chunk.</summary>
    private static readonly TimeSpan CommitTimeout = TimeSpan.FromSeconds(30);

    public override async Task<IReadOnlyList<ChunkLease>> ClaimAsync(string worker, int max, TimeSpan lease, ClaimExceptions except, CancellationToken ct)
    {
        await using var command = Command(Claim, worker, max, lease, Clock.GetUtcNow().ToUniversalTime(), except.Pipelines.ToArray(), except.Owners.Select(owner => owner.Value).ToArray());
        await using var reader = await command.ExecuteReaderAsync(CommandBehavior.SequentialAccess, ct);
        var chunks = new List<ChunkLease>(max);
        while (await reader.ReadAsync(ct))
        {
            var chunk = new ChunkLease(
                reader.GetInt64(0), worker, reader.GetInt32(1), reader.GetGuid(2), reader.GetGuid(3), reader.GetInt32(4), reader.GetString(5), reader.GetInt32(6), reader.GetInt32(7), default)
            {
                Ordinal = reader.GetInt32(8),
            };
            if (chunk.Ordinal == ChunkLease.EndOrdinal) chunk = chunk with { End = new RecordTally(reader.GetInt32(9), reader.GetInt32(10), reader.GetInt32(11)) };
            var traceParent = await reader.IsDBNullAsync(12, ct) ? null : reader.GetString(12);
            chunks.Add(chunk with { TraceParent = traceParent, Part = reader.GetInt32(13), Owner = new OwnerId(reader.GetString(14)), Payload = await ReadPayloadAsync(reader, 15, ct) });
        }

        return chunks;
    }

    public override async Task<IReadOnlySet<long>> RenewAsync(string worker, IReadOnlyCollection<ChunkLease> chunks, TimeSpan lease, CancellationToken ct)
    {
        await using var command = Command(Renew, worker, chunks.Select(c => c.ChunkId).ToArray(), chunks.Select(c => c.Attempt).ToArray(), lease);
        await using var reader = await command.ExecuteReaderAsync(ct);
        var held = new HashSet<long>();
        while (await reader.ReadAsync(ct)) held.Add(reader.GetInt64(0));
        return held;
    }

    public override Task GiveBackAsync(ChunkLease chunk, TimeSpan delay, CancellationToken ct) => MakeReadyAsync(chunk, delay, takeBack: 1, ct);

    public override Task RetryLaterAsync(ChunkLease chunk, TimeSpan delay, CancellationToken ct) => MakeReadyAsync(chunk, delay, takeBack: 0, ct);

    internal override async Task<Batch?> LockBatchAsync(AppDbContext db, Guid batchId, CancellationToken ct) =>
        (await db.Batches.FromSql($"SELECT * FROM batches WHERE id = {batchId} FOR NO KEY UPDATE").AsTracking().ToListAsync(ct)).SingleOrDefault();

    protected override Task LockUnfinishedAsync(AppDbContext db, Guid pipelineId, CancellationToken ct) =>
        db.Database.ExecuteSqlAsync($"SELECT 1 FROM batches WHERE pipeline_id = {pipelineId} AND status IN ('pending', 'processing') ORDER BY id FOR NO KEY UPDATE", ct);

    protected override object StoredId(Guid id) => id;

    protected override object StoredTime(DateTimeOffset time) => time.ToUniversalTime();

    protected override Task BoundAsync(AppDbContext db, CancellationToken ct)
    {
        db.Database.SetCommandTimeout(CommitTimeout);
        return db.Database.ExecuteSqlRawAsync(Bound, ct);
    }

    protected override async Task WriteDeliveredAsync(DbConnection connection, Guid batchId, DeliveredRecords records, CancellationToken ct)
    {
        await using var copy = await ((NpgsqlConnection)connection).BeginBinaryImportAsync("COPY delivered_records (batch_id, record_index, record) FROM STDIN (FORMAT BINARY)", ct);
        copy.Timeout = CommitTimeout;
        for (var i = 0; i < records.Count; i++)
        {
            var (index, record) = records[i];
            await copy.StartRowAsync(ct);
            await copy.WriteAsync(batchId, NpgsqlDbType.Uuid, ct);
            await copy.WriteAsync(index, NpgsqlDbType.Integer, ct);
            await copy.WriteAsync(record, NpgsqlDbType.Text, ct);
        }

        await copy.CompleteAsync(ct);
    }

    protected override async Task WriteFailuresAsync(DbConnection connection, Guid batchId, IReadOnlyList<RecordFailure> failures, DateTimeOffset now, CancellationToken ct)
    {
        await using var copy = await ((NpgsqlConnection)connection).BeginBinaryImportAsync(
            "COPY batch_errors (batch_id, record_index, processor_index, processor_type, processor_tag, code, error_message, record, record_is_json, record_at_failure, details, created_at) FROM STDIN (FORMAT BINARY)", ct);
        copy.Timeout = CommitTimeout;
        foreach (var failure in failures)
        {
            await copy.StartRowAsync(ct);
            await copy.WriteAsync(batchId, NpgsqlDbType.Uuid, ct);
            await copy.WriteAsync(failure.RecordIndex, NpgsqlDbType.Integer, ct);
            await copy.WriteAsync(failure.Processor?.Index, NpgsqlDbType.Integer, ct);
            await copy.WriteAsync(failure.Processor?.Type, NpgsqlDbType.Text, ct);
            await copy.WriteAsync(failure.Processor?.Tag is { } tag ? StorableText.Of(tag) : null, NpgsqlDbType.Text, ct);
            await copy.WriteAsync(StorableText.Of(failure.Code), NpgsqlDbType.Text, ct);
            await copy.WriteAsync(StorableText.Of(failure.Message), NpgsqlDbType.Text, ct);
            await copy.WriteAsync(failure.Record, NpgsqlDbType.Bytea, ct);
            await copy.WriteAsync(failure.RecordIsJson, NpgsqlDbType.Boolean, ct);
            if (failure.RecordAtFailure is { } atFailure) await copy.WriteAsync(atFailure, NpgsqlDbType.Bytea, ct);
            else await copy.WriteNullAsync(ct);
            await copy.WriteAsync(FailureDetails.ToText(failure.Details), NpgsqlDbType.Text, ct);
            await copy.WriteAsync(now.ToUniversalTime(), NpgsqlDbType.TimestampTz, ct);
        }

        await copy.CompleteAsync(ct);
    }

    protected override bool IsDuplicate(Exception failure) => failure is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation };

    protected override async Task<int> PutBackExpiredAsync(int maxAttempts, CancellationToken ct)
    {
        await using var command = Command(PutBack, maxAttempts);
        return await command.ExecuteNonQueryAsync(ct);
    }

    protected override async Task<IReadOnlyList<(long ChunkId, int Attempt, Guid BatchId)>> FindExhaustedAsync(int maxAttempts, CancellationToken ct)
    {
        await using var command = Command(Exhausted, maxAttempts);
        await using var reader = await command.ExecuteReaderAsync(ct);
        var exhausted = new List<(long, int, Guid)>();
        while (await reader.ReadAsync(ct)) exhausted.Add((reader.GetInt64(0), reader.GetInt32(1), reader.GetGuid(2)));
        return exhausted;
    }

    private async Task MakeReadyAsync(ChunkLease chunk, TimeSpan delay, int takeBack, CancellationToken ct)
    {
        await using var command = Command(MakeReady, chunk.ChunkId, chunk.Attempt, chunk.Worker, delay, takeBack);
        await command.ExecuteNonQueryAsync(ct);
    }

    private NpgsqlCommand Command(string sql, params ReadOnlySpan<object> values)
    {
        var command = source.CreateCommand(sql);
        foreach (var value in values) command.Parameters.Add(new NpgsqlParameter { Value = value });
        return command;
    }

    private static async Task<ReadOnlyMemory<byte>> ReadPayloadAsync(NpgsqlDataReader reader, int ordinal, CancellationToken ct)
    {
        await using var stream = await reader.GetStreamAsync(ordinal, ct);
        var length = (int)stream.Length;
        var compressed = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            await stream.ReadExactlyAsync(compressed.AsMemory(0, length), ct);
            var frames = GC.AllocateUninitializedArray<byte>(ChunkCompression.DecompressedLength(compressed));
            ChunkCompression.Decompress(compressed.AsSpan(0, length), frames);
            return frames;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(compressed);
        }
    }
}
