using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace DataPipeline.Infrastructure.Workers;

internal static class WorkersRegistration
{
    internal static IServiceCollection AddWorkers(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<WorkerOptions>().Bind(configuration.GetSection("Worker")).ValidateOnStart();
        services.AddSingleton<IValidateOptions<WorkerOptions>, WorkerOptionsValidator>();
        services.AddHostedService<WorkerHeartbeat>(); // Before the worker, since what starts first stops last.
        services.AddHostedService<BatchWorker>();
        services.AddHostedService<QueueUpkeep>();
        return services;
    }
}
