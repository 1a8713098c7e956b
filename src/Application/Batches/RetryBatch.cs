using DataPipeline.Application.Batches.Intake;
using DataPipeline.Application.Common;
using DataPipeline.Application.Processing;
using DataPipeline.Application.RateLimiting;
using DataPipeline.Domain.Batches;
using DataPipeline.Domain.Common;
using DataPipeline.Domain.Pipelines;
using Microsoft.Extensions.Options;

namespace DataPipeline.Application.Batches;

/// <summary>Makes a new batch of the failed records of a finished one, run with the pipeline's current version. Answers with the new batch.</summary>
/// <param name="Allowance">What is left of the caller's limit of records; <c>null</c> where it has none.</param>
public sealed record RetryBatch(OwnerId Owner, Guid PipelineId, Guid BatchId, RecordAllowance? Allowance) : ICommand<Result<Batch>>;

internal sealed class RetryBatchHandler(
    IPipelineRepository pipelines, IBatchRepository batches, IBatchStore store, IBatchIntake intake, IChunkSpoolFactory spools,
    IOptions<BatchOptions> limits, IOptions<ChunkOptions> sizes, IIdGenerator ids, TimeProvider clock)
    : ICommandHandler<RetryBatch, Result<Batch>>
{
    private const int MaxPage = 1_000;

    public async Task<Result<Batch>> Handle(RetryBatch command, CancellationToken ct)
    {
        if (await pipelines.FindAsync(command.Owner, command.PipelineId, ct) is not { } pipeline) return PipelineErrors.NotFound(command.PipelineId);
        if (await batches.FindAsync(command.Owner, command.PipelineId, command.BatchId, ct) is not { } failed) return BatchErrors.NotFound(command.BatchId);
        if (failed.EnsureRetryable().Error is { } notRetryable) return notRetryable;
        if (pipeline.EnsureAcceptsBatches().Error is { } refusal) return refusal;
        if ((await intake.ReadBacklogAsync(command.Owner, ct)).Check(limits.Value) is { } backlogged) return backlogged;

        await using var spool = await spools.CreateAsync(command.Owner, ct);
        if (spool is null) return BatchErrors.NoRoom();
        await SpoolFailuresAsync(failed, spool, ct);

        // Also where only some are gone yet: half a retry would look like a whole one.
        if (spool.RecordCount < failed.FailedCount) return BatchErrors.FailuresRemoved(failed.Id);
        if (command.Allowance is { } allowance && await allowance.TakeAsync(spool.RecordCount, ct) is { } limited) return limited;
        return await intake.AcceptAsync(command.Owner, command.PipelineId, spool, reservation: null, Decide, ct);

        Result<Batch> Decide(Pipeline current, OwnerBacklog backlog) => backlog.Check(limits.Value) is { } tooMuch
            ? tooMuch
            : Batch.Submit(ids.NewId(), current, spool.RecordCount, failed.Id, clock.GetUtcNow());
    }

    private async Task SpoolFailuresAsync(Batch failed, IChunkSpool spool, CancellationToken ct)
    {
        // A record was counted against the limit when it was submitted first.
        var limit = new BatchOptions { MaxRecords = int.MaxValue, MaxRecordBytes = limits.Value.MaxRecordBytes, MaxDepth = limits.Value.MaxDepth };
        using var chunk = new ChunkCutter(limit, sizes.Value);
        var inspector = new RecordInspector(limit);
        for (var after = -1; ;)
        {
            // About a chunk at a time: the largest records must not fill the memory.
            var (failures, hasMore) = await store.ReadFailuresAsync(failed.Id, after, new SliceSize(MaxPage, sizes.Value.ChunkBytes), ct);
            foreach (var (failure, _) in failures)
            {
                while (!TryAdd(chunk, inspector, failure))
                {
                    await spool.AddAsync(chunk.FirstRecord, chunk.Count, chunk.Frames, ct);
                    chunk.StartNext();
                }
            }
            if (!hasMore) break;
            after = failures[^1].Failure.RecordIndex;
        }
        if (chunk.Count > 0) await spool.AddAsync(chunk.FirstRecord, chunk.Count, chunk.Frames, ct);
    }

    private static bool TryAdd(ChunkCutter chunk, RecordInspector inspector, RecordFailure failure)
    {
        var text = failure.Record.Span;
        var isWhole = inspector.Scanner.Scan(text, isFinal: true) == ScanOutcome.Complete && inspector.Scanner.Position == text.Length;
        if (isWhole && inspector.Judge(text) is not { } refusal) return chunk.TryAdd(text);
        // What was no JSON and still is no record keeps the reason it failed for: nothing has been learnt about it since.
        var reason = isWhole && failure.RecordIsJson ? inspector.Judge(text)!.Value : new Refusal(new Rejection(failure.Code, failure.Message), failure.RecordIsJson);
        return chunk.TryReject(reason, text);
    }
}
