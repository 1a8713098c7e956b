using Microsoft.Extensions.Logging;

namespace DataPipeline.Infrastructure.Plugins;

internal static partial class PluginLog
{
    [LoggerMessage(5000, LogLevel.Information, "Plugin {Plugin} {Version} brings {Types}")]
    internal static partial void Loaded(ILogger logger, string plugin, string? version, string types);

    [LoggerMessage(5001, LogLevel.Error, "Plugin {Plugin} is broken, nothing of it can be used: {Reason}")]
    internal static partial void Broken(ILogger logger, string plugin, string reason);

    [LoggerMessage(5002, LogLevel.Error, "{Type} of plugin {Plugin} is broken and cannot be used: {Reason}")]
    internal static partial void TypeBroken(ILogger logger, string plugin, string type, string reason);
}
