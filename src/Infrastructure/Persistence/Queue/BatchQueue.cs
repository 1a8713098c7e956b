using System.Data.Common;
using DataPipeline.Application.Batches;
using DataPipeline.Application.Observability;
using DataPipeline.Application.Processing;
using DataPipeline.Domain.Batches;
using DataPipeline.Domain.Pipelines;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;

namespace DataPipeline.Infrastructure.Persistence.Queue;

/// <summary>
/// What the queue is on either database. Whoever changes a batch locks its row first, then its chunks, then the pipeline's counters:
/// in this one order, so that workers and requests wait for each other but never in a circle.
/// </summary>
internal abstract class BatchQueue(Database database, ServiceMetrics metrics, TimeProvider clock) : IBatchQueue
{
    protected Database Database => database;

    protected TimeProvider Clock => clock;

    public abstract Task<IReadOnlyList<ChunkLease>> ClaimAsync(string worker, int max, TimeSpan lease, ClaimExceptions except, CancellationToken ct);

    public abstract Task<IReadOnlySet<long>> RenewAsync(string worker, IReadOnlyCollection<ChunkLease> chunks, TimeSpan lease, CancellationToken ct);

    public abstract Task GiveBackAsync(ChunkLease chunk, TimeSpan delay, CancellationToken ct);

    public abstract Task RetryLaterAsync(ChunkLease chunk, TimeSpan delay, CancellationToken ct);

    public async Task<CommitOutcome> CommitAsync(ChunkLease chunk, ChunkResult result, CancellationToken ct)
    {
        using var span = ServiceTraces.StartStep("chunk.commit");
        try
        {
            var (outcome, ended) = await database.InTransactionAsync((db, transaction) => CommitAsync(db, transaction, chunk, result, ct), ct);
            if (outcome is not (CommitOutcome.LeaseLost or CommitOutcome.BatchOver)) metrics.RecordsProcessed(result.Tally);
            if (ended is not null) metrics.BatchEnded(ended);
            return outcome;
        }
        catch (Exception duplicate) when (IsDuplicate(duplicate))
        {
            // Another worker has committed these records, as it may when this one lost its lease. If not, they clash among themselves and never can be committed.
            if (await HoldsAsync(chunk, ct)) throw;
            return CommitOutcome.LeaseLost;
        }
        catch (Exception failure)
        {
            span.Fail(failure);
            throw;
        }
    }

    public async Task<bool> IsOverAsync(Guid batchId, CancellationToken ct)
    {
        await using var db = database.Open();
        return !await db.Batches.AnyAsync(b => b.Id == batchId && (b.Status == BatchStatus.Pending || b.Status == BatchStatus.Processing), ct);
    }

    public Task FailBatchAsync(ChunkLease chunk, BatchError reason, CancellationToken ct) => database.InTransactionAsync(
        async (db, transaction) => await FailAsync(db, transaction, chunk.BatchId, Fence(db, chunk), reason, ct), ct);

    public async Task<ReclaimedChunks> ReclaimExpiredAsync(int maxAttempts, CancellationToken ct)
    {
        var ready = await PutBackExpiredAsync(maxAttempts, ct);
        var ended = new List<Guid>();
        foreach (var (chunkId, attempt, batchId) in await FindExhaustedAsync(maxAttempts, ct))
        {
            var failed = await database.InTransactionAsync(
                async (db, transaction) => await FailAsync(
                    db, transaction, batchId, db.BatchChunks.Where(c => c.Id == chunkId && c.Attempt == attempt), Domain.Batches.BatchErrors.ProcessingFailed($"The service was interrupted at each of {attempt} attempts."), ct),
                ct);
            if (failed) ended.Add(batchId);
        }

        return new ReclaimedChunks(ready, ended);
    }

    public async Task<int> ReleaseForgottenAsync(CancellationToken ct)
    {
        await using var db = database.Open();
        var forgotten = await db.Pipelines.AsNoTracking().Where(p => p.Status == PipelineStatus.Active && db.BatchChunks.Any(c => c.OwnerId == p.OwnerId && c.Round >= Rounds.Held && c.PipelineId == p.Id)).ToListAsync(ct);
        foreach (var pipeline in forgotten)
        {
            await database.InTransactionAsync(
                async (context, transaction) =>
                {
                    await FollowAsync(context, pipeline, ct);
                    await transaction.CommitAsync(ct);
                    return true;
                }, ct);
        }

        return forgotten.Count;
    }

    /// <summary>Takes what a paused pipeline has waiting out of the line, and lines it up again when the pipeline is active, in the transaction that changes it.</summary>
    internal async Task FollowAsync(AppDbContext db, Pipeline pipeline, CancellationToken ct)
    {
        await BoundAsync(db, ct);
        await LockUnfinishedAsync(db, pipeline.Id, ct);
        if (pipeline.Status == PipelineStatus.Active) await ReleaseAsync(db, pipeline, ct);
        else await HoldAsync(db, pipeline, ct);
    }

    /// <summary>The batch, tracked, with its row locked until the transaction ends.</summary>
    internal abstract Task<Batch?> LockBatchAsync(AppDbContext db, Guid batchId, CancellationToken ct);

    /// <summary>Locks the rows of a pipeline's unfinished batches until the transaction ends.</summary>
    protected abstract Task LockUnfinishedAsync(AppDbContext db, Guid pipelineId, CancellationToken ct);

    /// <summary>The lengths of delivered records in bytes, which say what reading the records themselves would cost.</summary>
    internal Task<List<(int RecordIndex, int Bytes)>> ReadDeliveredSizesAsync(AppDbContext db, Guid batchId, int afterRecord, int limit, CancellationToken ct) => ReadAsync(
        db, "SELECT record_index, octet_length(record) FROM delivered_records WHERE batch_id = @batch AND record_index > @after ORDER BY record_index LIMIT @limit",
        [("@batch", StoredId(batchId)), ("@after", afterRecord), ("@limit", limit)], reader => (reader.GetInt32(0), reader.GetInt32(1)), ct);

    /// <summary>Reads text as the UTF-8 it is stored in.</summary>
    internal Task<List<StoredRecord>> ReadDeliveredAsync(AppDbContext db, Guid batchId, int afterRecord, int limit, CancellationToken ct) => ReadAsync(
        db, "SELECT record_index, record FROM delivered_records WHERE batch_id = @batch AND record_index > @after ORDER BY record_index LIMIT @limit",
        [("@batch", StoredId(batchId)), ("@after", afterRecord), ("@limit", limit)], reader => new StoredRecord(reader.GetInt32(0), reader.GetFieldValue<byte[]>(1)), ct);

    /// <summary>An id in the form in which the database's client takes it.</summary>
    protected abstract object StoredId(Guid id);

    /// <summary>A time in the form in which the database's client takes it.</summary>
    protected abstract object StoredTime(DateTimeOffset time);

    protected abstract Task WriteDeliveredAsync(DbConnection connection, Guid batchId, DeliveredRecords records, CancellationToken ct);

    protected abstract Task WriteFailuresAsync(DbConnection connection, Guid batchId, IReadOnlyList<RecordFailure> failures, DateTimeOffset now, CancellationToken ct);

    /// <summary>Makes the transaction end by itself where this process stops in the middle of it, since others wait for its locks.</summary>
    protected abstract Task BoundAsync(AppDbContext db, CancellationToken ct);

    protected abstract bool IsDuplicate(Exception failure);

    protected abstract Task<int> PutBackExpiredAsync(int maxAttempts, CancellationToken ct);

    protected abstract Task<IReadOnlyList<(long ChunkId, int Attempt, Guid BatchId)>> FindExhaustedAsync(int maxAttempts, CancellationToken ct);

    private static async Task<List<T>> ReadAsync<T>(AppDbContext db, string sql, (string Name, object Value)[] values, Func<DbDataReader, T> read, CancellationToken ct)
    {
        await db.Database.OpenConnectionAsync(ct);
        await using var command = db.Database.GetDbConnection().CreateCommand();
        command.CommandText = sql;
        foreach (var (name, value) in values)
        {
            var parameter = command.CreateParameter();
            (parameter.ParameterName, parameter.Value) = (name, value);
            command.Parameters.Add(parameter);
        }

        await using var reader = await command.ExecuteReaderAsync(ct);
        var rows = new List<T>();
        while (await reader.ReadAsync(ct)) rows.Add(read(reader));
        return rows;
    }

    private async Task<(CommitOutcome Outcome, Batch? Ended)> CommitAsync(AppDbContext db, IDbContextTransaction transaction, ChunkLease chunk, ChunkResult result, CancellationToken ct)
    {
        var connection = db.Database.GetDbConnection();
        await BoundAsync(db, ct);

        // The bulk goes first: until the batch is locked, nobody waits for this transaction.
        if (result.Stored.Count > 0) await WriteDeliveredAsync(connection, chunk.BatchId, result.Stored, ct);
        if (await LockBatchAsync(db, chunk.BatchId, ct) is not { } batch) return (CommitOutcome.BatchOver, null);
        var round = result.EndsWithDestination ? await Fence(db, chunk).Select(c => c.Round).SingleOrDefaultAsync(ct) : 0;
        if (await Fence(db, chunk).ExecuteDeleteAsync(ct) == 0) return (batch.IsFinished ? CommitOutcome.BatchOver : CommitOutcome.LeaseLost, null);

        var now = clock.GetUtcNow();
        if (chunk.End is null) batch.Advance(result.Tally, result.Policy, now, completes: !result.EndsWithDestination);
        else batch.Complete(now);
        var endIsDue = !batch.IsFinished && batch.ProcessedCount == batch.RecordCount;
        if (endIsDue) db.BatchChunks.Add(EndOf(batch, round));
        if (result.Rest is { } rest && !batch.IsFinished) db.BatchChunks.Add(RestOf(batch, chunk, rest, await Rounds.NextAsync(db, batch.OwnerId, ct)));
        if (result.Failures.Count > 0) await WriteFailuresAsync(connection, chunk.BatchId, result.Failures, now, ct);
        await db.SaveChangesAsync(ct);
        if (batch.IsFinished && batch.ProcessedCount < batch.RecordCount) await db.BatchChunks.Where(c => c.BatchId == batch.Id).ExecuteDeleteAsync(ct);
        if (chunk.End is null) await CountAsync(db, chunk, result, now, ct);

        // Should the answer to this be lost, the next try finds no chunk and reports the lease as lost: the work stands once all the same.
        await transaction.CommitAsync(ct);
        if (batch.IsFinished) return (CommitOutcome.BatchEnded, batch);
        return (endIsDue || result.Rest is not null ? CommitOutcome.LeftWork : CommitOutcome.Committed, null);
    }

    /// <summary>A chunk of its own, with attempts of its own: whoever still has the one that it is the rest of can do nothing to it.</summary>
    private static Model.BatchChunkRow RestOf(Batch batch, ChunkLease chunk, ChunkRest rest, long round) => new()
    {
        BatchId = batch.Id,
        PipelineId = batch.PipelineId,
        OwnerId = batch.OwnerId,
        Ordinal = chunk.Ordinal,
        Part = chunk.Part + 1,
        FirstRecord = rest.FirstRecord,
        RecordCount = rest.RecordCount,
        ReadyAt = DateTimeOffset.UnixEpoch,
        Round = round,
        Payload = ChunkCompression.Compress(rest.Frames.Span),
    };

    /// <summary>The end is work like any other, so that no crash can lose it.</summary>
    private static Model.BatchChunkRow EndOf(Batch batch, long round) => new()
    {
        BatchId = batch.Id,
        PipelineId = batch.PipelineId,
        OwnerId = batch.OwnerId,
        Ordinal = ChunkLease.EndOrdinal,
        FirstRecord = batch.RecordCount,
        ReadyAt = DateTimeOffset.UnixEpoch,
        Round = round,
        Payload = ChunkCompression.Empty,
    };

    private async Task<bool> FailAsync(AppDbContext db, IDbContextTransaction transaction, Guid batchId, IQueryable<Model.BatchChunkRow> fence, BatchError reason, CancellationToken ct)
    {
        await BoundAsync(db, ct);
        if (await LockBatchAsync(db, batchId, ct) is not { } batch || batch.IsFinished || !await fence.AnyAsync(ct)) return false;
        batch.Fail(reason, clock.GetUtcNow());
        await db.SaveChangesAsync(ct);
        await db.BatchChunks.Where(c => c.BatchId == batchId).ExecuteDeleteAsync(ct);
        await transaction.CommitAsync(ct);
        metrics.BatchEnded(batch);
        return true;
    }

    /// <summary>The ends of batches stay in line: they are worked on while the pipeline is paused, too.</summary>
    private async Task HoldAsync(AppDbContext db, Pipeline pipeline, CancellationToken ct) => await db.Database.ExecuteSqlAsync(
        $"""
        UPDATE batch_chunks SET round = round + {Rounds.Held}
        WHERE lease_owner IS NULL AND round < {Rounds.Held} AND ordinal <> {ChunkLease.EndOrdinal}
          AND batch_id IN (SELECT id FROM batches WHERE pipeline_id = {StoredId(pipeline.Id)} AND status IN ('pending', 'processing'))
        """, ct);

    /// <summary>In the turns of a submission that came now: those that were given at first are long gone, and would let the owner go before all others.</summary>
    private async Task ReleaseAsync(AppDbContext db, Pipeline pipeline, CancellationToken ct) => await db.Database.ExecuteSqlAsync(
        $"""
        UPDATE batch_chunks SET round = {await Rounds.NextAsync(db, pipeline.OwnerId, ct)} + held.place
        FROM (
          SELECT c.id, row_number() OVER (ORDER BY c.round, c.id) - 1 AS place FROM batch_chunks c JOIN batches b ON b.id = c.batch_id
          WHERE b.pipeline_id = {StoredId(pipeline.Id)} AND b.status IN ('pending', 'processing') AND c.round >= {Rounds.Held}) held
        WHERE batch_chunks.id = held.id
        """, ct);

    private async Task<bool> HoldsAsync(ChunkLease chunk, CancellationToken ct)
    {
        await using var db = database.Open();
        return await Fence(db, chunk).AnyAsync(ct);
    }

    private static IQueryable<Model.BatchChunkRow> Fence(AppDbContext db, ChunkLease chunk) =>
        db.BatchChunks.Where(c => c.Id == chunk.ChunkId && c.Attempt == chunk.Attempt && c.LeaseOwner == chunk.Worker);

    /// <summary>All rows belong to one pipeline, and the first is the same for all its chunks: whoever has it need not wait for the others.</summary>
    private async Task CountAsync(AppDbContext db, ChunkLease chunk, ChunkResult result, DateTimeOffset now, CancellationToken ct)
    {
        var (delivered, dropped, failed) = result.Tally;
        await db.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO pipeline_counters (pipeline_id, delivered, dropped, failed) VALUES ({StoredId(chunk.PipelineId)}, {delivered}, {dropped}, {failed})
            ON CONFLICT (pipeline_id) DO UPDATE SET
              delivered = pipeline_counters.delivered + excluded.delivered, dropped = pipeline_counters.dropped + excluded.dropped, failed = pipeline_counters.failed + excluded.failed
            """, ct);
        await db.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO metric_buckets (pipeline_id, started_at, delivered, dropped, failed) VALUES ({StoredId(chunk.PipelineId)}, {StoredTime(MinuteOf(now))}, {delivered}, {dropped}, {failed})
            ON CONFLICT (pipeline_id, started_at) DO UPDATE SET
              delivered = metric_buckets.delivered + excluded.delivered, dropped = metric_buckets.dropped + excluded.dropped, failed = metric_buckets.failed + excluded.failed
            """, ct);
        if (result.Processors.Count == 0) return;

        object[] values = [StoredId(chunk.PipelineId), chunk.PipelineVersion, .. result.Processors.SelectMany(p => new object[] { p.Processor.Index, p.Records, p.Failed, p.Dropped, p.TotalMs })];
        var rows = Enumerable.Range(0, result.Processors.Count).Select(i => $"({{0}}, {{1}}, {string.Join(", ", Enumerable.Range(2 + (i * 5), 5).Select(place => $"{{{place}}}"))})");
        var sql = $"""
            INSERT INTO processor_statistics (pipeline_id, version, processor_index, records, failed, dropped, total_ms) VALUES {string.Join(", ", rows)}
            ON CONFLICT (pipeline_id, version, processor_index) DO UPDATE SET
              records = processor_statistics.records + excluded.records, failed = processor_statistics.failed + excluded.failed,
              dropped = processor_statistics.dropped + excluded.dropped, total_ms = processor_statistics.total_ms + excluded.total_ms
            """;
        await db.Database.ExecuteSqlRawAsync(sql, values, ct);
    }

    private static DateTimeOffset MinuteOf(DateTimeOffset time) => new(time.UtcTicks - (time.UtcTicks % TimeSpan.TicksPerMinute), TimeSpan.Zero);
}
