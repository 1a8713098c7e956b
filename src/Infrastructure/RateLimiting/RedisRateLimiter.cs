using DataPipeline.Application.RateLimiting;
using DataPipeline.Infrastructure.Redis;
using StackExchange.Redis;

namespace DataPipeline.Infrastructure.RateLimiting;

/// <summary>
/// Counts in Redis, for all processes together, and notes here what that gave this process. Nothing is allowed that would be more than the limit by either,
/// so that the process holds the limit also while Redis is away, and when it comes back and has forgotten.
/// </summary>
internal sealed class RedisRateLimiter(RedisCircuit redis, SlidingWindowLimiter local) : IRateLimiter
{
    private static readonly string Script = ReadScript();

    public async ValueTask<RateLimitDecision> AcquireAsync(string partition, RateLimit limit, int permits, CancellationToken ct)
    {
        var own = local.Given(partition, limit);
        var (isAnswered, answer) = await redis.AskAsync(server => AskAsync(server, partition, limit, permits, own.Permits), ct);
        if (isAnswered)
        {
            var (shared, isForgetful) = Read(answer);
            if (shared.IsAllowed ? local.TryNote(partition, limit, permits, own.Moment) : !isForgetful) return shared;
        }

        return local.Acquire(partition, limit, permits);
    }

    private static Task<RedisResult> AskAsync(IDatabaseAsync server, string partition, RateLimit limit, int permits, int own)
    {
        var microseconds = limit.Window.Ticks / TimeSpan.TicksPerMicrosecond;
        return server.ScriptEvaluateAsync(
            Script,
            [$"{RedisCircuit.Prefix}limit:{microseconds}:{partition}"],
            [permits, limit.Permits, SlidingWindowLimiter.SegmentOf(microseconds), SlidingWindowLimiter.Segments, own]);
    }

    /// <returns>The decision, and whether Redis would have allowed it by its own count: then it lacks what this process gave, and cannot say how long to wait.</returns>
    private static (RateLimitDecision Decision, bool IsForgetful) Read(RedisResult? answer)
    {
        var values = (long[])answer!;
        return (new RateLimitDecision(values[0] == 1, (int)values[1], TimeSpan.FromMicroseconds(values[2]), TimeSpan.FromMicroseconds(values[3])), values[0] == 2);
    }

    private static string ReadScript()
    {
        using var stream = typeof(RedisRateLimiter).Assembly.GetManifestResourceStream(typeof(RedisRateLimiter), "sliding-window.lua")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
