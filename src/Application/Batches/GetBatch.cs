using DataPipeline.Application.Common;
using DataPipeline.Domain.Batches;
using DataPipeline.Domain.Common;

namespace DataPipeline.Application.Batches;

/// <summary>A batch as it is, or as it is at its end where the caller waits for that.</summary>
/// <param name="Wait">How long to wait for the end; zero for not at all.</param>
/// <param name="StopWaiting">Answers at once with the batch as it is; for a service that is stopping.</param>
public sealed record GetBatch(OwnerId Owner, Guid PipelineId, Guid BatchId, TimeSpan Wait = default, CancellationToken StopWaiting = default) : IQuery<Result<Batch>>;

internal sealed class GetBatchHandler(IReadDb db, IBatchSignals signals, WaitPace pace, TimeProvider clock) : IQueryHandler<GetBatch, Result<Batch>>
{
    public async Task<Result<Batch>> Handle(GetBatch request, CancellationToken cancellationToken)
    {
        if (request.Wait == TimeSpan.Zero) return await db.FindBatchAsync(request.Owner, request.PipelineId, request.BatchId, cancellationToken);
        pace.Enter();
        try
        {
            return await WaitAsync(request, cancellationToken);
        }
        finally
        {
            pace.Leave();
        }
    }

    private async Task<Result<Batch>> WaitAsync(GetBatch request, CancellationToken cancellationToken)
    {
        var start = clock.GetTimestamp();
        while (true)
        {
            var left = request.Wait - clock.GetElapsedTime(start);
            using var stopListening = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, request.StopWaiting);

            // Listening begins before looking: an end in between is not missed. A batch may end in another process, and a signal from there may be lost.
            var interval = pace.Interval;
            var ended = left > TimeSpan.Zero ? signals.WaitForEndAsync(request.BatchId, left < interval ? left : interval, stopListening.Token) : null;
            var batch = await db.FindBatchAsync(request.Owner, request.PipelineId, request.BatchId, cancellationToken);
            var done = ended is null || !batch.IsSuccess || batch.Value.IsFinished || request.StopWaiting.IsCancellationRequested;
            if (done) await stopListening.CancelAsync();
            if (ended is not null) await ended.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (done) return batch;
            cancellationToken.ThrowIfCancellationRequested();
        }
    }
}
