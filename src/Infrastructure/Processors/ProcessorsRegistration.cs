using DataPipeline.Application.Processing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace DataPipeline.Infrastructure.Processors;

internal static class ProcessorsRegistration
{
    internal static IServiceCollection AddProcessors(this IServiceCollection services, IConfiguration configuration) => services
        .AddSingleton<IProcessorCatalog, BuiltInProcessors>();
}
