using System.Text.Json.Serialization;
using DataPipeline.Application.Common;
using DataPipeline.Application.Processing;
using DataPipeline.Domain.Common;
using DataPipeline.WebApi.Errors;
using DataPipeline.WebApi.Observability;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace DataPipeline.WebApi.Endpoints;

internal static class HealthEndpoints
{
    internal static void MapHealth(this IEndpointRouteBuilder app)
    {
        app.MapGet(Monitoring.LivePath, Live).DisableHttpMetrics().ExcludeFromDescription();
        app.MapGet(Monitoring.ReadyPath, Ready).DisableHttpMetrics().ExcludeFromDescription();
    }

    private static Ok<HealthResponse> Live() => TypedResults.Ok(new HealthResponse("live", null, null));

    private static async Task<IResult> Ready(IDatabase database, IPlugins plugins, [FromServices] IRedisHealth? redis, IHostApplicationLifetime lifetime, CancellationToken ct)
    {
        if (lifetime.ApplicationStopping.IsCancellationRequested) return NotReady("service", "The service is stopping.");
        if (await database.FindFaultAsync(ct) is { } fault) return NotReady("database", fault);
        var faults = plugins.All.SelectMany(plugin => plugin.Faults.Select(fault => new ErrorDetail($"plugins.{plugin.Identity.Assembly}", "PLUGIN_BROKEN", fault.Type is null ? fault.Reason : $"{fault.Type}: {fault.Reason}"))).ToList();
        var checks = new Dictionary<string, string> { ["database"] = "ok", ["plugins"] = faults.Count == 0 ? "ok" : "broken" };
        if (redis is not null)
        {
            var answers = await redis.AnswersAsync(ct);
            checks["redis"] = answers ? "ok" : "degraded";
            if (!answers) faults.Add(new ErrorDetail("redis", "UNAVAILABLE", "Redis does not answer; requests are served, and this process keeps rate limits and caches by itself."));
        }

        return TypedResults.Ok(new HealthResponse("ready", checks, faults.Count == 0 ? null : faults));
    }

    private static HttpError NotReady(string part, string fault) =>
        HttpError.Unavailable with { Message = "The service is not ready.", Details = [new ErrorDetail(part, "UNAVAILABLE", fault)] };
}

/// <param name="Checks">What was looked at, and how it is.</param>
/// <param name="Details">What is wrong although the service is ready.</param>
internal sealed record HealthResponse(
    string Status,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyDictionary<string, string>? Checks,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<ErrorDetail>? Details);
