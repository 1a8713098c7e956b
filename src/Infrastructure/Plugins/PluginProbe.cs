using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using DataPipeline.Application.Processing;
using DataPipeline.Domain.Processing;

namespace DataPipeline.Infrastructure.Plugins;

/// <summary>A plugin with the types that can be used of it.</summary>
internal sealed record ProbedPlugin(Plugin Plugin, IReadOnlyDictionary<ComponentKind, IReadOnlyList<ComponentDescriptor>> Types);

/// <summary>
/// Loads plugins and looks whether they keep the contract. What is wrong with a type costs that type, what is wrong with an assembly its plugin;
/// nothing costs the service.
/// </summary>
/// <param name="taken">The names that types have already, by kind; those of the plugins are added.</param>
internal sealed class PluginProbe(Dictionary<ComponentKind, HashSet<string>> taken)
{
    /// <param name="folder">The plugin's folder; its name is that of the plugin and of its main assembly.</param>
    [SuppressMessage("Design", "CA1031", Justification = "Loading runs a stranger's code and reads a stranger's files: anything may come of it.")]
    internal ProbedPlugin Probe(string folder)
    {
        var name = Path.GetFileName(folder);
        try
        {
            return ProbeAssembly(name, Path.Combine(folder, $"{name}.dll"));
        }
        catch (Exception failure)
        {
            // The reason is shown to whoever asks for the service's health: not where on this machine.
            return Broken(new PluginIdentity(name, null), ReasonOf(failure).Replace(folder + Path.DirectorySeparatorChar, "", StringComparison.Ordinal));
        }
    }

    /// <summary>A plugin of which nothing can be used.</summary>
    internal static ProbedPlugin Broken(PluginIdentity plugin, string reason) =>
        new(new Plugin(plugin, [], [new PluginFault(null, null, reason)]), new Dictionary<ComponentKind, IReadOnlyList<ComponentDescriptor>>());

    private ProbedPlugin ProbeAssembly(string name, string path)
    {
        if (!File.Exists(path)) return Broken(new PluginIdentity(name, null), $"Its folder has no {name}.dll.");
        var assembly = new PluginLoadContext(name, path).LoadFromAssemblyPath(path);
        var plugin = new PluginIdentity(name, VersionOf(assembly));
        if (assembly.GetReferencedAssemblies().FirstOrDefault(reference => reference.Name == PluginLoadContext.Contract.GetName().Name)?.Version is not { } builtAgainst)
            return Broken(plugin, $"It does not refer to {PluginLoadContext.Contract.GetName().Name}, so it can bring nothing.");
        if (!PluginContract.IsMetBy(builtAgainst))
            return Broken(plugin, $"It was built against version {builtAgainst.ToString(2)} of the plugin contract; this service has {PluginContract.Version}.");

        var candidates = assembly.GetTypes().Select(type => (Type: type, Kind: KindOf(type))).Where(candidate => candidate.Kind is not null).OrderBy(candidate => candidate.Type.FullName, StringComparer.Ordinal).ToList();
        if (candidates.Count == 0) return Broken(plugin, $"It has no class that bears {nameof(ProcessorAttribute)} or {nameof(DestinationAttribute)}.");
        var (types, faults) = (new List<(ComponentKind Kind, ComponentDescriptor Descriptor)>(), new List<PluginFault>());
        foreach (var (type, kind) in candidates)
        {
            var descriptor = Describe(type, kind!.Value, plugin, out var fault);
            if (descriptor is not null) types.Add((kind.Value, descriptor));
            if (fault is not null) faults.Add(fault);
        }

        return new ProbedPlugin(
            new Plugin(plugin, [.. types.Select(type => new PluginType(type.Kind, type.Descriptor.Type, type.Descriptor.Version)).OrderBy(type => type.Type, StringComparer.Ordinal)], faults),
            types.GroupBy(type => type.Kind, type => type.Descriptor).ToDictionary(group => group.Key, IReadOnlyList<ComponentDescriptor> (group) => [.. group]));
    }

    /// <returns>The type, or <c>null</c> where it cannot be used.</returns>
    [SuppressMessage("Design", "CA1031", Justification = "Making the options record, for its defaults, runs a stranger's code.")]
    private ComponentDescriptor? Describe(Type type, ComponentKind kind, PluginIdentity plugin, out PluginFault? fault)
    {
        var name = type.GetCustomAttribute<ProcessorAttribute>()?.Type ?? type.GetCustomAttribute<DestinationAttribute>()?.Type ?? type.FullName!;
        fault = null;
        try
        {
            var descriptor = ComponentDescriptor.Of(type) with { Plugin = plugin };
            _ = descriptor.OptionsSchema; // Where there is none, the options could not be bound either.
            if (taken[kind].Add(name)) return descriptor;
            fault = new PluginFault(kind, name, $"There is another {(kind == ComponentKind.Processor ? "processor" : "destination")} called \"{name}\".");
        }
        catch (Exception failure)
        {
            fault = new PluginFault(kind, name, ReasonOf(failure));
        }

        return null;
    }

    private static ComponentKind? KindOf(Type type)
    {
        if (type.IsDefined(typeof(ProcessorAttribute), inherit: false)) return ComponentKind.Processor;
        return type.IsDefined(typeof(DestinationAttribute), inherit: false) ? ComponentKind.Destination : null;
    }

    private static string? VersionOf(Assembly assembly) =>
        assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? assembly.GetName().Version?.ToString();

    private static string ReasonOf(Exception failure) => failure switch
    {
        ReflectionTypeLoadException { LoaderExceptions: { Length: > 0 } causes } => string.Join(" ", causes.OfType<Exception>().Select(ReasonOf).Distinct()),
        TargetInvocationException { InnerException: { } inner } => ReasonOf(inner),
        FileNotFoundException { InnerException: FileNotFoundException inner } => ReasonOf(inner),
        FileLoadException { InnerException: FileNotFoundException inner } => ReasonOf(inner),
        BadImageFormatException => "Its main assembly, or one that it needs, is not a .NET assembly.",
        ArgumentException { ParamName: not null } => failure.Message.Replace($" (Parameter '{((ArgumentException)failure).ParamName}')", "", StringComparison.Ordinal),
        _ => failure.Message.ReplaceLineEndings(" ").TrimEnd(),
    };
}
