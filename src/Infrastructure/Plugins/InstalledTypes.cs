using DataPipeline.Application.Processing;
using DataPipeline.Infrastructure.Destinations;
using DataPipeline.Infrastructure.Processors;
using Microsoft.Extensions.Options;

namespace DataPipeline.Infrastructure.Plugins;

/// <summary>The types that come with the service and those of the plugins, which are looked for once, when this is made.</summary>
internal sealed class InstalledTypes : IProcessorCatalog, IDestinationCatalog, IPlugins
{
    private readonly Dictionary<string, ComponentDescriptor> _processors;
    private readonly Dictionary<string, ComponentDescriptor> _destinations;

    public InstalledTypes(BuiltInProcessors processors, BuiltInDestinations destinations, IOptions<PluginOptions> options)
    {
        var probe = new PluginProbe(new Dictionary<ComponentKind, HashSet<string>>
        {
            [ComponentKind.Processor] = new(processors.Types.Keys, StringComparer.OrdinalIgnoreCase),
            [ComponentKind.Destination] = new([IDestinationCatalog.Store, .. destinations.Types.Keys], StringComparer.OrdinalIgnoreCase),
        });
        var plugins = ProbeAll(options.Value.Path, probe);
        _processors = processors.Types.Values.Concat(TypesOf(ComponentKind.Processor)).ToDictionary(type => type.Type, StringComparer.Ordinal);
        _destinations = destinations.Types.Values.Concat(TypesOf(ComponentKind.Destination)).ToDictionary(type => type.Type, StringComparer.Ordinal);
        All = [.. plugins.Select(probed => probed.Plugin)];

        IEnumerable<ComponentDescriptor> TypesOf(ComponentKind kind) => plugins.SelectMany(probed => probed.Types.GetValueOrDefault(kind, []));
    }

    IReadOnlyDictionary<string, ComponentDescriptor> IProcessorCatalog.Types => _processors;

    IReadOnlyDictionary<string, ComponentDescriptor> IDestinationCatalog.Types => _destinations;

    public IReadOnlyList<Plugin> All { get; }

    private static List<ProbedPlugin> ProbeAll(string? path, PluginProbe probe)
    {
        if (string.IsNullOrEmpty(path)) return [];
        var root = Path.GetFullPath(path);
        try
        {
            return [.. Directory.GetDirectories(root).Where(folder => !Path.GetFileName(folder).StartsWith('.')).Order(StringComparer.Ordinal).Select(probe.Probe)];
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return [PluginProbe.Broken(new PluginIdentity(Path.GetFileName(root), null), $"The folder that Plugins:Path names cannot be read: {failure.GetType().Name}.")];
        }
    }
}
