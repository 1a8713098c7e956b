using DataPipeline.Application.Common;
using DataPipeline.Infrastructure.Persistence;
using DataPipeline.Infrastructure.Settings;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace DataPipeline.Infrastructure.Redis;

internal static class RedisRegistration
{
    internal static IServiceCollection AddRedis(this IServiceCollection services, IConfiguration configuration)
    {
        if (!configuration.HasRedis()) return services;
        return services.AddSingleton(provider => Read(provider.GetRequiredService<IOptions<ConnectionStringsOptions>>().Value.Redis!))
            .AddSingleton<RedisCircuit>()
            .AddSingleton<IRedisHealth>(provider => provider.GetRequiredService<RedisCircuit>())
            .AddHostedService(provider => provider.GetRequiredService<RedisCircuit>());
    }

    /// <summary>Whether this process uses Redis. What is shared there, limits and caches, is for answering requests; a process that does not has no use for it.</summary>
    internal static bool HasRedis(this IConfiguration configuration) => !string.IsNullOrWhiteSpace(configuration.GetConnectionString(nameof(ConnectionStringsOptions.Redis))) && configuration.IsOn("Api:Enabled");

    private static ConfigurationOptions Read(string text) =>
        RedisConnectionString.TryRead(text, out var server) ? server : throw new InvalidOperationException("What cannot be read is refused at start.");
}
