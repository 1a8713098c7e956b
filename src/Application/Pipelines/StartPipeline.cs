using DataPipeline.Application.Batches;
using DataPipeline.Application.Common;
using DataPipeline.Application.Processing;
using DataPipeline.Domain.Common;
using DataPipeline.Domain.Pipelines;

namespace DataPipeline.Application.Pipelines;

/// <summary>Lets a pipeline take batches, and go on with those that waited.</summary>
public sealed record StartPipeline(OwnerId Owner, Guid PipelineId) : ICommand<Result<PipelineDetails>>;

internal sealed class StartPipelineHandler(IPipelineRepository pipelines, IPipelineMetrics metrics, ConfigSecrets secrets, IUnitOfWork work, IBatchSignals signals, TimeProvider clock)
    : ICommandHandler<StartPipeline, Result<PipelineDetails>>
{
    public async Task<Result<PipelineDetails>> Handle(StartPipeline request, CancellationToken cancellationToken)
    {
        if (await pipelines.FindAsync(request.Owner, request.PipelineId, cancellationToken) is not { } pipeline) return PipelineErrors.NotFound(request.PipelineId);
        if (pipeline.Start(clock.GetUtcNow()).Error is { } refusal) return refusal;
        await work.SaveChangesAsync(cancellationToken);
        signals.WorkArrived();
        return new PipelineDetails(pipeline, secrets.Hide(pipeline.Config), await metrics.ReadAsync(pipeline.Id, cancellationToken));
    }
}
