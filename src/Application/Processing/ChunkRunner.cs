using System.Buffers;
using DataPipeline.Application.Batches;
using DataPipeline.Application.Observability;
using DataPipeline.Domain.Batches;
using DataPipeline.Domain.Processing;
using Microsoft.Extensions.Options;

namespace DataPipeline.Application.Processing;

internal sealed class ChunkRunner(CompiledPipelines pipelines, Supervisor supervisor, IWorkThreads threads, IOptions<ProcessingOptions> limits, IOptions<ChunkOptions> sizes, TimeProvider clock) : IChunkRunner
{
    public async Task<ChunkResult> RunAsync(ChunkLease chunk, CancellationToken ct)
    {
        using var span = ServiceTraces.StartStep("chunk.run");
        var progress = new ChunkProgress(chunk, sizes.Value.ChunkOutputBytes);
        return await supervisor.RunAsync(watch => PassAsync(chunk, progress, watch), ct);
    }

    private async Task<ChunkResult> PassAsync(ChunkLease chunk, ChunkProgress progress, CallWatch watch)
    {
        var loan = await threads.ReturnFrom(pipelines.RentAsync(chunk.Owner, chunk.PipelineId, chunk.PipelineVersion, watch.Token));
        try
        {
            if (chunk.End is { } tally) return await EndAsync(chunk, tally, loan.Pipeline, watch.Token);
            watch.Attach(loan.Pipeline, loan.Entry.Lost);
            await ProcessAsync(chunk, progress, loan.Pipeline, watch);
            return await DeliverAsync(chunk, progress, loan.Pipeline, watch.Token);
        }
        finally
        {
            pipelines.Return(loan, isUsable: !watch.GivenUp.IsCompleted);
        }
    }

    private async Task ProcessAsync(ChunkLease chunk, ChunkProgress progress, CompiledPipeline pipeline, CallWatch watch)
    {
        var context = new ProcessorContext(clock) { PipelineId = chunk.PipelineId, PipelineName = chunk.PipelineName, BatchId = chunk.BatchId };
        var record = new Record(limits.Value.MaxRecordBytes);
        var tallies = progress.TalliesOf(pipeline.Steps);
        while (progress.GoesOn)
        {
            watch.Token.ThrowIfCancellationRequested();
            var frame = progress.Next(out var behind);
            var index = progress.RecordIndex;
            if (frame.Rejection is { } rejection)
            {
                progress.Fail(new RecordFailure(index, null, rejection.Code, rejection.Message, frame.Content, frame.IsJson), behind);
                continue;
            }

            if (pipeline.Steps.Length == 0 && pipeline.RecordSchema is null)
            {
                progress.Deliver(frame.Content.Span, behind);
                continue;
            }

            if (!record.TryReparse(frame.Content))
            {
                progress.Fail(new RecordFailure(index, null, "MALFORMED_JSON", "The record is not a JSON object.", frame.Content, RecordIsJson: false), behind);
                continue;
            }

            if (pipeline.RecordSchema?.Check(record) is { Outcome: ProcessorOutcome.Fail } violation)
            {
                progress.Fail(new RecordFailure(index, null, violation.Code!, violation.Message!, frame.Content, RecordIsJson: true) { Details = violation.Details }, behind);
                continue;
            }

            context.MoveTo(index);
            if (pipeline.Plugins is not null) progress.BeginCalls(watch);
            var verdict = await RecordRunner.RunAsync(pipeline.Steps, record, context, tallies, null, watch.Token);
            switch (verdict.Ending)
            {
                case Ending.Passed or Ending.Terminated:
                    progress.Deliver(record, behind);
                    break;
                case Ending.Dropped:
                    progress.Drop(behind);
                    break;
                default:
                    progress.Fail(
                        new RecordFailure(index, verdict.Processor, verdict.Code!, verdict.Message!, frame.Content, RecordIsJson: true) { RecordAtFailure = Json(record), Details = verdict.Failure.Details },
                        behind);
                    break;
            }
        }
    }

    private static async Task<ChunkResult> DeliverAsync(ChunkLease chunk, ChunkProgress progress, CompiledPipeline pipeline, CancellationToken ct)
    {
        var result = progress.ToResult(pipeline);
        if (pipeline.Destination is not { } destination) return result;
        await ReachAsync(token => destination.DeliverAsync(DeliveryOf(chunk, result.Stored), token), ct);
        if (!pipeline.DeliversToPlugin) result.Stored.Dispose(); // A plugin may still hold on to its records, and must not come to see another's.
        return result with { Stored = new DeliveredRecords(), EndsWithDestination = destination is ICompletingDestination };
    }

    private static async Task<ChunkResult> EndAsync(ChunkLease chunk, RecordTally tally, CompiledPipeline pipeline, CancellationToken ct)
    {
        var batch = new DeliveredBatch(chunk.PipelineId, chunk.PipelineName, chunk.BatchId, tally.Processed, tally.Delivered, tally.Dropped, tally.Failed);
        if (pipeline.Destination is ICompletingDestination destination) await ReachAsync(token => destination.CompleteAsync(batch, token), ct);
        return new ChunkResult(default, new DeliveredRecords(), [], pipeline.Policy);
    }

    /// <summary>What a destination throws is told from what fails here.</summary>
    private static async Task ReachAsync(Func<CancellationToken, ValueTask> deliver, CancellationToken ct)
    {
        using var span = ServiceTraces.StartStep("chunk.deliver");
        using var cancellation = new DetachedCancellation(ct);
        try
        {
            await deliver(cancellation.Token);
        }
        catch (Exception failure) when (failure is not OperationCanceledException || !ct.IsCancellationRequested)
        {
            span.Fail(failure);
            if (failure is DeliveryException) throw;
            throw new DeliveryException("The destination failed unexpectedly.", failure);
        }
    }

    private static DeliveryChunk DeliveryOf(ChunkLease chunk, DeliveredRecords delivered)
    {
        var records = new DeliveryRecord[delivered.Count];
        for (var i = 0; i < records.Length; i++)
        {
            var (index, json) = delivered[i];
            records[i] = new DeliveryRecord(index, json);
        }

        return new DeliveryChunk(chunk.PipelineId, chunk.PipelineName, chunk.BatchId, chunk.FirstRecord, chunk.Attempt, records) { Ordinal = chunk.Ordinal, Part = chunk.Part };
    }

    private static byte[] Json(Record record)
    {
        var buffer = new ArrayBufferWriter<byte>();
        record.WriteTo(buffer);
        return buffer.WrittenSpan.ToArray();
    }
}
