using DataPipeline.Application.Common;
using DataPipeline.Domain.Batches;
using DataPipeline.Domain.Common;

namespace DataPipeline.Application.Batches;

/// <summary>Ends a batch; records not yet processed are not processed.</summary>
public sealed record CancelBatch(OwnerId Owner, Guid PipelineId, Guid BatchId) : ICommand<Result<Batch>>;

internal sealed class CancelBatchHandler(IReadDb db, IBatchStore store, TimeProvider clock) : ICommandHandler<CancelBatch, Result<Batch>>
{
    public async Task<Result<Batch>> Handle(CancelBatch request, CancellationToken cancellationToken)
    {
        var found = await db.FindBatchAsync(request.Owner, request.PipelineId, request.BatchId, cancellationToken);
        if (!found.IsSuccess) return found.Error;

        var decision = Result.Success;
        var batch = await store.ChangeAsync(request.BatchId, locked => decision = locked.Cancel(clock.GetUtcNow()), cancellationToken);
        if (batch is null) return BatchErrors.NotFound(request.BatchId);
        return decision.Error is { } refusal ? refusal : batch;
    }
}
