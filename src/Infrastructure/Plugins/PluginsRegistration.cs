using DataPipeline.Application.Processing;
using DataPipeline.Infrastructure.Settings;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace DataPipeline.Infrastructure.Plugins;

internal static class PluginsRegistration
{
    internal static IServiceCollection AddPlugins(this IServiceCollection services, IConfiguration configuration) => services
        .AddSettings<PluginOptions>(configuration, PluginOptions.Section)
        .AddSingleton<InstalledTypes>()
        .AddSingleton<IProcessorCatalog>(provider => provider.GetRequiredService<InstalledTypes>())
        .AddSingleton<IDestinationCatalog>(provider => provider.GetRequiredService<InstalledTypes>())
        .AddSingleton<IPlugins>(provider => provider.GetRequiredService<InstalledTypes>())
        .AddHostedService<PluginStart>();
}
