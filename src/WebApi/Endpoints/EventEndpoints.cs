using DataPipeline.Application.Events;
using DataPipeline.WebApi.OpenApi;
using DataPipeline.WebApi.Security;
using MediatR;

namespace DataPipeline.WebApi.Endpoints;

internal static class EventEndpoints
{
    internal static void MapEvents(this IEndpointRouteBuilder events)
    {
        events.MapGet("/pipelines/{pipelineId}/batches/{batchId}/events", OfBatch).WithTags(ApiTags.Batches)
            .Describe("watchBatch", "Watch a batch", "Server-sent events, a second or two after what they tell of: `progress` with the batch as it is now where it has not ended, and each time it has come further; `finished` with the batch that has ended, after which the stream ends. A stream that broke off goes on with Last-Event-ID and misses no end.")
            .TakesLastEventId()
            .AnswersEvents("What happens, as it happens. `data` of every event is the batch, as getBatch answers it.")
            .AnswersWithoutBody(StatusCodes.Status204NoContent, "The batch has ended, and Last-Event-ID is of the event that told it: nothing more will come.")
            .Refuses(Refusals.InvalidLastEventId, Refusals.PipelineNotFound, Refusals.BatchNotFound, Refusals.NoEvents, Refusals.TooManyEventStreams);
        events.MapGet("/pipelines/{pipelineId}/events", OfPipeline).WithTags(ApiTags.Pipelines)
            .Describe("watchPipeline", "Watch a pipeline and its batches", "Server-sent events, a second or two after what they tell of: `pipeline` with its state, at the start and when it was started, stopped or redefined; `progress` and `finished` of all its batches, beginning with those that have not ended. The stream ends when the pipeline is deleted. One that broke off goes on with Last-Event-ID and misses no end; some may come twice.")
            .TakesLastEventId()
            .AnswersEvents("What happens, as it happens. `data` is the pipeline's `id`, `name`, `status`, `version` and `updatedAt`, or the batch, as getBatch answers it.")
            .Refuses(Refusals.InvalidLastEventId, Refusals.PipelineNotFound, Refusals.NoEvents, Refusals.TooManyEventStreams);
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
