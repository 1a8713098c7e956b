using DataPipeline.WebApi.Security;

namespace DataPipeline.WebApi.Observability;

/// <summary>Gives every line that is logged for a request its owner and route, from where both are known.</summary>
internal sealed class RequestScope(RequestDelegate next, ILogger<RequestScope> logger)
{
    public async Task InvokeAsync(HttpContext http)
    {
        using var scope = Begin(logger, http);
        await next(http);
    }

    internal static IDisposable? Begin(ILogger logger, HttpContext http) => logger.BeginScope(new KeyValuePair<string, object?>[] { new("owner", OwnerOf(http)), new("route", RouteOf(http)) });

    internal static string OwnerOf(HttpContext http) => http.Features.Get<Caller>()?.Owner.Value ?? "nobody";

    /// <summary>The path with the names of its parameters instead of their values; <c>null</c> where nothing is at the path.</summary>
    private static string? RouteOf(HttpContext http) => (http.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText;
}
