using System.Data.Common;
using DataPipeline.Application.Batches;
using DataPipeline.Application.Observability;
using DataPipeline.Domain.Batches;
using DataPipeline.Domain.Common;
using DataPipeline.Domain.Pipelines;
using DataPipeline.Infrastructure.Persistence.Configurations;
using DataPipeline.Infrastructure.Persistence.Queue;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;

namespace DataPipeline.Infrastructure.Persistence.Intake;

/// <summary>What acceptance is on either database.</summary>
internal abstract class BatchIntake(Database database, IBatchSignals signals, ServiceMetrics metrics, IIdGenerator ids) : IBatchIntake
{
    /// <summary>How long an answer is repeated.</summary>
    private static readonly TimeSpan AnswerLife = TimeSpan.FromHours(24);

    public async Task<OwnerBacklog> ReadBacklogAsync(OwnerId owner, CancellationToken ct)
    {
        await using var db = database.Open();
        return await ReadBacklogAsync(db, owner, ct);
    }

    public async Task<Result<Batch>> AcceptAsync(
        OwnerId owner, Guid pipelineId, IChunkSource chunks, (IdempotencyReservation Reservation, byte[] BodyHash)? reservation, Func<Pipeline, OwnerBacklog, Result<Batch>> decide, CancellationToken ct)
    {
        using var span = ServiceTraces.StartStep("batch.accept");
        var accepted = await database.InTransactionAsync((db, transaction) => AcceptAsync(db, transaction, owner, pipelineId, chunks, reservation, decide, ct), ct);
        if (!accepted.IsSuccess) return accepted;
        signals.WorkArrived();
        metrics.BatchAccepted();
        span?.SetTag("data_pipeline.batch.id", accepted.Value.Id).SetTag("data_pipeline.pipeline.id", pipelineId).SetTag("data_pipeline.batch.record_count", accepted.Value.RecordCount);
        return accepted;
    }

    public async Task<(IdempotencyReservation? Reservation, IdempotentSubmission? Answered)> ReserveAsync(Guid pipelineId, string key, TimeSpan lease, CancellationToken ct)
    {
        var reservation = new IdempotencyReservation(pipelineId, key, ids.NewId());
        while (!await TryReserveAsync(reservation, lease, ct))
        {
            await using var db = database.Open();
            var present = await db.IdempotencyKeys.AsNoTracking().SingleOrDefaultAsync(k => k.PipelineId == pipelineId && k.Key == key, ct);
            if (present is { BatchId: { } batchId, BodyHash: { } hash }) return (null, new IdempotentSubmission(batchId, hash));
            if (present is not null) return (null, null);
        }

        return (reservation, null);
    }

    public Task ExtendAsync(IdempotencyReservation reservation, TimeSpan lease, CancellationToken ct) => database.WriteAsync(
        $"UPDATE idempotency_keys SET expires_at = {database.Now} + {{0}} WHERE pipeline_id = {{1}} AND key = {{2}} AND token = {{3}} AND batch_id IS NULL",
        [database.Duration(lease), reservation.PipelineId, reservation.Key, reservation.Token], ct);

    public Task ReleaseAsync(IdempotencyReservation reservation, CancellationToken ct) => database.WriteAsync(
        "DELETE FROM idempotency_keys WHERE pipeline_id = {0} AND key = {1} AND token = {2} AND batch_id IS NULL", [reservation.PipelineId, reservation.Key, reservation.Token], ct);

    /// <summary>The pipeline, locked against change, though not against other submissions, until the transaction ends.</summary>
    protected abstract Task<Pipeline?> LockPipelineAsync(AppDbContext db, OwnerId owner, Guid pipelineId, CancellationToken ct);

    /// <summary>Makes the owner's other submissions wait until the transaction ends.</summary>
    protected abstract Task LockOwnerAsync(AppDbContext db, OwnerId owner, CancellationToken ct);

    protected abstract Task WriteChunksAsync(DbConnection connection, Batch batch, IChunkSource chunks, long firstRound, CancellationToken ct);

    private async Task<Result<Batch>> AcceptAsync(
        AppDbContext db, IDbContextTransaction transaction, OwnerId owner, Guid pipelineId, IChunkSource chunks,
        (IdempotencyReservation Reservation, byte[] BodyHash)? reservation, Func<Pipeline, OwnerBacklog, Result<Batch>> decide, CancellationToken ct)
    {
        if (await LockPipelineAsync(db, owner, pipelineId, ct) is not { } pipeline) return PipelineErrors.NotFound(pipelineId);
        var decision = decide(pipeline, await ReadBacklogAsync(db, owner, ct));
        if (!decision.IsSuccess) return decision;

        var batch = decision.Value;
        var row = db.Batches.Add(batch);
        row.Property(BatchConfiguration.TraceParent).CurrentValue = ServiceTraces.CurrentContext;
        row.Property(BatchConfiguration.PayloadBytes).CurrentValue = chunks.Bytes;
        await db.SaveChangesAsync(ct);
        if (reservation is { } answered && !await AnswerAsync(db, answered.Reservation, answered.BodyHash, batch.Id, ct)) return Domain.Batches.BatchErrors.KeyInUse();
        await WriteChunksAsync(db.Database.GetDbConnection(), batch, chunks, await Rounds.NextAsync(db, owner, ct), ct);

        // Only now, so that an owner's submissions wait for each other no longer than a commit takes.
        await LockOwnerAsync(db, owner, ct);
        if (decide(pipeline, await ReadBacklogAsync(db, owner, ct, except: batch.Id)).Error is { } refusal) return refusal;
        await transaction.CommitAsync(ct);
        return batch;
    }

    private async Task<bool> AnswerAsync(AppDbContext db, IdempotencyReservation reservation, byte[] bodyHash, Guid batchId, CancellationToken ct)
    {
        var sql = $"UPDATE idempotency_keys SET batch_id = {{0}}, body_hash = {{1}}, expires_at = {database.Now} + {{2}} WHERE pipeline_id = {{3}} AND key = {{4}} AND token = {{5}} AND batch_id IS NULL";
        return await db.Database.ExecuteSqlRawAsync(sql, [batchId, bodyHash, database.Duration(AnswerLife), reservation.PipelineId, reservation.Key, reservation.Token], ct) == 1;
    }

    private async Task<bool> TryReserveAsync(IdempotencyReservation reservation, TimeSpan lease, CancellationToken ct) => await database.WriteAsync(
        $$"""
        INSERT INTO idempotency_keys (pipeline_id, key, token, expires_at) VALUES ({0}, {1}, {2}, {{database.Now}} + {3})
        ON CONFLICT (pipeline_id, key) DO UPDATE SET token = excluded.token, expires_at = excluded.expires_at, batch_id = NULL, body_hash = NULL
        WHERE idempotency_keys.expires_at <= {{database.Now}}
        """,
        [reservation.PipelineId, reservation.Key, reservation.Token, database.Duration(lease)], ct) == 1;

    private static async Task<OwnerBacklog> ReadBacklogAsync(AppDbContext db, OwnerId owner, CancellationToken ct, Guid? except = null)
    {
        var unfinished = await db.Batches.Where(b => b.OwnerId == owner && (b.Status == BatchStatus.Pending || b.Status == BatchStatus.Processing) && b.Id != except)
            .GroupBy(b => 1).Select(g => new { Batches = g.Count(), Bytes = g.Sum(b => EF.Property<long>(b, BatchConfiguration.PayloadBytes)) }).SingleOrDefaultAsync(ct);
        return unfinished is null ? default : new OwnerBacklog(unfinished.Batches, unfinished.Bytes);
    }
}
