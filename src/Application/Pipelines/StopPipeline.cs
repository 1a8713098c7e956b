using DataPipeline.Application.Common;
using DataPipeline.Application.Processing;
using DataPipeline.Domain.Common;
using DataPipeline.Domain.Pipelines;

namespace DataPipeline.Application.Pipelines;

/// <summary>Pauses a pipeline: what a worker has in hand is finished, the rest waits.</summary>
public sealed record StopPipeline(OwnerId Owner, Guid PipelineId) : ICommand<Result<PipelineDetails>>;

internal sealed class StopPipelineHandler(IPipelineRepository pipelines, IPipelineMetrics metrics, ConfigSecrets secrets, IUnitOfWork work, TimeProvider clock) : ICommandHandler<StopPipeline, Result<PipelineDetails>>
{
    public async Task<Result<PipelineDetails>> Handle(StopPipeline request, CancellationToken cancellationToken)
    {
        if (await pipelines.FindAsync(request.Owner, request.PipelineId, cancellationToken) is not { } pipeline) return PipelineErrors.NotFound(request.PipelineId);
        if (pipeline.Stop(clock.GetUtcNow()).Error is { } refusal) return refusal;
        await work.SaveChangesAsync(cancellationToken);
        return new PipelineDetails(pipeline, secrets.Hide(pipeline.Config), await metrics.ReadAsync(pipeline.Id, cancellationToken));
    }
}
