using DataPipeline.Application.Batches;
using DataPipeline.Application.Common;
using DataPipeline.Domain.Batches;
using DataPipeline.WebApi.Http;
using DataPipeline.WebApi.OpenApi;
using DataPipeline.WebApi.Security;
using MediatR;
using Microsoft.AspNetCore.Http.HttpResults;

namespace DataPipeline.WebApi.Endpoints;

internal static class BatchEndpoints
{
    private const string Batch = "/pipelines/{pipelineId}/batches/{batchId}";

    internal static void MapBatches(this IEndpointRouteBuilder batches)
    {
        batches.MapPost("/pipelines/{pipelineId}/batches", Submit).Describe("submitBatch", "Submit records as a batch")
            .TakesHeader("Idempotency-Key", "1 to 255 characters; a repeat with the same key and body creates nothing.").TakesWait()
            .Accepts<SubmissionRequest>(Acceptance.Json, Acceptance.NdJson, "text/csv")
            .Answers<BatchResponse>(StatusCodes.Status202Accepted).Answers<BatchResponse>().Refuses(400, 404, 409, 413, 415, 422, 429);
        batches.MapGet("/pipelines/{pipelineId}/batches", List).Describe("listBatches", "List a pipeline's batches, newest first")
            .TakesQuery("status", "Only those in this status: pending, processing, completed, failed or cancelled.").TakesPage().Answers<Page<BatchResponse>>().Refuses(400, 404);
        batches.MapGet(Batch, Get).Describe("getBatch", "Read a batch").TakesWait().Answers<BatchResponse>().Refuses(400, 404);
        batches.MapGet(Batch + "/errors", Errors).Describe("listBatchErrors", "List a batch's failed records, with the reasons").TakesPage().Answers<Page<FailureResponse>>().Refuses(400, 404);
        batches.MapPost(Batch + "/retry", Retry).Describe("retryBatch", "Make a new batch of a batch's failed records")
            .Answers<BatchResponse>(StatusCodes.Status202Accepted).Refuses(400, 404, 409, 429);
        batches.MapPost(Batch + "/cancel", Cancel).Describe("cancelBatch", "End a batch; what is not processed yet is not processed")
            .Answers<BatchResponse>(StatusCodes.Status202Accepted).Refuses(404, 409);
    }

    internal static void MapRecords(this IEndpointRouteBuilder records) =>
        records.MapGet(Batch + "/records", Records).Describe("listBatchRecords", "Read a batch's delivered records, in pages or as one stream of NDJSON").TakesPage()
            .Answers<Page<RecordResponse>>().Produces<string>(StatusCodes.Status200OK, Acceptance.NdJson).Refuses(400, 404);

    private static async Task<IResult> Submit(Caller caller, Guid pipelineId, PreferWait wait, IMediator mediator, HttpContext http, IHostApplicationLifetime lifetime, CancellationToken ct)
    {
        var headers = http.Request.Headers;
        var submitted = await mediator.Send(new SubmitBatch(caller.Owner, pipelineId, http.Request.Body, http.Request.ContentType, headers.ContentEncoding, headers["Idempotency-Key"]), ct);
        if (!submitted.IsSuccess) return submitted.Or(_ => TypedResults.Ok());
        if (submitted.Value.IsReplay) http.Response.Headers["Idempotent-Replayed"] = "true";
        if (wait.Time == TimeSpan.Zero) return Accepted(http, submitted.Value.Batch);
        var found = await mediator.Send(new GetBatch(caller.Owner, pipelineId, submitted.Value.Batch.Id, wait.Time, lifetime.ApplicationStopping), ct);
        return found.Or(batch => batch.IsFinished ? Finished(http, batch) : Accepted(http, batch));
    }

    private static async Task<IResult> List(Caller caller, Guid pipelineId, BatchesQuery query, IMediator mediator, CancellationToken ct)
    {
        var found = await mediator.Send(new ListBatches(caller.Owner, pipelineId, query.Status, query.Page), ct);
        return found.OrPage(BatchResponse.Of);
    }

    private static async Task<IResult> Get(Caller caller, Guid pipelineId, Guid batchId, PreferWait wait, IMediator mediator, IHostApplicationLifetime lifetime, CancellationToken ct)
    {
        var found = await mediator.Send(new GetBatch(caller.Owner, pipelineId, batchId, wait.Time, lifetime.ApplicationStopping), ct);
        return found.Or(batch => TypedResults.Ok(BatchResponse.Of(batch)));
    }

    private static async Task<IResult> Errors(Caller caller, Guid pipelineId, Guid batchId, PageQuery query, IMediator mediator, CancellationToken ct)
    {
        var found = await mediator.Send(new ListFailures(caller.Owner, pipelineId, batchId, query.Page), ct);
        return found.OrPage(FailureResponse.Of);
    }

    private static async Task<IResult> Records(Caller caller, Guid pipelineId, Guid batchId, PageQuery query, IMediator mediator, HttpContext http, CancellationToken ct)
    {
        if (Acceptance.Choose(http.Request, Acceptance.Json, Acceptance.NdJson) == Acceptance.NdJson)
        {
            var all = await mediator.Send(new StreamRecords(caller.Owner, pipelineId, batchId), ct);
            return all.Or(records => new RecordStream(records));
        }

        var found = await mediator.Send(new ReadRecords(caller.Owner, pipelineId, batchId, query.Page), ct);
        return found.OrPage(RecordResponse.Of);
    }

    private static async Task<IResult> Retry(Caller caller, Guid pipelineId, Guid batchId, IMediator mediator, HttpContext http, CancellationToken ct)
    {
        var retried = await mediator.Send(new RetryBatch(caller.Owner, pipelineId, batchId), ct);
        return retried.Or(batch => Accepted(http, batch));
    }

    private static async Task<IResult> Cancel(Caller caller, Guid pipelineId, Guid batchId, IMediator mediator, HttpContext http, CancellationToken ct)
    {
        var cancelled = await mediator.Send(new CancelBatch(caller.Owner, pipelineId, batchId), ct);
        return cancelled.Or(batch => Accepted(http, batch));
    }

    private static Accepted<BatchResponse> Accepted(HttpContext http, Batch batch) => TypedResults.Accepted(AddressOf(http, batch), BatchResponse.Of(batch));

    private static Ok<BatchResponse> Finished(HttpContext http, Batch batch)
    {
        http.Response.Headers.Location = AddressOf(http, batch);
        return TypedResults.Ok(BatchResponse.Of(batch));
    }

    private static string AddressOf(HttpContext http, Batch batch) => $"{http.Request.PathBase}/api/v1/pipelines/{batch.PipelineId}/batches/{batch.Id}";
}
