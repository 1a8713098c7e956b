using DataPipeline.Domain.Processing;

namespace DataPipeline.Infrastructure.Processors;

[Processor("drop", "1.0", Description = "Ends the record's way; it is counted as dropped.", IsAtomic = true)]
[Example("""{ "type": "drop", "if": { "field": "status", "equals": "cancelled" } }""", Record = """{ "status": "cancelled" }""")]
internal sealed class DropProcessor : IProcessor
{
    public ProcessorResult Process(Record record, ProcessorContext context) => ProcessorResult.Drop;
}
