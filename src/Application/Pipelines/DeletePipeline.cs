using DataPipeline.Application.Common;
using DataPipeline.Domain.Common;
using DataPipeline.Domain.Pipelines;

namespace DataPipeline.Application.Pipelines;

/// <summary>Deletes a pipeline that has no active batch, with everything that belongs to it.</summary>
public sealed record DeletePipeline(OwnerId Owner, Guid PipelineId) : ICommand<Result>;

internal sealed class DeletePipelineHandler(IPipelineRepository pipelines) : ICommandHandler<DeletePipeline, Result>
{
    public async Task<Result> Handle(DeletePipeline request, CancellationToken cancellationToken) =>
        await pipelines.DeleteAsync(request.Owner, request.PipelineId, cancellationToken) switch
        {
            null => PipelineErrors.NotFound(request.PipelineId),
            0 => Result.Success,
            { } activeBatches => PipelineErrors.HasActiveBatches(request.PipelineId, activeBatches),
        };
}
