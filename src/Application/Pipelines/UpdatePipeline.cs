using DataPipeline.Application.Common;
using DataPipeline.Domain.Common;
using DataPipeline.Domain.Pipelines;
using FluentValidation;

namespace DataPipeline.Application.Pipelines;

/// <summary>Gives a pipeline a new definition.</summary>
/// <param name="IfVersion">The versions the caller is content to replace; <c>null</c> for any.</param>
public sealed record UpdatePipeline(OwnerId Owner, Guid PipelineId, PipelineDefinition Definition, IReadOnlyCollection<int>? IfVersion) : ICommand<Result<PipelineDetails>>;

internal sealed class UpdatePipelineValidator : AbstractValidator<UpdatePipeline>
{
    public UpdatePipelineValidator(IValidator<PipelineDefinition> definition) => RuleFor(command => command.Definition).SetValidator(definition).OverridePropertyName("");
}

internal sealed class UpdatePipelineHandler(IPipelineRepository pipelines, IPipelineMetrics metrics, IUnitOfWork work, TimeProvider clock) : ICommandHandler<UpdatePipeline, Result<PipelineDetails>>
{
    public async Task<Result<PipelineDetails>> Handle(UpdatePipeline request, CancellationToken cancellationToken)
    {
        if (await pipelines.FindAsync(request.Owner, request.PipelineId, cancellationToken) is not { } pipeline) return PipelineErrors.NotFound(request.PipelineId);
        if (pipeline.EnsureVersion(request.IfVersion).Error is { } refusal) return refusal;
        var (name, description, config, _) = request.Definition;
        if (await pipelines.NameIsTakenAsync(request.Owner, name!, pipeline.Id, cancellationToken)) return PipelineErrors.NameConflict(name!);
        if (pipeline.Redefine(name!, description, PipelineConfig.Of(config), clock.GetUtcNow())) await work.SaveChangesAsync(cancellationToken);
        return new PipelineDetails(pipeline, await metrics.ReadAsync(pipeline.Id, cancellationToken));
    }
}
