using DataPipeline.Application.Batches;
using DataPipeline.Application.Observability;
using DataPipeline.Domain.Batches;
using DataPipeline.Infrastructure.Persistence.Model;
using DataPipeline.Infrastructure.Persistence.Queue;
using Microsoft.EntityFrameworkCore;

namespace DataPipeline.Infrastructure.Persistence;

internal sealed class BatchStore(Database database, BatchQueue queue, IBatchSignals signals, ServiceMetrics metrics) : IBatchStore
{
    public async Task<IReadOnlyList<StoredRecord>> ReadRecordsAsync(Guid batchId, int afterRecord, int limit, CancellationToken ct)
    {
        await using var db = database.Open();
        return await queue.ReadDeliveredAsync(db, batchId, afterRecord, limit, ct);
    }

    public async Task<IReadOnlyList<StoredFailure>> ReadFailuresAsync(Guid batchId, int afterRecord, int limit, CancellationToken ct)
    {
        await using var db = database.Open();
        var rows = await db.BatchErrors.AsNoTracking().Where(e => e.BatchId == batchId && e.RecordIndex > afterRecord).OrderBy(e => e.RecordIndex).Take(limit).ToListAsync(ct);
        return rows.ConvertAll(row => new StoredFailure(FailureOf(row), row.CreatedAt));
    }

    public async Task<Batch?> ChangeAsync(Guid batchId, Action<Batch> change, CancellationToken ct)
    {
        var (batch, ended) = await database.InTransactionAsync(
            async (db, transaction) =>
            {
                if (await queue.LockBatchAsync(db, batchId, ct) is not { } locked) return ((Batch?)null, false);
                var wasFinished = locked.IsFinished;
                change(locked);
                await db.SaveChangesAsync(ct);
                if (locked.IsFinished) await db.BatchChunks.Where(c => c.BatchId == batchId).ExecuteDeleteAsync(ct);
                await transaction.CommitAsync(ct);
                return (locked, locked.IsFinished && !wasFinished);
            }, ct);
        if (!ended) return batch;
        signals.BatchEnded(batchId);
        metrics.BatchEnded(batch!);
        return batch;
    }

    private static RecordFailure FailureOf(BatchErrorRow row)
    {
        var processor = row.ProcessorIndex is { } index ? new ProcessorRef(index, row.ProcessorType!, row.ProcessorTag) : null;
        return new RecordFailure(row.RecordIndex, processor, row.Code, row.ErrorMessage, row.Record, row.RecordIsJson)
        {
            RecordAtFailure = row.RecordAtFailure is { } atFailure ? atFailure : (ReadOnlyMemory<byte>?)null,
            Details = FailureDetails.OfText(row.Details),
        };
    }
}
