using System.Threading.RateLimiting;
using DataPipeline.Application.Observability;
using DataPipeline.Application.RateLimiting;
using DataPipeline.WebApi.Errors;
using DataPipeline.WebApi.Security;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Extensions.Options;

namespace DataPipeline.WebApi.RateLimiting;

/// <summary>Lets the framework's middleware ask our limiter, key by key, and tells the caller what is left.</summary>
internal sealed class ApiRateLimiter(IRateLimiter limiter, ServiceMetrics metrics, RateLimitingOptions options) : PartitionedRateLimiter<HttpContext>
{
    internal static void Configure(RateLimiterOptions middleware, IRateLimiter limiter, ServiceMetrics metrics, IOptions<RateLimitingOptions> options)
    {
        middleware.GlobalLimiter = new ApiRateLimiter(limiter, metrics, options.Value);
        middleware.OnRejected = (context, _) =>
        {
            context.Lease.TryGetMetadata(MetadataName.RetryAfter, out var wait);
            return new ValueTask(HttpError.Of(RateLimitErrors.TooManyRequests(wait)).ExecuteAsync(context.HttpContext));
        };
    }

    public override RateLimiterStatistics? GetStatistics(HttpContext resource) => null;

    // The limiter may have to ask another process; "no" at once makes the middleware await the answer below.
    protected override RateLimitLease AttemptAcquireCore(HttpContext resource, int permitCount) => resource.Features.Get<Caller>() is null ? Lease.Free : Lease.NotYet;

    protected override async ValueTask<RateLimitLease> AcquireAsyncCore(HttpContext resource, int permitCount, CancellationToken cancellationToken)
    {
        if (resource.Features.Get<Caller>() is not { } caller) return Lease.Free;
        var limit = options.OfKey(caller.RateLimit);
        var decision = await limiter.AcquireAsync($"key:{caller.KeyId}", limit, 1, cancellationToken);
        metrics.RateLimitDecided(RateLimitPolicy.Requests, decision.IsAllowed);
        var records = caller.RecordsLimit is { } perMinute ? new RecordAllowance(limiter, metrics, caller.KeyId, perMinute) : null;
        resource.Features.Set(records);
        resource.Response.OnStarting(() =>
        {
            RateLimitHeaders.Write(resource.Response.Headers, limit, decision, records);
            return Task.CompletedTask;
        });
        return new Lease(decision.IsAllowed, decision.RetryAfter);
    }

    private sealed class Lease(bool isAcquired, TimeSpan? retryAfter) : RateLimitLease
    {
        internal static readonly Lease Free = new(true, null);
        internal static readonly Lease NotYet = new(false, null);

        public override bool IsAcquired => isAcquired;

        public override IEnumerable<string> MetadataNames => retryAfter is null ? [] : [MetadataName.RetryAfter.Name];

        public override bool TryGetMetadata(string metadataName, out object? metadata)
        {
            metadata = metadataName == MetadataName.RetryAfter.Name ? retryAfter : null;
            return metadata is not null;
        }
    }
}
