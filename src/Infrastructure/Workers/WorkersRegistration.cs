using DataPipeline.Application.Processing;
using DataPipeline.Infrastructure.Settings;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace DataPipeline.Infrastructure.Workers;

internal static class WorkersRegistration
{
    internal static IServiceCollection AddWorkers(this IServiceCollection services, IConfiguration configuration) => services
        .AddSettings<WorkerOptions>(configuration, WorkerOptions.Section)
        .AddSingleton<IWorkThreads, WorkThreads>()
        .AddHostedService<WorkerHeartbeat>() // Before the worker, since what starts first stops last.
        .AddHostedService<BatchWorker>()
        .AddHostedService<QueueUpkeep>();
}
