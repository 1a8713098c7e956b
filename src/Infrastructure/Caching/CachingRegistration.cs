using DataPipeline.Infrastructure.Redis;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace DataPipeline.Infrastructure.Caching;

internal static class CachingRegistration
{
    private const int MaxBytes = 4 << 20;
    private static readonly TimeSpan Sweep = TimeSpan.FromSeconds(5);

    /// <summary>A cache in this process, with Redis behind it where it is configured.</summary>
    internal static IServiceCollection AddCaching(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddMemoryCache(options => (options.SizeLimit, options.ExpirationScanFrequency) = (MaxBytes, Sweep));
        if (configuration.HasRedis()) services.AddSingleton<IDistributedCache, RedisCacheLevel>();
        services.AddHybridCache();
        return services;
    }
}
