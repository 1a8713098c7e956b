using DataPipeline.Application.RateLimiting;
using DataPipeline.Infrastructure.Redis;
using DataPipeline.Infrastructure.Settings;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace DataPipeline.Infrastructure.RateLimiting;

internal static class RateLimitsRegistration
{
    internal static IServiceCollection AddRateLimits(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddSettings<RateLimitingOptions>(configuration, RateLimitingOptions.Section).AddSingleton<SlidingWindowLimiter>();
        return configuration.HasRedis()
            ? services.AddSingleton<IRateLimiter, RedisRateLimiter>()
            : services.AddSingleton<IRateLimiter>(provider => provider.GetRequiredService<SlidingWindowLimiter>());
    }
}
