using System.ComponentModel;
using DataPipeline.Domain.Processing;

namespace DataPipeline.Infrastructure.Processors;

internal sealed record CopyOptions : IValidatedOptions
{
    [Description("The field to copy.")]
    public required FieldPath SourceField { get; init; }

    [Description("The field to write the copy to.")]
    public required FieldPath TargetField { get; init; }

    [Description("Whether a target that is there already is overwritten.")]
    public bool Override { get; init; }

    [Description("Whether the source is removed afterwards.")]
    public bool RemoveSource { get; init; }

    [Description("Whether nothing is done, instead of failing, where the source is missing.")]
    public bool IgnoreMissing { get; init; }

    public IEnumerable<OptionProblem> Validate()
    {
        if (SourceField.Equals(TargetField)) yield return new OptionProblem("targetField", "INVALID_VALUE", "A field cannot be copied onto itself.");
    }
}

[Processor("copy", "1.0", Description = "Copies a field to another one.", IsAtomic = true)]
[Example("""{ "type": "copy", "options": { "sourceField": "customer.email", "targetField": "contact" } }""", Record = """{ "customer": { "email": "ada@example.com" } }""")]
internal sealed class CopyProcessor(CopyOptions options) : IProcessor
{
    private readonly FieldMove _move = new(options.SourceField, options.TargetField, options.Override, options.RemoveSource, options.IgnoreMissing);

    public ProcessorResult Process(Record record, ProcessorContext context) => _move.Run(record);
}
