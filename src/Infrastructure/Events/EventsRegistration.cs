using DataPipeline.Application.Events;
using DataPipeline.Infrastructure.Settings;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace DataPipeline.Infrastructure.Events;

internal static class EventsRegistration
{
    internal static IServiceCollection AddEvents(this IServiceCollection services, IConfiguration configuration) => services
        .AddSettings<EventsOptions>(configuration, EventsOptions.Section)
        .AddSingleton<EventHub>()
        .AddSingleton<IEventHub>(provider => provider.GetRequiredService<EventHub>())
        .AddHostedService(provider => provider.GetRequiredService<EventHub>());
}
