using System.Data.Common;
using DataPipeline.Application.Batches;
using DataPipeline.Application.Observability;
using DataPipeline.Domain.Batches;
using DataPipeline.Domain.Common;
using DataPipeline.Domain.Pipelines;
using DataPipeline.Infrastructure.Persistence.Postgres;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using NpgsqlTypes;

namespace DataPipeline.Infrastructure.Persistence.Intake;

internal sealed class PostgresBatchIntake(PostgresDatabase database, IBatchSignals signals, ServiceMetrics metrics, IIdGenerator ids) : BatchIntake(database, signals, metrics, ids)
{
    /// <summary>An arbitrary constant: the first half of the number of an owner's advisory lock.</summary>
    private const int OwnerLock = 0x6470_6f77;

    protected override async Task<Pipeline?> LockPipelineAsync(AppDbContext db, OwnerId owner, Guid pipelineId, CancellationToken ct) =>
        (await db.Pipelines.FromSql($"SELECT * FROM pipelines WHERE id = {pipelineId} AND owner_id = {owner.Value} FOR SHARE").AsNoTracking().ToListAsync(ct)).SingleOrDefault();

    /// <summary>With a bound on how long a process that is halted in between keeps the others waiting.</summary>
    protected override Task LockOwnerAsync(AppDbContext db, OwnerId owner, CancellationToken ct) =>
        db.Database.ExecuteSqlAsync($"SET LOCAL idle_in_transaction_session_timeout = '30s'; SELECT pg_advisory_xact_lock({OwnerLock}, hashtext({owner.Value}))", ct);

    protected override async Task WriteChunksAsync(DbConnection connection, Batch batch, IChunkSource chunks, long firstRound, CancellationToken ct)
    {
        await using var copy = await ((NpgsqlConnection)connection).BeginBinaryImportAsync(
            "COPY batch_chunks (batch_id, pipeline_id, owner_id, ordinal, first_record, record_count, attempt, ready_at, round, payload) FROM STDIN (FORMAT BINARY)", ct);
        var ordinal = 0;
        await foreach (var chunk in chunks.ReadAsync(ct))
        {
            await copy.StartRowAsync(ct);
            await copy.WriteAsync(batch.Id, NpgsqlDbType.Uuid, ct);
            await copy.WriteAsync(batch.PipelineId, NpgsqlDbType.Uuid, ct);
            await copy.WriteAsync(batch.OwnerId.Value, NpgsqlDbType.Varchar, ct);
            await copy.WriteAsync(ordinal, NpgsqlDbType.Integer, ct);
            await copy.WriteAsync(chunk.FirstRecord, NpgsqlDbType.Integer, ct);
            await copy.WriteAsync(chunk.RecordCount, NpgsqlDbType.Integer, ct);
            await copy.WriteAsync(0, NpgsqlDbType.Integer, ct);
            await copy.WriteAsync(DateTimeOffset.UnixEpoch, NpgsqlDbType.TimestampTz, ct);
            await copy.WriteAsync(firstRound + ordinal, NpgsqlDbType.Bigint, ct);
            await copy.WriteAsync(chunk.Payload, NpgsqlDbType.Bytea, ct);
            ordinal++;
        }

        await copy.CompleteAsync(ct);
    }
}
