using DataPipeline.Infrastructure.Settings;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace DataPipeline.Infrastructure.Destinations;

internal static class DestinationsRegistration
{
    internal static IServiceCollection AddDestinations(this IServiceCollection services, IConfiguration configuration) => services
        .AddSettings<FilesOptions>(configuration, FilesOptions.Section)
        .AddSettings<WebhooksOptions>(configuration, WebhooksOptions.Section)
        .AddSingleton<WebhookSender>()
        .AddSingleton<BuiltInDestinations>();
}
