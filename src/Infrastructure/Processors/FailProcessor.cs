using System.ComponentModel;
using DataPipeline.Domain.Processing;

namespace DataPipeline.Infrastructure.Processors;

internal sealed record FailOptions
{
    [Description("Why: a template.")]
    public required Template Message { get; init; }
}

[Processor("fail", "1.0", Description = "Fails the record on purpose.", IsAtomic = true)]
[Example("""{ "type": "fail", "if": { "field": "amount", "lessThan": 0 }, "options": { "message": "amount is negative: {{amount}}" } }""", Record = """{ "amount": -1 }""")]
internal sealed class FailProcessor(FailOptions options) : IProcessor
{
    public ProcessorResult Process(Record record, ProcessorContext context) => ProcessorResult.Fail("FAILED_ON_PURPOSE", options.Message.Format(record, context));
}
