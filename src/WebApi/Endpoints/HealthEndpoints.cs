using DataPipeline.Application.Common;
using DataPipeline.Domain.Common;
using DataPipeline.WebApi.Errors;
using Microsoft.AspNetCore.Http.HttpResults;

namespace DataPipeline.WebApi.Endpoints;

internal static class HealthEndpoints
{
    internal static void MapHealth(this IEndpointRouteBuilder app)
    {
        app.MapGet("/health/live", Live).ExcludeFromDescription();
        app.MapGet("/health/ready", Ready).ExcludeFromDescription();
    }

    private static Ok<HealthResponse> Live() => TypedResults.Ok(new HealthResponse("live", null));

    private static async Task<IResult> Ready(IDatabase database, IHostApplicationLifetime lifetime, CancellationToken ct)
    {
        if (lifetime.ApplicationStopping.IsCancellationRequested) return NotReady("service", "The service is stopping.");
        return await database.FindFaultAsync(ct) is { } fault ? NotReady("database", fault) : TypedResults.Ok(new HealthResponse("ready", new Dictionary<string, string> { ["database"] = "ok" }));
    }

    private static HttpError NotReady(string part, string fault) =>
        HttpError.Unavailable with { Message = "The service is not ready.", Details = [new ErrorDetail(part, "UNAVAILABLE", fault)] };
}

/// <param name="Checks">What was looked at, and how it is.</param>
internal sealed record HealthResponse(string Status, IReadOnlyDictionary<string, string>? Checks);
