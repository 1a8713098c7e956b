using DataPipeline.Application.Observability;
using DataPipeline.Domain.Common;

namespace DataPipeline.Application.RateLimiting;

/// <summary>What a key may still submit, and what came of asking. Belongs to one request; not thread-safe.</summary>
/// <param name="perMinute">The key's limit of records, 1 or more.</param>
public sealed class RecordAllowance(IRateLimiter limiter, ServiceMetrics metrics, Guid keyId, int perMinute)
{
    /// <summary>Counted together by key, apart from its requests.</summary>
    public RateLimit Limit { get; } = new(perMinute, TimeSpan.FromMinutes(1));

    /// <summary>What the limiter said; <c>null</c> where it was not asked.</summary>
    public RateLimitDecision? Decision { get; private set; }

    /// <summary>Takes all of <paramref name="records"/> or none. What is taken stays taken, also when the batch is refused for another reason afterwards.</summary>
    /// <returns>The refusal; <c>null</c> where they may be submitted.</returns>
    internal async ValueTask<Error?> TakeAsync(int records, CancellationToken ct)
    {
        if (records > perMinute) return RateLimitErrors.LargerThanTheLimit(perMinute);
        var decision = await limiter.AcquireAsync($"records:{keyId}", Limit, records, ct);
        Decision = decision;
        metrics.RateLimitDecided(RateLimitPolicy.Records, decision.IsAllowed);
        return decision.IsAllowed ? null : RateLimitErrors.TooManyRecords(perMinute, decision.Remaining, decision.RetryAfter);
    }
}
