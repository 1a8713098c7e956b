using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace DataPipeline.Infrastructure.Workers;

internal static class WorkersRegistration
{
    internal static IServiceCollection AddWorkers(this IServiceCollection services, IConfiguration configuration) => services;
}
