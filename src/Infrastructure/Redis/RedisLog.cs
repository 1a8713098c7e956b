using Microsoft.Extensions.Logging;

namespace DataPipeline.Infrastructure.Redis;

internal static partial class RedisLog
{
    [LoggerMessage(6000, LogLevel.Warning, "Redis does not answer; until it does, this process keeps limits and caches by itself")]
    internal static partial void Away(ILogger logger, Exception failure);

    [LoggerMessage(6001, LogLevel.Information, "Redis answers; limits and caches are shared")]
    internal static partial void Found(ILogger logger);
}
