using DataPipeline.Infrastructure.Caching;
using DataPipeline.Infrastructure.Destinations;
using DataPipeline.Infrastructure.Events;
using DataPipeline.Infrastructure.Intake;
using DataPipeline.Infrastructure.Observability;
using DataPipeline.Infrastructure.Persistence;
using DataPipeline.Infrastructure.Plugins;
using DataPipeline.Infrastructure.Processors;
using DataPipeline.Infrastructure.RateLimiting;
using DataPipeline.Infrastructure.Redis;
using DataPipeline.Infrastructure.Retention;
using DataPipeline.Infrastructure.Security;
using DataPipeline.Infrastructure.Workers;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace DataPipeline.Infrastructure;

public static class DependencyInjection
{
    /// <summary>Registers an implementation of every port of the application layer, as <paramref name="configuration"/> chooses them.</summary>
    public static IServiceCollection AddInfrastructure(this IServiceCollection services, IConfiguration configuration) => services
        .AddPersistence(configuration)
        .AddIntake(configuration)
        .AddProcessors(configuration)
        .AddDestinations(configuration)
        .AddPlugins(configuration)
        .AddRedis(configuration)
        .AddCaching(configuration)
        .AddSecurity(configuration)
        .AddRateLimits(configuration)
        .AddObservability()
        .AddWorkers(configuration)
        .AddRetention(configuration)
        .AddEvents(configuration);
}
