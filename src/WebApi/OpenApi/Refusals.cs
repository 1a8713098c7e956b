using DataPipeline.Application.ApiKeys;
using DataPipeline.Application.Batches;
using DataPipeline.Application.Common;
using DataPipeline.Application.Events;
using DataPipeline.Application.Pipelines;
using DataPipeline.Application.RateLimiting;
using DataPipeline.Domain.Batches;
using DataPipeline.Domain.Common;
using DataPipeline.Domain.Pipelines;
using DataPipeline.WebApi.Errors;
using DataPipeline.WebApi.Http;

namespace DataPipeline.WebApi.OpenApi;

/// <summary>The refusals that the document shows, each made by what makes it in earnest: status, code and message are those of real answers.</summary>
internal static class Refusals
{
    private static readonly BatchOptions Limits = new();
    private static readonly DateTimeOffset Time = DateTimeOffset.UnixEpoch;
    private static readonly Pipeline Paused = PipelineOf(active: false);
    private static readonly Batch Unfinished = Batch.Submit(Guid.Parse("01a21442-2986-7fa2-810a-8527ef20ef1a"), PipelineOf(active: true), 1, null, Time).Value;

    internal static readonly HttpError MalformedJson = HttpError.Of(JsonRequest.Malformed("'}' is an invalid start of a value", 2, 16));
    internal static readonly HttpError ValidationFailed = HttpError.Of(Error.Validation("The request is not valid.", new ErrorDetail("config.processors[0].options.targetField", "REQUIRED", "targetField is required.")));
    internal static readonly HttpError InvalidQuery = HttpError.Of(Error.Validation("The query is not valid.", new ErrorDetail("limit", "OUT_OF_RANGE", "limit must be 1 to 200.")));
    internal static readonly HttpError InvalidHeader = HttpError.Of(Error.Validation("The request is not valid.", new ErrorDetail("Prefer", "OUT_OF_RANGE", "wait must be a whole number of seconds, 0 to 60.")));
    internal static readonly HttpError InvalidLastEventId = HttpError.Of(WatchErrors.UnknownId());
    internal static readonly HttpError InvalidCursor = HttpError.Of(PageRequest.InvalidCursor);
    internal static readonly HttpError PayloadTooLarge = HttpError.OfStatus(StatusCodes.Status413PayloadTooLarge);
    internal static readonly HttpError UnsupportedMediaType = HttpError.OfStatus(StatusCodes.Status415UnsupportedMediaType);
    internal static readonly HttpError RequestTimeout = HttpError.OfStatus(StatusCodes.Status408RequestTimeout);

    internal static readonly HttpError PipelineNotFound = HttpError.Of(PipelineErrors.NotFound(Paused.Id));
    internal static readonly HttpError NameConflict = HttpError.Of(PipelineErrors.NameConflict(Paused.Name));
    internal static readonly HttpError TooManyPipelines = HttpError.Of(PipelineErrors.TooMany(new PipelineOptions().MaxPerOwner));
    internal static readonly HttpError NotActive = HttpError.Of(PipelineErrors.NotActive(Paused));
    internal static readonly HttpError NotStarted = HttpError.Of(PipelineErrors.NotStarted(Paused));
    internal static readonly HttpError HasActiveBatches = HttpError.Of(PipelineErrors.HasActiveBatches(Paused.Id, 2));
    internal static readonly HttpError VersionMismatch = HttpError.Of(PipelineErrors.VersionMismatch(Paused));
    internal static readonly HttpError NoSuchVersion = HttpError.Of(PipelineErrors.NoSuchVersion(Paused, 2));

    internal static readonly HttpError SimulationTooLarge = HttpError.Of(Simulation.TookTooLong());

    internal static readonly HttpError BatchNotFound = HttpError.Of(BatchErrors.NotFound(Unfinished.Id));
    internal static readonly HttpError BatchNotFinished = HttpError.Of(BatchErrors.NotFinished(Unfinished));
    internal static readonly HttpError BatchFinished = HttpError.Of(BatchErrors.Finished(Unfinished));
    internal static readonly HttpError NothingFailed = HttpError.Of(BatchErrors.NothingFailed(Unfinished));
    internal static readonly HttpError FailuresRemoved = HttpError.Of(BatchErrors.FailuresRemoved(Unfinished.Id));
    internal static readonly HttpError EmptyBatch = HttpError.Of(BatchErrors.Empty());
    internal static readonly HttpError BatchTooLarge = HttpError.Of(BatchErrors.PayloadTooLarge(Limits.MaxBodyBytes));
    internal static readonly HttpError TooManyRecords = HttpError.Of(BatchErrors.TooManyRecords(Limits.MaxRecords));
    internal static readonly HttpError TooManyRecordsForTheKey = HttpError.Of(RateLimitErrors.LargerThanTheLimit(10_000));
    internal static readonly HttpError TooManyPending = HttpError.Of(BatchErrors.TooManyPending(Limits.MaxPendingPerOwner));
    internal static readonly HttpError KeyInUse = HttpError.Of(BatchErrors.KeyInUse());
    internal static readonly HttpError KeyReused = HttpError.Of(BatchErrors.KeyReused());

    internal static readonly HttpError NoEvents = HttpError.NotAcceptable(Acceptance.EventStream);
    internal static readonly HttpError TooManyEventStreams = HttpError.Of(WatchErrors.TooMany(1_000));

    /// <summary>Those that every operation can give.</summary>
    internal static readonly IReadOnlyList<HttpError> OfEveryOperation =
    [
        HttpError.KeyMissing, HttpError.Of(ApiKeyErrors.Invalid), HttpError.NotAcceptable(Acceptance.Json), HttpError.Of(RateLimitErrors.TooManyRequests(TimeSpan.FromSeconds(12))), HttpError.Internal, HttpError.Unavailable,
    ];

    /// <summary>Those that reading a body can give.</summary>
    internal static readonly IReadOnlyList<HttpError> OfEveryBody = [MalformedJson, RequestTimeout, PayloadTooLarge, UnsupportedMediaType];

    private static Pipeline PipelineOf(bool active)
    {
        var pipeline = Pipeline.Create(Guid.Parse("01a21442-0037-77a3-a34c-a4bc3c090020"), new OwnerId("acme"), "orders", null, PipelineConfig.Restore("{}"), Time);
        return !active || pipeline.Start(Time).IsSuccess ? pipeline : throw new InvalidOperationException("A new pipeline can be started.");
    }
}
