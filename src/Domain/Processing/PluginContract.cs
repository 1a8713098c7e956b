using System.Reflection;
using DataPipeline.Domain.Processing;

[assembly: AssemblyVersion(PluginContract.Version + ".0.0")]

namespace DataPipeline.Domain.Processing;

/// <summary>
/// The version of what plugins are written against: the public types of this namespace. It is the version of the assembly, so that every plugin
/// carries, without saying so, the one it was built against. The first number is raised by a change that breaks plugins, the second by an addition:
/// a plugin fits where the first number is the same and the second no larger.
/// </summary>
public static class PluginContract
{
    /// <summary>The version of the contract, <c>major.minor</c>.</summary>
    public const string Version = "1.1";

    /// <summary>Whether a plugin that was built against a version of the contract runs with this one. Thread-safe.</summary>
    /// <param name="builtAgainst">The version of this assembly that the plugin's main assembly refers to.</param>
    public static bool IsMetBy(Version builtAgainst)
    {
        ArgumentNullException.ThrowIfNull(builtAgainst);
        var own = System.Version.Parse(Version);
        return builtAgainst.Major == own.Major && builtAgainst.Minor <= own.Minor;
    }
}
