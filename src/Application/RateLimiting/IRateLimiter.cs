namespace DataPipeline.Application.RateLimiting;

/// <param name="Permits">How many a window allows, 1 or more.</param>
/// <param name="Window">The window's length, a second or more.</param>
public readonly record struct RateLimit(int Permits, TimeSpan Window);

/// <summary>Whether what was asked for is allowed.</summary>
/// <param name="Remaining">How many more are allowed at once, 0 or more.</param>
/// <param name="RetryAfter">In what time what was refused is allowed, or one more where it was allowed; zero where it is at once.</param>
/// <param name="ResetAfter">In what time the whole limit is free again, if nothing more comes.</param>
public readonly record struct RateLimitDecision(bool IsAllowed, int Remaining, TimeSpan RetryAfter, TimeSpan ResetAfter);

/// <summary>Counts in a sliding window: never are more than the limit allowed within any stretch of the window's length. Thread-safe.</summary>
public interface IRateLimiter
{
    /// <param name="partition">What is counted together, for example a key's requests.</param>
    /// <param name="permits">How many are asked for, all or none; 1 to the limit.</param>
    ValueTask<RateLimitDecision> AcquireAsync(string partition, RateLimit limit, int permits, CancellationToken ct);
}
