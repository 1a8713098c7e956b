using System.ComponentModel;
using DataPipeline.Application.Processing;
using DataPipeline.Domain.Processing;

namespace DataPipeline.Infrastructure.Processors;

internal sealed record ValidateOptions : IValidatedOptions
{
    [Description("A JSON Schema (2020-12) that the record must match.")]
    public RecordSchema? Schema { get; init; }

    [Description("Fields that must not be missing.")]
    public IReadOnlyList<FieldPath> Required { get; init; } = [];

    public IEnumerable<OptionProblem> Validate()
    {
        if (Schema is null && Required.Count == 0) yield return new OptionProblem("schema", "REQUIRED", "schema or required is required.");
    }
}

[Processor("validate", "1.0", Description = "Fails the record, with everything that is wrong with it, where it does not match a JSON Schema or lacks a field.", IsAtomic = true)]
[Example(
    """{ "type": "validate", "options": { "schema": { "properties": { "amount": { "type": "number", "minimum": 0 } } }, "required": ["customer.email"] } }""",
    Record = """{ "amount": 12.50, "customer": { "email": "ada@example.com" } }""")]
internal sealed class ValidateProcessor(ValidateOptions options) : IProcessor
{
    public ProcessorResult Process(Record record, ProcessorContext context)
    {
        List<FailureDetail>? violations = null;
        if (options.Schema?.ViolationsOf(record) is { Count: > 0 } mismatches) violations = [.. mismatches];
        foreach (var field in options.Required)
        {
            if (record.Get(field).IsMissing) (violations ??= []).Add(new FailureDetail(field.ToJsonPointer(), "REQUIRED", $"{field} is missing."));
        }

        return violations is null ? ProcessorResult.Continue : RecordSchema.Failure(violations);
    }
}
