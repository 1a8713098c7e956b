using DataPipeline.Application.Common;
using DataPipeline.Application.Processing;
using DataPipeline.Domain.Common;
using DataPipeline.Domain.Pipelines;

namespace DataPipeline.Application.Pipelines;

public sealed record GetPipeline(OwnerId Owner, Guid PipelineId) : IQuery<Result<PipelineDetails>>;

internal sealed class GetPipelineHandler(IReadDb db, IPipelineMetrics metrics, ConfigSecrets secrets) : IQueryHandler<GetPipeline, Result<PipelineDetails>>
{
    public async Task<Result<PipelineDetails>> Handle(GetPipeline request, CancellationToken cancellationToken)
    {
        var pipeline = await db.FirstOrDefaultAsync(db.Pipelines.Where(pipeline => pipeline.Id == request.PipelineId && pipeline.OwnerId == request.Owner), cancellationToken);
        if (pipeline is null) return PipelineErrors.NotFound(request.PipelineId);
        return new PipelineDetails(pipeline, secrets.Hide(pipeline.Config), await metrics.ReadAsync(pipeline.Id, cancellationToken));
    }
}
