using DataPipeline.Application.Processing;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace DataPipeline.Infrastructure.Plugins;

/// <summary>Has the plugins looked for when the service starts, and tells the log what was found.</summary>
internal sealed class PluginStart(IPlugins plugins, ILogger<PluginStart> logger) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var plugin in plugins.All)
        {
            if (plugin.Types.Count > 0) PluginLog.Loaded(logger, plugin.Identity.Assembly, plugin.Identity.Version, string.Join(", ", plugin.Types.Select(type => type.Type)));
            foreach (var fault in plugin.Faults)
            {
                if (fault.Type is { } type) PluginLog.TypeBroken(logger, plugin.Identity.Assembly, type, fault.Reason);
                else PluginLog.Broken(logger, plugin.Identity.Assembly, fault.Reason);
            }
        }

        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
