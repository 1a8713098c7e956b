using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using DataPipeline.Application.Batches;
using DataPipeline.Application.Common;
using DataPipeline.Domain.Batches;
using DataPipeline.Domain.Processing;

namespace DataPipeline.WebApi.Endpoints;

/// <param name="Progress">The part of the records that is processed, 0 to 1.</param>
/// <param name="DurationMs">From the start of the work to its end.</param>
/// <param name="RetryOf">The batch whose failed records this one is made of.</param>
/// <param name="Error">Why it failed.</param>
internal sealed record BatchResponse(
    Guid Id, Guid PipelineId, int PipelineVersion, BatchStatus Status,
    int RecordCount, int ProcessedCount, int DeliveredCount, int DroppedCount, int FailedCount, double Progress,
    DateTimeOffset CreatedAt, DateTimeOffset? StartedAt, DateTimeOffset? CompletedAt, double? DurationMs, Guid? RetryOf, BatchError? Error)
{
    internal static BatchResponse Of(Batch batch) => new(
        batch.Id, batch.PipelineId, batch.PipelineVersion, batch.Status,
        batch.RecordCount, batch.ProcessedCount, batch.DeliveredCount, batch.DroppedCount, batch.FailedCount, (double)batch.ProcessedCount / batch.RecordCount,
        batch.CreatedAt, batch.StartedAt, batch.CompletedAt, (batch.CompletedAt - batch.StartedAt)?.TotalMilliseconds, batch.RetryOf, batch.Error);
}

/// <param name="Record">The record as submitted; its raw text where it is no JSON.</param>
/// <param name="Details">What is wrong with the record, one by one, by JSON pointers into it; left out where the message says it all.</param>
/// <param name="RecordAtFailure">The record as the failing processor met it; null where it failed before the first.</param>
internal sealed record FailureResponse(
    int RecordIndex, ProcessorRef? Processor, string Code, string Message,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<FailureDetail>? Details,
    RawJson Record, RawJson? RecordAtFailure, DateTimeOffset CreatedAt)
{
    internal static FailureResponse Of(StoredFailure stored)
    {
        var failure = stored.Failure;
        var record = failure.RecordIsJson ? failure.Record : JsonSerializer.SerializeToUtf8Bytes(Encoding.UTF8.GetString(failure.Record.Span));
        return new(failure.RecordIndex, failure.Processor, failure.Code, failure.Message, failure.Details is { Count: > 0 } details ? details : null, new RawJson(record), failure.RecordAtFailure is { } atFailure ? new RawJson(atFailure) : null, stored.CreatedAt);
    }
}

internal sealed record RecordResponse(int RecordIndex, RawJson Record)
{
    internal static RecordResponse Of(StoredRecord stored) => new(stored.RecordIndex, new RawJson(stored.Record));
}

/// <summary>What the document shows of a submission in JSON; a bare array of records is taken too.</summary>
internal sealed record SubmissionRequest(IReadOnlyList<JsonElement> Records);
