using System.Buffers;
using System.Text;
using DataPipeline.Application.Batches;
using DataPipeline.Application.Observability;
using DataPipeline.Domain.Batches;
using DataPipeline.Domain.Processing;
using Microsoft.Extensions.Options;

namespace DataPipeline.Application.Processing;

internal sealed class ChunkRunner(CompiledPipelines pipelines, IOptions<ProcessingOptions> limits, TimeProvider clock) : IChunkRunner
{
    private const int RecordsBetweenLooks = 256;

    public async Task<ChunkResult> RunAsync(ChunkLease chunk, Action delivering, CancellationToken ct)
    {
        using var span = ServiceTraces.StartStep("chunk.run");
        var loan = await pipelines.RentAsync(chunk.PipelineId, chunk.PipelineVersion, ct);
        try
        {
            return chunk.End is { } tally ? await EndAsync(chunk, tally, loan.Pipeline, ct) : await RunAsync(chunk, loan.Pipeline, delivering, ct);
        }
        finally
        {
            pipelines.Return(loan);
        }
    }

    private async Task<ChunkResult> RunAsync(ChunkLease chunk, CompiledPipeline pipeline, Action delivering, CancellationToken ct)
    {
        var context = new ProcessorContext(clock) { PipelineId = chunk.PipelineId, PipelineName = chunk.PipelineName, BatchId = chunk.BatchId };
        var delivered = new DeliveredRecords(chunk.RecordCount, chunk.Payload.Length + (chunk.Payload.Length / 8));
        var record = new Record(limits.Value.MaxRecordBytes);
        var failures = new List<RecordFailure>();
        var tallies = Array.ConvertAll(pipeline.Steps, step => new StepTally(step));
        var dropped = 0;
        var rest = chunk.Payload;
        for (var i = 0; i < chunk.RecordCount; i++)
        {
            if (i % RecordsBetweenLooks == 0) ct.ThrowIfCancellationRequested();
            var index = chunk.FirstRecord + i;
            var frame = ChunkCodec.ReadNext(ref rest);
            if (frame.Rejection is { } rejection)
            {
                failures.Add(new RecordFailure(index, null, rejection.Code, rejection.Message, frame.Content, frame.IsJson));
                continue;
            }

            if (pipeline.Steps.Length == 0 && pipeline.RecordSchema is null)
            {
                delivered.Buffer.Write(frame.Content.Span);
                delivered.Add(index);
                continue;
            }

            if (!record.TryReparse(frame.Content))
            {
                failures.Add(new RecordFailure(index, null, "MALFORMED_JSON", "The record is not a JSON object.", frame.Content, RecordIsJson: false));
                continue;
            }

            if (pipeline.RecordSchema?.Check(record) is { Outcome: ProcessorOutcome.Fail } violation)
            {
                failures.Add(new RecordFailure(index, null, violation.Code!, violation.Message!, frame.Content, RecordIsJson: true) { Details = violation.Details });
                continue;
            }

            context.MoveTo(index);
            var verdict = await RecordRunner.RunAsync(pipeline.Steps, record, context, tallies, null, ct);
            switch (verdict.Ending)
            {
                case Ending.Passed or Ending.Terminated:
                    record.WriteTo(delivered.Buffer);
                    delivered.Add(index);
                    break;
                case Ending.Dropped:
                    dropped++;
                    break;
                default:
                    failures.Add(new RecordFailure(index, verdict.Processor, verdict.Code!, verdict.Message!, frame.Content, RecordIsJson: true)
                    {
                        RecordAtFailure = Encoding.UTF8.GetBytes(record.Root.ToJson()),
                        Details = verdict.Failure.Details,
                    });
                    break;
            }
        }

        var tally = new RecordTally(delivered.Count, dropped, failures.Count);
        var result = new ChunkResult(tally, delivered, failures, pipeline.Policy) { Processors = Array.ConvertAll(tallies, t => t.Total()) };
        if (pipeline.Destination is not { } destination) return result;
        delivering();
        await ReachAsync(() => destination.DeliverAsync(DeliveryOf(chunk, delivered), ct), ct);
        delivered.Dispose();
        return result with { Stored = new DeliveredRecords(), EndsWithDestination = destination is ICompletingDestination };
    }

    private static async Task<ChunkResult> EndAsync(ChunkLease chunk, RecordTally tally, CompiledPipeline pipeline, CancellationToken ct)
    {
        var batch = new DeliveredBatch(chunk.PipelineId, chunk.PipelineName, chunk.BatchId, tally.Processed, tally.Delivered, tally.Dropped, tally.Failed);
        if (pipeline.Destination is ICompletingDestination destination) await ReachAsync(() => destination.CompleteAsync(batch, ct), ct);
        return new ChunkResult(default, new DeliveredRecords(), [], pipeline.Policy);
    }

    /// <summary>What a destination throws is told from what fails here.</summary>
    private static async Task ReachAsync(Func<ValueTask> deliver, CancellationToken ct)
    {
        using var span = ServiceTraces.StartStep("chunk.deliver");
        try
        {
            await deliver();
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

        return new DeliveryChunk(chunk.PipelineId, chunk.PipelineName, chunk.BatchId, chunk.FirstRecord, chunk.Attempt, records) { Ordinal = chunk.Ordinal };
    }
}
