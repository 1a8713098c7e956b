using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace DataPipeline.Infrastructure.Destinations;

internal static class DestinationsRegistration
{
    internal static IServiceCollection AddDestinations(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<FilesOptions>().Bind(configuration.GetSection("Files")).Validate(options => !string.IsNullOrWhiteSpace(options.Root), "Files:Root must not be empty.").ValidateOnStart();
        services.AddOptions<WebhooksOptions>().Bind(configuration.GetSection("Webhooks"));
        return services.AddSingleton<WebhookSender>().AddSingleton<BuiltInDestinations>();
    }
}
