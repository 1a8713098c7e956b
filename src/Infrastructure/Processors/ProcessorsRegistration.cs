using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace DataPipeline.Infrastructure.Processors;

internal static class ProcessorsRegistration
{
    internal static IServiceCollection AddProcessors(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<ScriptLimits>().Bind(configuration.GetSection("Script")).ValidateOnStart();
        return services
            .AddSingleton<IValidateOptions<ScriptLimits>, ScriptLimitsValidator>()
            .AddSingleton<BuiltInProcessors>();
    }
}
