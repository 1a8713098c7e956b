using DataPipeline.Application.Common;
using DataPipeline.Application.Processing;
using DataPipeline.Domain.Common;
using DataPipeline.Domain.Pipelines;
using FluentValidation;
using Microsoft.Extensions.Options;

namespace DataPipeline.Application.Pipelines;

/// <summary>Makes a pipeline, never started.</summary>
public sealed record CreatePipeline(OwnerId Owner, PipelineDefinition Definition) : ICommand<Result<PipelineDetails>>;

internal sealed class CreatePipelineValidator : AbstractValidator<CreatePipeline>
{
    public CreatePipelineValidator(ConfigSecrets secrets, IValidator<PipelineDefinition> definition) =>
        RuleFor(command => secrets.Restore(command.Definition, null)).SetValidator(definition).OverridePropertyName("");
}

internal sealed class CreatePipelineHandler(IPipelineRepository pipelines, IUnitOfWork work, IIdGenerator ids, ConfigSecrets secrets, IOptions<PipelineOptions> limits, TimeProvider clock)
    : ICommandHandler<CreatePipeline, Result<PipelineDetails>>
{
    public async Task<Result<PipelineDetails>> Handle(CreatePipeline request, CancellationToken cancellationToken)
    {
        var (name, description, config, _) = request.Definition;
        var pipeline = Pipeline.Create(ids.NewId(), request.Owner, name!, description, PipelineConfig.Of(config), clock.GetUtcNow());
        if (await pipelines.NameIsTakenAsync(request.Owner, pipeline.Name, pipeline.Id, cancellationToken)) return PipelineErrors.NameConflict(pipeline.Name);
        if (await pipelines.CountAsync(request.Owner, cancellationToken) >= limits.Value.MaxPerOwner) return PipelineErrors.TooMany(limits.Value.MaxPerOwner);
        pipelines.Add(pipeline);
        await work.SaveChangesAsync(cancellationToken);
        return new PipelineDetails(pipeline, secrets.Hide(pipeline.Config), PipelineMetrics.None);
    }
}
