using DataPipeline.Application.Batches;
using DataPipeline.Application.Common;
using DataPipeline.Application.Observability;
using DataPipeline.Domain.Batches;
using DataPipeline.Infrastructure.Persistence.Model;
using DataPipeline.Infrastructure.Persistence.Queue;
using Microsoft.EntityFrameworkCore;

namespace DataPipeline.Infrastructure.Persistence;

internal sealed class BatchStore(Database database, BatchQueue queue, IBatchSignals signals, ServiceMetrics metrics) : IBatchStore
{
    public async Task<Slice<StoredRecord>> ReadRecordsAsync(Guid batchId, int afterRecord, SliceSize size, CancellationToken ct)
    {
        await using var db = database.Open();
        var cut = CutOf(await queue.ReadDeliveredSizesAsync(db, batchId, afterRecord, size.Count + 1, ct), size);
        var records = await queue.ReadDeliveredAsync(db, batchId, afterRecord, cut.Count, ct);
        return new(records, cut.HasMore || (records.Count > 0 && records[^1].RecordIndex < cut.LastRecord));
    }

    public async Task<Slice<StoredFailure>> ReadFailuresAsync(Guid batchId, int afterRecord, SliceSize size, CancellationToken ct)
    {
        await using var db = database.Open();
        var failures = db.BatchErrors.AsNoTracking().Where(e => e.BatchId == batchId && e.RecordIndex > afterRecord).OrderBy(e => e.RecordIndex);
        var sizes = await failures.Take(size.Count + 1).Select(e => new { e.RecordIndex, Bytes = e.Record.Length + (e.RecordAtFailure == null ? 0 : e.RecordAtFailure.Length) }).ToListAsync(ct);
        var cut = CutOf(sizes.ConvertAll(s => (s.RecordIndex, s.Bytes)), size);
        var rows = await failures.Take(cut.Count).ToListAsync(ct);
        return new(rows.ConvertAll(row => new StoredFailure(FailureOf(row), row.CreatedAt)), cut.HasMore || (rows.Count > 0 && rows[^1].RecordIndex < cut.LastRecord));
    }

    /// <summary>Where a slice ends: what it holds is measured before it is read. What comes between the records meanwhile ends it sooner, and makes it no longer.</summary>
    /// <param name="sizes">By index; one more than the slice may have where there are as many.</param>
    private static (int Count, int LastRecord, bool HasMore) CutOf(List<(int RecordIndex, int Bytes)> sizes, SliceSize size)
    {
        var (count, bytes) = (0, 0L);
        while (count < sizes.Count && count < size.Count && bytes < size.Bytes) bytes += sizes[count++].Bytes;
        return (count, count == 0 ? -1 : sizes[count - 1].RecordIndex, count < sizes.Count);
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
