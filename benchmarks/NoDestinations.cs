using DataPipeline.Application.Processing;

namespace DataPipeline.Benchmarks;

internal sealed class NoDestinations : IDestinationCatalog
{
    public IReadOnlyDictionary<string, ComponentDescriptor> Types { get; } = new Dictionary<string, ComponentDescriptor>();
}
