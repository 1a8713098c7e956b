using DataPipeline.Application.Common;
using DataPipeline.Domain.Common;
using DataPipeline.Domain.Pipelines;

namespace DataPipeline.Application.Pipelines;

/// <summary>Deletes a pipeline that has no active batch, with everything that belongs to it.</summary>
public sealed record DeletePipeline(OwnerId Owner, Guid PipelineId) : ICommand<Result>;

internal sealed class DeletePipelineHandler(IPipelineRepository pipelines) : ICommandHandler<DeletePipeline, Result>
{
    public async Task<Result> Handle(DeletePipeline request, CancellationToken cancellationToken)
    {
        if (await pipelines.FindAsync(request.Owner, request.PipelineId, cancellationToken) is not { } pipeline) return PipelineErrors.NotFound(request.PipelineId);
        return pipeline.EnsureDeletable(await pipelines.DeleteAsync(pipeline, cancellationToken));
    }
}
