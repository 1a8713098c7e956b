using DataPipeline.Application.Common;
using DataPipeline.Application.Pipelines;
using DataPipeline.Domain.Pipelines;
using DataPipeline.WebApi.Http;
using DataPipeline.WebApi.OpenApi;
using DataPipeline.WebApi.Security;
using MediatR;
using Microsoft.OpenApi;

namespace DataPipeline.WebApi.Endpoints;

internal static class PipelineEndpoints
{
    internal static void MapPipelines(this IEndpointRouteBuilder pipelines)
    {
        pipelines.MapPost("/pipelines", Create)
            .Describe("createPipeline", "Create a pipeline", "The configuration is checked whole before anything is stored: every mistake is in the answer's details, with its path. The pipeline takes batches once it is started.")
            .Takes<PipelineRequest>("What the pipeline is to be.")
            .Answers<PipelineResponse>(StatusCodes.Status201Created, "The pipeline, never started.", ResponseHeaders.Location, ResponseHeaders.ETag)
            .Refuses([.. Refusals.OfEveryBody, Refusals.ValidationFailed, Refusals.NameConflict, Refusals.TooManyPipelines]);
        pipelines.MapGet("/pipelines", List)
            .Describe("listPipelines", "List pipelines", "Newest first, without configurations and metrics. Inserts and deletes between pages neither skip nor repeat anything.")
            .TakesQuery<PipelineStatus>("status", "Only those in this status.").TakesQuery("name", "Only the one of this name, case aside.").TakesPage()
            .Answers<Page<PipelineSummaryResponse>>(StatusCodes.Status200OK, "A page of the list.")
            .Refuses(Refusals.InvalidQuery, Refusals.InvalidCursor);
        pipelines.MapGet("/pipelines/{pipelineId}", Get)
            .Describe("getPipeline", "Read a pipeline", "With its configuration and its metrics. The entity tag is the version: it does not change with the metrics.")
            .TakesHeader("If-None-Match", "Versions that are known already, as quoted entity tags.", EndpointDescriptions.Text("\"3\""))
            .Answers<PipelineResponse>(StatusCodes.Status200OK, "The pipeline.", ResponseHeaders.ETag)
            .AnswersWithoutBody(StatusCodes.Status304NotModified, "The version is one of those named in If-None-Match.", ResponseHeaders.ETag)
            .Refuses(Refusals.InvalidHeader, Refusals.PipelineNotFound);
        pipelines.MapPut("/pipelines/{pipelineId}", Update)
            .Describe("updatePipeline", "Replace a pipeline's definition", "In any status. The version rises by one, unless nothing changes; batches run with the version they were submitted under. A secret that is sent as *** keeps its stored value.")
            .TakesHeader("If-Match", "The versions that may be replaced, as quoted entity tags; any unless told.", EndpointDescriptions.Text("\"3\""))
            .Takes<PipelineRequest>("What the pipeline is to be.")
            .Answers<PipelineResponse>(StatusCodes.Status200OK, "The pipeline as it is now.", ResponseHeaders.ETag)
            .Refuses([.. Refusals.OfEveryBody, Refusals.ValidationFailed, Refusals.PipelineNotFound, Refusals.NameConflict, Refusals.VersionMismatch]);
        pipelines.MapDelete("/pipelines/{pipelineId}", Delete)
            .Describe("deletePipeline", "Delete a pipeline", "With its batches, their failures and the records it stored. Not while a batch of it is pending or processing.")
            .AnswersWithoutBody(StatusCodes.Status204NoContent, "It is gone.")
            .Refuses(Refusals.PipelineNotFound, Refusals.HasActiveBatches);
        pipelines.MapPost("/pipelines/{pipelineId}/start", Start)
            .Describe("startPipeline", "Start a pipeline", "Lets it take batches, and go on with those that waited. Starting an active pipeline changes nothing.")
            .Answers<PipelineResponse>(StatusCodes.Status200OK, "The pipeline, active.", ResponseHeaders.ETag)
            .Refuses(Refusals.PipelineNotFound);
        pipelines.MapPost("/pipelines/{pipelineId}/stop", Stop)
            .Describe("stopPipeline", "Pause a pipeline", "It takes no new batch. What a worker has in hand is finished, the rest waits until it is started again. Stopping a paused pipeline changes nothing.")
            .Answers<PipelineResponse>(StatusCodes.Status200OK, "The pipeline, paused.", ResponseHeaders.ETag)
            .Refuses(Refusals.PipelineNotFound, Refusals.NotStarted);
        pipelines.MapGet("/pipelines/{pipelineId}/metrics", Series)
            .Describe("getPipelineMetrics", "Read a pipeline's work over time", "In points of equal length, and what each processor of a version has done. At most 1,500 points.")
            .TakesQuery("window", "How far back: a number of s, m, h or d, up to 7d; 1h unless told.", EndpointDescriptions.Text("1h"))
            .TakesQuery("step", "The length of a point: whole minutes; 1m unless told.", EndpointDescriptions.Text("5m"))
            .TakesQuery("version", "The version whose processors are shown; the current one unless told.", new OpenApiSchema { Type = JsonSchemaType.Integer, Format = "int32", Minimum = "1" })
            .Answers<PipelineSeriesResponse>(StatusCodes.Status200OK, "The points and the processors.")
            .Refuses(Refusals.InvalidQuery, Refusals.PipelineNotFound);
        pipelines.MapPost("/pipelines/simulate", SimulateConfig)
            .Describe("simulateConfig", "Try a configuration", "Tells what it would do to some records, or to those of a batch that failed. Nothing is delivered, stored or changed.")
            .Takes<ConfigSimulationRequest>("The configuration, and the records or the batch.")
            .Answers<SimulationResult>(StatusCodes.Status200OK, "What would become of each record.")
            .Refuses([.. Refusals.OfEveryBody, Refusals.ValidationFailed, Refusals.BatchNotFound, Refusals.FailuresRemoved, Refusals.SimulationTooLarge]);
        pipelines.MapPost("/pipelines/{pipelineId}/simulate", Simulate)
            .Describe("simulatePipeline", "Try a pipeline", "Tells what its current version would do to some records, whatever its status. Nothing is delivered, stored or changed.")
            .Takes<SimulationRequest>("The records.")
            .Answers<SimulationResult>(StatusCodes.Status200OK, "What would become of each record.")
            .Refuses([.. Refusals.OfEveryBody, Refusals.ValidationFailed, Refusals.PipelineNotFound, Refusals.SimulationTooLarge]);
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
