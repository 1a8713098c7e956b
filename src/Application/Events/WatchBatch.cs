using System.Globalization;
using DataPipeline.Application.Batches;
using DataPipeline.Application.Common;
using DataPipeline.Domain.Common;

namespace DataPipeline.Application.Events;

/// <summary>A batch's progress until its end, as it happens.</summary>
/// <param name="KeyId">The key that asks.</param>
/// <param name="LastEventId">The last event that the caller has of an earlier stream of this batch; <c>null</c> for none.</param>
public sealed record WatchBatch(OwnerId Owner, Guid KeyId, Guid PipelineId, Guid BatchId, string? LastEventId) : IQuery<Result<BatchWatch>>;

/// <param name="Watch">The stream; <c>null</c> where the caller has seen the batch's end, after which nothing comes.</param>
public sealed record BatchWatch(IWatch? Watch);

internal sealed class WatchBatchHandler(IReadDb db, IEventHub hub) : IQueryHandler<WatchBatch, Result<BatchWatch>>
{
    public async Task<Result<BatchWatch>> Handle(WatchBatch request, CancellationToken cancellationToken)
    {
        long? known = null;
        if (request.LastEventId is { } id)
        {
            if (!long.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var position)) return WatchErrors.UnknownId();
            known = position;
        }

        var batch = await db.FindBatchAsync(request.Owner, request.PipelineId, request.BatchId, cancellationToken);
        if (!batch.IsSuccess) return batch.Error;
        if (batch.Value.IsFinished && known == BatchEvent.PositionOf(batch.Value)) return new BatchWatch(null);
        var watch = await hub.WatchBatchAsync(request.Owner, request.KeyId, request.BatchId, known, cancellationToken);
        return watch.IsSuccess ? new BatchWatch(watch.Value) : watch.Error;
    }
}
