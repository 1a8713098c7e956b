using System.ComponentModel.DataAnnotations;
using DataPipeline.Domain.ApiKeys;

namespace DataPipeline.Application.RateLimiting;

/// <summary>How many requests are let through: section <c>RateLimiting</c>.</summary>
public sealed class RateLimitingOptions
{
    public const string Section = "RateLimiting";

    /// <summary>Requests per window for a key that has no limit of its own. Default: 600.</summary>
    [Range(1, ApiKey.MaxRateLimit)]
    public int PermitLimit { get; set; } = 600;

    /// <summary>Length of the sliding window in seconds, at most a day. Default: 60.</summary>
    [Range(1, 86_400)]
    public int WindowSeconds { get; set; } = 60;

    /// <summary>Requests with a wrong key per window and client: an IPv4 address, or an IPv6 network of 64 bits. Default: 300.</summary>
    [Range(1, ApiKey.MaxRateLimit)]
    public int FailedAuthenticationLimit { get; set; } = 300;

    /// <param name="own">The key's own limit; <c>null</c> where it has none.</param>
    public RateLimit OfKey(int? own) => new(own ?? PermitLimit, TimeSpan.FromSeconds(WindowSeconds));

    public RateLimit OfAddress() => new(FailedAuthenticationLimit, TimeSpan.FromSeconds(WindowSeconds));
}
