using System.Globalization;
using DataPipeline.Domain.Common;

namespace DataPipeline.Application.RateLimiting;

/// <summary>Every refusal for want of permits.</summary>
public static class RateLimitErrors
{
    public static Error TooManyRequests(TimeSpan retryAfter) => Limited("Too many requests; try again when Retry-After has passed.", retryAfter);

    /// <param name="remaining">How many records are free now, fewer than were submitted.</param>
    public static Error TooManyRecords(int limit, int remaining, TimeSpan retryAfter) => Limited(
        string.Create(CultureInfo.InvariantCulture, $"This key may submit {limit} records a minute, and {remaining} more at the moment; try again when Retry-After has passed."), retryAfter);

    /// <summary>Waiting does not help.</summary>
    public static Error LargerThanTheLimit(int limit) =>
        new(ErrorKind.TooLarge, "TOO_MANY_RECORDS", string.Create(CultureInfo.InvariantCulture, $"This key may submit {limit} records a minute, and no batch of more; submit it in parts."));

    private static Error Limited(string message, TimeSpan retryAfter) => new(ErrorKind.TooMany, "RATE_LIMITED", message) { RetryAfter = retryAfter };
}
