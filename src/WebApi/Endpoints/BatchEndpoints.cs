using DataPipeline.Application.Batches;
using DataPipeline.Application.Common;
using DataPipeline.Application.RateLimiting;
using DataPipeline.Domain.Batches;
using DataPipeline.WebApi.Http;
using DataPipeline.WebApi.OpenApi;
using DataPipeline.WebApi.Security;
using MediatR;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.OpenApi;

namespace DataPipeline.WebApi.Endpoints;

internal static class BatchEndpoints
{
    private const string Batch = "/pipelines/{pipelineId}/batches/{batchId}";

    internal static void MapBatches(this IEndpointRouteBuilder batches)
    {
        batches.MapPost("/pipelines/{pipelineId}/batches", Submit)
            .Describe("submitBatch", "Submit records as a batch", "The answer means that no crash of the service or of its database loses a record. What can be laid to one record (no JSON object, a bad line, a property twice, too large) is that record's failure, and the others go on. Where the key has a limit of records, all of them count against it.")
            .TakesHeader("Idempotency-Key", "A repeat with the same key and body within 24 hours is answered as the first was, and creates nothing.", new OpenApiSchema { Type = JsonSchemaType.String, MinLength = 1, MaxLength = SubmitBatch.IdempotencyKeyMaxLength })
            .TakesHeader("Content-Encoding", "How the body is compressed; not at all unless told.", new OpenApiSchema { Type = JsonSchemaType.String, Enum = ["gzip", "br", "deflate"] })
            .TakesWait()
            .Takes<SubmissionRequest>("Records: an object or an array of JSON, one JSON record a line, or CSV with a header line, of which every value is a text.", Acceptance.NdJson, "text/csv").TakesBareList()
            .Answers<BatchResponse>(StatusCodes.Status200OK, "The batch, which has ended within the time of Prefer.", ResponseHeaders.Location, ResponseHeaders.IdempotentReplayed)
            .Answers<BatchResponse>(StatusCodes.Status202Accepted, "The batch as it is so far.", ResponseHeaders.Location, ResponseHeaders.IdempotentReplayed)
            .Refuses(
                Refusals.MalformedJson, Refusals.EmptyBatch, Refusals.RequestTimeout, Refusals.PipelineNotFound, Refusals.BatchNotFound, Refusals.NotActive, Refusals.KeyInUse,
                Refusals.BatchTooLarge, Refusals.TooManyRecords, Refusals.UnsupportedMediaType, Refusals.KeyReused, Refusals.TooManyPending);
        batches.MapGet("/pipelines/{pipelineId}/batches", List)
            .Describe("listBatches", "List a pipeline's batches", "Newest first. Inserts and deletes between pages neither skip nor repeat anything.")
            .TakesQuery<BatchStatus>("status", "Only those in this status.").TakesPage()
            .Answers<Page<BatchResponse>>(StatusCodes.Status200OK, "A page of the list.")
            .Refuses(Refusals.InvalidQuery, Refusals.InvalidCursor, Refusals.PipelineNotFound);
        batches.MapGet(Batch, Get)
            .Describe("getBatch", "Read a batch", "With Prefer the answer waits for the batch's end.")
            .TakesWait()
            .Answers<BatchResponse>(StatusCodes.Status200OK, "The batch as it is so far.")
            .Refuses(Refusals.InvalidHeader, Refusals.PipelineNotFound, Refusals.BatchNotFound);
        batches.MapGet(Batch + "/errors", Errors)
            .Describe("listBatchErrors", "List a batch's failed records", "With the reasons, by the records' place in the batch.")
            .TakesPage()
            .Answers<Page<RecordFailureResponse>>(StatusCodes.Status200OK, "A page of the list.")
            .Refuses(Refusals.InvalidQuery, Refusals.InvalidCursor, Refusals.PipelineNotFound, Refusals.BatchNotFound);
        batches.MapPost(Batch + "/retry", Retry)
            .Describe("retryBatch", "Retry a batch's failed records", "As a new batch, run with the pipeline's current version. Where the key has a limit of records, they count against it.")
            .Answers<BatchResponse>(StatusCodes.Status202Accepted, "The new batch.", ResponseHeaders.Location)
            .Refuses(Refusals.NothingFailed, Refusals.PipelineNotFound, Refusals.BatchNotFound, Refusals.BatchNotFinished, Refusals.FailuresRemoved, Refusals.NotActive, Refusals.TooManyRecordsForTheKey, Refusals.TooManyPending);
        batches.MapPost(Batch + "/cancel", Cancel)
            .Describe("cancelBatch", "Cancel a batch", "The records that are not processed yet are not processed; what was delivered stays.")
            .Answers<BatchResponse>(StatusCodes.Status202Accepted, "The batch, cancelled.", ResponseHeaders.Location)
            .Refuses(Refusals.PipelineNotFound, Refusals.BatchNotFound, Refusals.BatchFinished);
    }

    internal static void MapRecords(this IEndpointRouteBuilder records) => records.MapGet(Batch + "/records", Records)
        .Describe("listBatchRecords", "Read a batch's delivered records", "Those that the destination store holds, in the order of submission: in pages or, as application/x-ndjson, the whole batch as a stream of one record a line.")
        .TakesPage()
        .Answers<Page<DeliveredRecordResponse>>(StatusCodes.Status200OK, "A page of the records, or all of them.").AnswersText(Acceptance.NdJson)
        .Refuses(Refusals.InvalidQuery, Refusals.InvalidCursor, Refusals.PipelineNotFound, Refusals.BatchNotFound);

    private static async Task<IResult> Submit(Caller caller, Guid pipelineId, PreferWait wait, IMediator mediator, HttpContext http, IHostApplicationLifetime lifetime, CancellationToken ct)
    {
        var headers = http.Request.Headers;
        var submitted = await mediator.Send(new SubmitBatch(caller.Owner, pipelineId, http.Request.Body, http.Request.ContentType, headers.ContentEncoding, headers["Idempotency-Key"], http.Features.Get<RecordAllowance>()), ct);
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
        return found.OrPage(RecordFailureResponse.Of);
    }

    private static async Task<IResult> Records(Caller caller, Guid pipelineId, Guid batchId, PageQuery query, IMediator mediator, HttpContext http, CancellationToken ct)
    {
        if (Acceptance.Choose(http.Request, Acceptance.Json, Acceptance.NdJson) == Acceptance.NdJson)
        {
            var all = await mediator.Send(new StreamRecords(caller.Owner, pipelineId, batchId), ct);
            return all.Or(records => new RecordStream(records));
        }

        var found = await mediator.Send(new ReadRecords(caller.Owner, pipelineId, batchId, query.Page), ct);
        return found.OrPage(DeliveredRecordResponse.Of);
    }

    private static async Task<IResult> Retry(Caller caller, Guid pipelineId, Guid batchId, IMediator mediator, HttpContext http, CancellationToken ct)
    {
        var retried = await mediator.Send(new RetryBatch(caller.Owner, pipelineId, batchId, http.Features.Get<RecordAllowance>()), ct);
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
