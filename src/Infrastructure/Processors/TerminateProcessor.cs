using DataPipeline.Domain.Processing;

namespace DataPipeline.Infrastructure.Processors;

[Processor("terminate", "1.0", Description = "Skips the processors that follow; the record is delivered.", IsAtomic = true)]
[Example("""{ "type": "terminate", "if": { "field": "source", "equals": "internal" } }""", Record = """{ "source": "internal" }""")]
internal sealed class TerminateProcessor : IProcessor
{
    public ProcessorResult Process(Record record, ProcessorContext context) => ProcessorResult.Terminate;
}
