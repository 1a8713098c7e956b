using DataPipeline.Application.Common;
using DataPipeline.Application.Processing;
using DataPipeline.Domain.Common;
using DataPipeline.Domain.Pipelines;
using FluentValidation;

namespace DataPipeline.Application.Pipelines;

/// <summary>Gives a pipeline a new definition.</summary>
/// <param name="IfVersion">The versions the caller is content to replace; <c>null</c> for any.</param>
public sealed record UpdatePipeline(OwnerId Owner, Guid PipelineId, PipelineDefinition Definition, IReadOnlyCollection<int>? IfVersion) : ICommand<Result<PipelineDetails>>;

internal sealed class UpdatePipelineValidator : AbstractValidator<UpdatePipeline>
{
    public UpdatePipelineValidator(IPipelineRepository pipelines, ConfigSecrets secrets, IValidator<PipelineDefinition> definition) => RuleFor(command => command).CustomAsync(async (command, context, ct) =>
    {
        // What is sent back as it was shown is right if what it stands for is.
        var stored = await pipelines.FindAsync(command.Owner, command.PipelineId, ct);
        var result = await definition.ValidateAsync(stored is null ? command.Definition : secrets.Restore(command.Definition, stored.Config), ct);
        foreach (var fault in result.Errors) context.AddFailure(fault);
    });
}

internal sealed class UpdatePipelineHandler(IPipelineRepository pipelines, IPipelineMetrics metrics, ConfigSecrets secrets, IUnitOfWork work, TimeProvider clock) : ICommandHandler<UpdatePipeline, Result<PipelineDetails>>
{
    public async Task<Result<PipelineDetails>> Handle(UpdatePipeline request, CancellationToken cancellationToken)
    {
        if (await pipelines.FindAsync(request.Owner, request.PipelineId, cancellationToken) is not { } pipeline) return PipelineErrors.NotFound(request.PipelineId);
        if (pipeline.EnsureVersion(request.IfVersion).Error is { } refusal) return refusal;
        var (name, description, config, faults) = secrets.Restore(request.Definition, pipeline.Config);
        if (faults.Count > 0) return Error.Validation("The request is not valid.", faults);
        if (await pipelines.NameIsTakenAsync(request.Owner, name!, pipeline.Id, cancellationToken)) return PipelineErrors.NameConflict(name!);
        if (pipeline.Redefine(name!, description, PipelineConfig.Of(config), clock.GetUtcNow())) await work.SaveChangesAsync(cancellationToken);
        return new PipelineDetails(pipeline, secrets.Hide(pipeline.Config), await metrics.ReadAsync(pipeline.Id, cancellationToken));
    }
}
