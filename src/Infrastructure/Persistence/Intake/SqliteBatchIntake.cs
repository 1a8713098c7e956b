using System.Data.Common;
using System.Text;
using DataPipeline.Application.Batches;
using DataPipeline.Application.Observability;
using DataPipeline.Domain.Batches;
using DataPipeline.Domain.Common;
using DataPipeline.Domain.Pipelines;
using DataPipeline.Infrastructure.Persistence.Sqlite;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace DataPipeline.Infrastructure.Persistence.Intake;

internal sealed class SqliteBatchIntake(SqliteDatabase database, IBatchSignals signals, ServiceMetrics metrics, IIdGenerator ids) : BatchIntake(database, signals, metrics, ids)
{
    private const string InsertChunk = """
        INSERT INTO batch_chunks (batch_id, pipeline_id, owner_id, ordinal, first_record, record_count, attempt, ready_at, round, payload)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0, ?7, ?8, ?9)
        """;

    /// <summary>The transaction is the only one that writes, so reading is locking.</summary>
    protected override Task<Pipeline?> LockPipelineAsync(AppDbContext db, OwnerId owner, Guid pipelineId, CancellationToken ct) =>
        db.Pipelines.AsNoTracking().SingleOrDefaultAsync(p => p.Id == pipelineId && p.OwnerId == owner, ct);

    /// <summary>The transaction is the only one that writes.</summary>
    protected override Task LockOwnerAsync(AppDbContext db, OwnerId owner, CancellationToken ct) => Task.CompletedTask;

    protected override async Task WriteChunksAsync(DbConnection connection, Batch batch, IChunkSource chunks, long firstRound, CancellationToken ct)
    {
        using var insert = new SqliteInsert((SqliteConnection)connection, InsertChunk);
        insert.Bind(1, SqliteGuid.Of(batch.Id));
        insert.Bind(2, SqliteGuid.Of(batch.PipelineId));
        insert.BindUtf8(3, Encoding.UTF8.GetBytes(batch.OwnerId.Value));
        insert.Bind(7, DateTimeOffset.UnixEpoch.UtcTicks);
        var ordinal = 0;
        await foreach (var chunk in chunks.ReadAsync(ct))
        {
            insert.Bind(4, ordinal);
            insert.Bind(5, chunk.FirstRecord);
            insert.Bind(6, chunk.RecordCount);
            insert.Bind(8, firstRound + ordinal);
            insert.Bind(9, chunk.Payload.Span);
            insert.Execute();
            ordinal++;
        }
    }
}
