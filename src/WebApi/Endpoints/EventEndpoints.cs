using DataPipeline.Application.Events;
using DataPipeline.WebApi.Security;
using MediatR;

namespace DataPipeline.WebApi.Endpoints;

internal static class EventEndpoints
{
    internal static void MapEvents(this IEndpointRouteBuilder events)
    {
        events.MapGet("/pipelines/{pipelineId}/batches/{batchId}/events", OfBatch);
        events.MapGet("/pipelines/{pipelineId}/events", OfPipeline);
    }

    private static async Task<IResult> OfBatch(Caller caller, Guid pipelineId, Guid batchId, IMediator mediator, HttpContext http, CancellationToken ct)
    {
        var watched = await mediator.Send(new WatchBatch(caller.Owner, caller.KeyId, pipelineId, batchId, LastEventId(http)), ct);
        return watched.Or(batch => batch.Watch is { } watch ? Stream(http, watch) : TypedResults.NoContent()); // What a browser takes as "do not come back".
    }

    private static async Task<IResult> OfPipeline(Caller caller, Guid pipelineId, IMediator mediator, HttpContext http, CancellationToken ct)
    {
        var watched = await mediator.Send(new WatchPipeline(caller.Owner, caller.KeyId, pipelineId, LastEventId(http)), ct);
        return watched.Or(watch => Stream(http, watch));
    }

    private static EventStream Stream(HttpContext http, IWatch watch)
    {
        http.Response.RegisterForDispose(watch);
        return new EventStream(watch);
    }

    private static string? LastEventId(HttpContext http) => http.Request.Headers["Last-Event-ID"].ToString() is { Length: > 0 } id ? id : null;
}
