using System.Text.Json;
using DataPipeline.Application.Common;
using DataPipeline.Domain.Common;

namespace DataPipeline.Application.Processing;

/// <summary>The catalogue: the types that configurations may name, and those of plugins that they may not because something is wrong with them.</summary>
public sealed record ListComponents(ComponentKind Kind) : IQuery<Result<IReadOnlyList<CatalogueItem>>>;

/// <param name="Type">What configurations call it; <c>null</c> for a plugin of which nothing can be used.</param>
/// <param name="Version">Its version, for people; <c>null</c> where it is broken.</param>
/// <param name="Description">What it does; <c>null</c> where it is broken.</param>
/// <param name="OptionsSchema">JSON Schema 2020-12 of its options; <c>null</c> where it is broken.</param>
/// <param name="Example">How a configuration names it, whole; <c>null</c> where it is broken or shows none.</param>
/// <param name="ExampleRecord">A record on which the example does its work; <c>null</c> where there is none.</param>
/// <param name="BuiltIn">Whether it comes with the service.</param>
/// <param name="Plugin">Where it comes from otherwise.</param>
/// <param name="Broken">Why it cannot be used; <c>null</c> where it can.</param>
public sealed record CatalogueItem(
    string? Type, string? Version, string? Description, JsonElement? OptionsSchema, JsonElement? Example, JsonElement? ExampleRecord, bool BuiltIn, PluginIdentity? Plugin, string? Broken)
{
    private static readonly CatalogueItem Api = BuiltInto(
        "api",
        "Records come over the API, in batches.",
        typeof(ApiSourceOptions),
        """{ "type": "api", "options": { "recordSchema": { "properties": { "id": { "type": "string" } }, "required": ["id"] } } }""",
        """{ "id": "ord-1" }""");

    private static readonly CatalogueItem Store = BuiltInto(
        IDestinationCatalog.Store,
        "Keeps delivered records in the service's own database, in the transaction that commits the work: exactly once.",
        typeof(NoOptions),
        """{ "type": "store" }""");

    /// <summary>The types that the engine serves without a class of theirs.</summary>
    internal static IEnumerable<CatalogueItem> EngineTypes(ComponentKind kind) => kind switch
    {
        ComponentKind.Source => [Api],
        ComponentKind.Destination => [Store],
        _ => [],
    };

    internal static CatalogueItem Of(ComponentDescriptor type) =>
        new(type.Type, type.Version, type.Description, type.OptionsSchema, type.Example?.Configuration, type.Example?.Record, type.Plugin is null, type.Plugin, null);

    internal static CatalogueItem Of(PluginIdentity plugin, PluginFault fault) => new(fault.Type, null, null, null, null, null, false, plugin, fault.Reason);

    private static CatalogueItem BuiltInto(string type, string description, Type options, string example, string? record = null) =>
        new(type, "1.0", description, Processing.OptionsSchema.Of(options), JsonElement.Parse(example), record is null ? null : JsonElement.Parse(record), true, null, null);
}

internal sealed class ListComponentsHandler(IProcessorCatalog processors, IDestinationCatalog destinations, IPlugins plugins) : IQueryHandler<ListComponents, Result<IReadOnlyList<CatalogueItem>>>
{
    public Task<Result<IReadOnlyList<CatalogueItem>>> Handle(ListComponents request, CancellationToken cancellationToken)
    {
        IEnumerable<ComponentDescriptor> types = request.Kind switch
        {
            ComponentKind.Processor => processors.Types.Values,
            ComponentKind.Destination => destinations.Types.Values,
            _ => [],
        };

        // What a plugin that cannot be loaded would bring is unknown: it may be either.
        var broken = from plugin in plugins.All
                     from fault in plugin.Faults
                     where fault.Kind == request.Kind || (fault.Kind is null && request.Kind != ComponentKind.Source)
                     select CatalogueItem.Of(plugin.Identity, fault);
        var usable = CatalogueItem.EngineTypes(request.Kind).Concat(types.Select(CatalogueItem.Of)).OrderBy(item => item.Type, StringComparer.Ordinal);
        return Task.FromResult(Result<IReadOnlyList<CatalogueItem>>.Success([.. usable, .. broken]));
    }
}
