using DataPipeline.Infrastructure.Settings;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace DataPipeline.Infrastructure.Retention;

internal static class RetentionRegistration
{
    internal static IServiceCollection AddRetention(this IServiceCollection services, IConfiguration configuration) => services
        .AddSettings<RetentionOptions>(configuration, RetentionOptions.Section)
        .AddSingleton<RetentionSweep>()
        .AddHostedService<RetentionService>();
}
