using System.Globalization;
using DataPipeline.Application.RateLimiting;

namespace DataPipeline.WebApi.RateLimiting;

/// <summary>What a caller may do and what is left of it, by draft-ietf-httpapi-ratelimit-headers: lists of items with a name each.</summary>
internal static class RateLimitHeaders
{
    private const string Requests = "default";
    private const string Records = "records";

    /// <param name="records">The key's limit of records; told in full where the request asked for some.</param>
    internal static void Write(IHeaderDictionary headers, RateLimit limit, RateLimitDecision decision, RecordAllowance? records)
    {
        var (policies, states) = (Policy(Requests, limit), State(Requests, limit, decision));
        if (records is not null) policies += ", " + Policy(Records, records.Limit);
        if (records?.Decision is { } taken) states += ", " + State(Records, records.Limit, taken);
        (headers["RateLimit-Policy"], headers["RateLimit"]) = (policies, states);
    }

    private static string Policy(string name, RateLimit limit) => string.Create(CultureInfo.InvariantCulture, $"\"{name}\";q={limit.Permits};w={(long)limit.Window.TotalSeconds}");

    private static string State(string name, RateLimit limit, RateLimitDecision decision)
    {
        var reset = decision.IsAllowed ? decision.ResetAfter : decision.RetryAfter;
        return string.Create(CultureInfo.InvariantCulture, $"\"{name}\";r={decision.Remaining};t={Math.Ceiling(Math.Min(limit.Window.TotalSeconds, reset.TotalSeconds))}");
    }
}
