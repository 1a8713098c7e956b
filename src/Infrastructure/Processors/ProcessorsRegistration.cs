using DataPipeline.Application.Processing;
using DataPipeline.Infrastructure.Settings;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace DataPipeline.Infrastructure.Processors;

internal static class ProcessorsRegistration
{
    internal static IServiceCollection AddProcessors(this IServiceCollection services, IConfiguration configuration) => services
        .AddSettings<ProcessingOptions>(configuration, ProcessingOptions.Section)
        .AddSettings<ScriptLimits>(configuration, ScriptLimits.Section)
        .AddSingleton<BuiltInProcessors>();
}
