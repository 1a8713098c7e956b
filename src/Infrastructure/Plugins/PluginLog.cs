using Microsoft.Extensions.Logging;

namespace DataPipeline.Infrastructure.Plugins;

internal static partial class PluginLog
{
    [LoggerMessage(5000, LogLevel.Information, "Plugin {plugin} {version} brings {types}")]
    internal static partial void Loaded(ILogger logger, string plugin, string? version, string types);

    [LoggerMessage(5001, LogLevel.Error, "Plugin {plugin} is broken, nothing of it can be used: {reason}")]
    internal static partial void Broken(ILogger logger, string plugin, string reason);

    [LoggerMessage(5002, LogLevel.Error, "{type} of plugin {plugin} is broken and cannot be used: {reason}")]
    internal static partial void TypeBroken(ILogger logger, string plugin, string type, string reason);
}
