namespace DataPipeline.Application.RateLimiting;

/// <summary>Whether a request may go on.</summary>
/// <param name="Remaining">How many more may follow at once, 0 or more.</param>
/// <param name="RetryAfter">In what time one more is allowed; zero where it is at once.</param>
/// <param name="ResetAfter">In what time the whole limit is free again, if nothing more comes.</param>
public readonly record struct RateLimitDecision(bool IsAllowed, int Remaining, TimeSpan RetryAfter, TimeSpan ResetAfter);

/// <summary>Counts requests in a sliding window: never are more than the limit allowed within any stretch of the window's length. Thread-safe.</summary>
public interface IRequestLimiter
{
    /// <param name="partition">What is counted together, for example a key.</param>
    /// <param name="limit">How many requests a window allows, 1 or more.</param>
    ValueTask<RateLimitDecision> AcquireAsync(string partition, int limit, CancellationToken ct);
}
