using System.Collections.Frozen;
using System.Reflection;
using System.Runtime.Loader;
using DataPipeline.Domain.Processing;

namespace DataPipeline.Infrastructure.Plugins;

/// <summary>
/// Where a plugin's assemblies live. The contract is the host's own, or its types would not be the same; the framework is everybody's;
/// everything else the plugin brings itself, in versions of its own.
/// </summary>
internal sealed class PluginLoadContext(string name, string mainAssembly) : AssemblyLoadContext(name)
{
    internal static readonly Assembly Contract = typeof(IProcessor).Assembly;

    private static readonly FrozenSet<string> HostAssemblies = FindHostAssemblies();

    private readonly AssemblyDependencyResolver _resolver = new(mainAssembly);

    protected override Assembly? Load(AssemblyName assemblyName)
    {
        if (assemblyName.Name == Contract.GetName().Name) return Contract;
        if (_resolver.ResolveAssemblyToPath(assemblyName) is { } path) return LoadFromAssemblyPath(path);

        // A part of the host may be of another version tomorrow, or gone.
        return HostAssemblies.Contains(assemblyName.Name!) ? throw new FileNotFoundException($"The plugin uses {assemblyName.Name} and does not bring it.") : null;
    }

    protected override nint LoadUnmanagedDll(string unmanagedDllName) =>
        _resolver.ResolveUnmanagedDllToPath(unmanagedDllName) is { } path ? LoadUnmanagedDllFromPath(path) : nint.Zero;

    /// <returns>The assemblies that come with the host and not with the framework; none where the host brings the framework along.</returns>
    private static FrozenSet<string> FindHostAssemblies()
    {
        var folder = Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory);
        var known = ((string?)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES") ?? "").Split(Path.PathSeparator).Where(path => Path.GetDirectoryName(path) == folder).Select(path => Path.GetFileNameWithoutExtension(path)).ToList();
        return known.Contains(typeof(object).Assembly.GetName().Name!) ? [] : known.ToFrozenSet(StringComparer.OrdinalIgnoreCase);
    }
}
