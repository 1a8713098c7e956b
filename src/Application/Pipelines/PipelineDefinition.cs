using System.Text.Json;
using DataPipeline.Application.Processing;
using DataPipeline.Domain.Common;
using DataPipeline.Domain.Pipelines;
using FluentValidation;
using FluentValidation.Results;

namespace DataPipeline.Application.Pipelines;

/// <summary>What a caller wants a pipeline to be; any part may be missing or wrong until it is validated.</summary>
/// <param name="Config">The configuration; undefined where there is none.</param>
/// <param name="Faults">What was found wrong while it was read, to be reported with everything else.</param>
public sealed record PipelineDefinition(string? Name, string? Description, JsonElement Config, IReadOnlyList<ErrorDetail> Faults);

internal sealed class PipelineDefinitionValidator : AbstractValidator<PipelineDefinition>
{
    public PipelineDefinitionValidator(PipelineCompiler compiler) => RuleFor(definition => definition).Custom((definition, context) =>
    {
        foreach (var fault in definition.Faults) Report(context, fault);
        if (definition.Faults.Any(fault => fault.Field.Length == 0)) return; // No object at all: what it lacks says nothing.
        if (!definition.Faults.Any(fault => fault.Field == "name")) CheckName(definition.Name, context);
        if (definition.Description is { } description) CheckDescription(description, context);
        if (definition.Faults.Any(fault => fault.Field == "config")) return;
        foreach (var fault in compiler.Compile(definition.Config).Error?.Details ?? []) Report(context, fault);
    });

    private static void CheckName(string? name, ValidationContext<PipelineDefinition> context)
    {
        if (string.IsNullOrWhiteSpace(name)) Report(context, new("name", "REQUIRED", "name is required and must not be blank."));
        else if (name.Length > Pipeline.NameMaxLength) Report(context, new("name", "TOO_LONG", $"name must be at most {Pipeline.NameMaxLength} characters."));
        else if (name.Any(char.IsControl)) Report(context, new("name", "INVALID", "name must not contain control characters."));
    }

    private static void CheckDescription(string description, ValidationContext<PipelineDefinition> context)
    {
        if (description.Length > Pipeline.DescriptionMaxLength)
        {
            Report(context, new("description", "TOO_LONG", $"description must be at most {Pipeline.DescriptionMaxLength} characters."));
        }

        // PostgreSQL stores no NUL in a text.
        if (description.Contains('\0', StringComparison.Ordinal)) Report(context, new("description", "INVALID", "description must not contain the character U+0000."));
    }

    private static void Report(ValidationContext<PipelineDefinition> context, ErrorDetail fault) =>
        context.AddFailure(new ValidationFailure(fault.Field, fault.Message) { ErrorCode = fault.Code });
}
