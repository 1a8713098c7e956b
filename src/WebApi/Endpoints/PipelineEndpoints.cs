using DataPipeline.Application.Common;
using DataPipeline.Application.Pipelines;
using DataPipeline.WebApi.Http;
using DataPipeline.WebApi.OpenApi;
using DataPipeline.WebApi.Security;
using MediatR;

namespace DataPipeline.WebApi.Endpoints;

internal static class PipelineEndpoints
{
    internal static void MapPipelines(this IEndpointRouteBuilder pipelines)
    {
        pipelines.MapPost("/pipelines", Create).Describe("createPipeline", "Create a pipeline")
            .Accepts<PipelineRequest>(Acceptance.Json).Answers<PipelineResponse>(StatusCodes.Status201Created).Refuses(400, 409, 413, 415);
        pipelines.MapGet("/pipelines", List).Describe("listPipelines", "List pipelines, newest first")
            .TakesQuery("status", "Only those in this status: created, active or paused.").TakesQuery("name", "Only the one of this name, case aside.").TakesPage()
            .Answers<Page<PipelineSummaryResponse>>().Refuses(400);
        pipelines.MapGet("/pipelines/{pipelineId}", Get).Describe("getPipeline", "Read a pipeline with its metrics")
            .TakesHeader("If-None-Match", "Versions you have already, as quoted entity tags.").Answers<PipelineResponse>().Refuses(400, 404);
        pipelines.MapPut("/pipelines/{pipelineId}", Update).Describe("updatePipeline", "Replace a pipeline's definition")
            .TakesHeader("If-Match", "The versions you are content to replace, as quoted entity tags.")
            .Accepts<PipelineRequest>(Acceptance.Json).Answers<PipelineResponse>().Refuses(400, 404, 409, 412, 413, 415);
        pipelines.MapDelete("/pipelines/{pipelineId}", Delete).Describe("deletePipeline", "Delete a pipeline with everything that belongs to it")
            .Produces(StatusCodes.Status204NoContent).Refuses(404, 409);
        pipelines.MapPost("/pipelines/{pipelineId}/start", Start).Describe("startPipeline", "Let a pipeline take batches").Answers<PipelineResponse>().Refuses(404);
        pipelines.MapPost("/pipelines/{pipelineId}/stop", Stop).Describe("stopPipeline", "Pause a pipeline").Answers<PipelineResponse>().Refuses(404, 409);
        pipelines.MapGet("/pipelines/{pipelineId}/metrics", Series).Describe("getPipelineMetrics", "Read a pipeline's work over time, and what each processor has done")
            .TakesQuery("window", "How far back, up to 7d; 1h unless told.").TakesQuery("step", "The length of a point in whole minutes; 1m unless told.")
            .TakesQuery("version", "The version whose processors are shown; the current one unless told.")
            .Answers<PipelineSeriesResponse>().Refuses(400, 404);
        pipelines.MapPost("/pipelines/simulate", SimulateConfig).Describe("simulateConfig", "See what a configuration would do to some records, or to those of a batch that failed")
            .Accepts<ConfigSimulationRequest>(Acceptance.Json).Answers<SimulationResult>().Refuses(400, 404, 413, 415);
        pipelines.MapPost("/pipelines/{pipelineId}/simulate", Simulate).Describe("simulatePipeline", "See what a pipeline would do to some records")
            .Accepts<SimulationRequest>(Acceptance.Json).Answers<SimulationResult>().Refuses(400, 404, 413, 415);
    }

    private static async Task<IResult> Create(Caller caller, PipelineBody body, IMediator mediator, HttpContext http, CancellationToken ct)
    {
        var created = await mediator.Send(new CreatePipeline(caller.Owner, body.Definition), ct);
        return created.Or(details => Show(http, details, pipeline => TypedResults.Created($"{http.Request.PathBase}/api/v1/pipelines/{pipeline.Id}", pipeline)));
    }

    private static async Task<IResult> List(Caller caller, PipelinesQuery query, IMediator mediator, CancellationToken ct)
    {
        var found = await mediator.Send(new ListPipelines(caller.Owner, query.Status, query.Name, query.Page), ct);
        return found.OrPage(PipelineSummaryResponse.Of);
    }

    private static async Task<IResult> Get(Caller caller, Guid pipelineId, IfNoneMatch known, IMediator mediator, HttpContext http, CancellationToken ct)
    {
        var found = await mediator.Send(new GetPipeline(caller.Owner, pipelineId), ct);
        return found.Or(details => Show(http, details, pipeline => known.Has(pipeline.Version) ? TypedResults.StatusCode(StatusCodes.Status304NotModified) : TypedResults.Ok(pipeline)));
    }

    private static async Task<IResult> Update(Caller caller, Guid pipelineId, IfMatch expected, PipelineBody body, IMediator mediator, HttpContext http, CancellationToken ct)
    {
        var updated = await mediator.Send(new UpdatePipeline(caller.Owner, pipelineId, body.Definition, expected.Versions), ct);
        return updated.Or(details => Show(http, details, TypedResults.Ok));
    }

    private static async Task<IResult> Delete(Caller caller, Guid pipelineId, IMediator mediator, CancellationToken ct)
    {
        var deleted = await mediator.Send(new DeletePipeline(caller.Owner, pipelineId), ct);
        return deleted.OrNoContent();
    }

    private static async Task<IResult> Start(Caller caller, Guid pipelineId, IMediator mediator, HttpContext http, CancellationToken ct)
    {
        var started = await mediator.Send(new StartPipeline(caller.Owner, pipelineId), ct);
        return started.Or(details => Show(http, details, TypedResults.Ok));
    }

    private static async Task<IResult> Stop(Caller caller, Guid pipelineId, IMediator mediator, HttpContext http, CancellationToken ct)
    {
        var stopped = await mediator.Send(new StopPipeline(caller.Owner, pipelineId), ct);
        return stopped.Or(details => Show(http, details, TypedResults.Ok));
    }

    private static async Task<IResult> Series(Caller caller, Guid pipelineId, SeriesQuery query, IMediator mediator, CancellationToken ct)
    {
        var read = await mediator.Send(new GetPipelineSeries(caller.Owner, pipelineId, query.Window, query.Step, query.Version), ct);
        return read.Or(series => TypedResults.Ok(PipelineSeriesResponse.Of(series)));
    }

    private static async Task<IResult> SimulateConfig(Caller caller, ConfigSimulationBody body, IMediator mediator, CancellationToken ct)
    {
        var simulated = await mediator.Send(new SimulateConfig(caller.Owner, body.Config, body.Records, body.FailuresOf, body.Verbose), ct);
        return simulated.Or(TypedResults.Ok);
    }

    private static async Task<IResult> Simulate(Caller caller, Guid pipelineId, PipelineSimulationBody body, IMediator mediator, CancellationToken ct)
    {
        var simulated = await mediator.Send(new SimulatePipeline(caller.Owner, pipelineId, body.Records, body.Verbose), ct);
        return simulated.Or(TypedResults.Ok);
    }

    /// <summary>The pipeline with its version as entity tag.</summary>
    private static IResult Show(HttpContext http, PipelineDetails details, Func<PipelineResponse, IResult> answer)
    {
        http.Response.Headers.ETag = EntityTags.Of(details.Pipeline.Version);
        return answer(PipelineResponse.Of(details));
    }
}
