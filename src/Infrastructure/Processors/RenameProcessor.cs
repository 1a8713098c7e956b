using System.ComponentModel;
using DataPipeline.Domain.Processing;

namespace DataPipeline.Infrastructure.Processors;

internal sealed record RenameOptions
{
    [Description("The field to rename.")]
    public required FieldPath Field { get; init; }

    [Description("Its new name.")]
    public required FieldPath TargetField { get; init; }

    [Description("Whether a target that is there already is overwritten.")]
    public bool Override { get; init; }

    [Description("Whether nothing is done, instead of failing, where the field is missing.")]
    public bool IgnoreMissing { get; init; }
}

[Processor("rename", "1.0", Description = "Gives a field another name or place.", IsAtomic = true)]
[Example("""{ "type": "rename", "options": { "field": "customer.email", "targetField": "email" } }""", Record = """{ "customer": { "email": "ada@example.com" } }""")]
internal sealed class RenameProcessor(RenameOptions options) : IProcessor
{
    private readonly FieldMove _move = new(options.Field, options.TargetField, options.Override, removeSource: true, options.IgnoreMissing);

    public ProcessorResult Process(Record record, ProcessorContext context) => _move.Run(record);
}
