namespace DataPipeline.Application.Processing;

/// <summary>What a type is a type of.</summary>
public enum ComponentKind
{
    Source,
    Processor,
    Destination,
}

/// <param name="Assembly">The name of the plugin's folder and of its main assembly.</param>
/// <param name="Version">The main assembly's version; <c>null</c> where it could not be read.</param>
public sealed record PluginIdentity(string Assembly, string? Version);

/// <summary>A plugin as it was found when the service started.</summary>
/// <param name="Types">The types that it brings, in the order of their names.</param>
/// <param name="Faults">What is wrong with it; nothing where all is well.</param>
public sealed record Plugin(PluginIdentity Identity, IReadOnlyList<PluginType> Types, IReadOnlyList<PluginFault> Faults);

/// <summary>A type that a plugin brings and configurations may name.</summary>
public sealed record PluginType(ComponentKind Kind, string Type, string Version);

/// <param name="Kind">What the type concerned is a type of; <c>null</c> where the fault is that of the whole plugin, of which nothing can be used then.</param>
/// <param name="Type">The name of the type that cannot be used: what configurations would call it or, where it has no such name, its class; <c>null</c> like <paramref name="Kind"/>.</param>
/// <param name="Reason">One sentence for an operator.</param>
public sealed record PluginFault(ComponentKind? Kind, string? Type, string Reason);

/// <summary>The plugins that were found when the service started. Thread-safe.</summary>
public interface IPlugins
{
    /// <summary>All of them, those that are broken too, by name.</summary>
    IReadOnlyList<Plugin> All { get; }
}
