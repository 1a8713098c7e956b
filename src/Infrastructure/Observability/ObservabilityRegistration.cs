using Microsoft.Extensions.DependencyInjection;

namespace DataPipeline.Infrastructure.Observability;

internal static class ObservabilityRegistration
{
    internal static IServiceCollection AddObservability(this IServiceCollection services) => services.AddHostedService<QueueObserver>();
}
