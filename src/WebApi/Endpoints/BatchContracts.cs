using System.ComponentModel.DataAnnotations;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using DataPipeline.Application.Batches;
using DataPipeline.Application.Common;
using DataPipeline.Domain.Batches;
using DataPipeline.Domain.Processing;
using DataPipeline.WebApi.OpenApi;

namespace DataPipeline.WebApi.Endpoints;

/// <summary>Records submitted together, and the account of what became of them. Always processedCount = deliveredCount + droppedCount + failedCount.</summary>
/// <param name="PipelineVersion">The version of the pipeline under which it was submitted, and runs.</param>
/// <param name="RecordCount">How many records it has.</param>
/// <param name="ProcessedCount">How many are processed so far.</param>
/// <param name="DeliveredCount">How many of those were delivered.</param>
/// <param name="DroppedCount">How many of those were dropped on purpose.</param>
/// <param name="FailedCount">How many of those failed.</param>
/// <param name="Progress">The part of the records that is processed, 0 to 1.</param>
/// <param name="CreatedAt">When it was accepted.</param>
/// <param name="StartedAt">When the first worker began; null before.</param>
/// <param name="CompletedAt">When it ended, however it ended; null before.</param>
/// <param name="DurationMs">From the start of the work to its end, in milliseconds; null before the end, and where it ended without a start.</param>
/// <param name="RetryOf">The batch whose failed records this one is made of; null where it is no retry.</param>
/// <param name="Error">Why it failed; null where it did not.</param>
internal sealed record BatchResponse(
    Guid Id, Guid PipelineId, int PipelineVersion, BatchStatus Status,
    int RecordCount, int ProcessedCount, int DeliveredCount, int DroppedCount, int FailedCount, [property: Range(0, 1)] double Progress,
    DateTimeOffset CreatedAt, DateTimeOffset? StartedAt, DateTimeOffset? CompletedAt, double? DurationMs, Guid? RetryOf, BatchError? Error)
{
    internal static BatchResponse Of(Batch batch) => new(
        batch.Id, batch.PipelineId, batch.PipelineVersion, batch.Status,
        batch.RecordCount, batch.ProcessedCount, batch.DeliveredCount, batch.DroppedCount, batch.FailedCount, (double)batch.ProcessedCount / batch.RecordCount,
        batch.CreatedAt, batch.StartedAt, batch.CompletedAt, (batch.CompletedAt - batch.StartedAt)?.TotalMilliseconds, batch.RetryOf, batch.Error);
}

/// <summary>A record that could not be processed, and why.</summary>
/// <param name="RecordIndex">The record's place in the batch, from 0.</param>
/// <param name="Processor">The processor at which it failed; null where it failed before the first.</param>
/// <param name="Code">Stable, upper-case code.</param>
/// <param name="Message">One sentence for a person; names the field and shows the offending value.</param>
/// <param name="Record">The record as submitted: an object, or whatever JSON stood in its place; its raw text where it is no JSON.</param>
/// <param name="Details">What is wrong with the record, one by one, by JSON pointers into it; left out where the message says it all.</param>
/// <param name="RecordAtFailure">The record as the failing processor met it; null where it failed before the first.</param>
internal sealed record RecordFailureResponse(
    int RecordIndex, ProcessorRef? Processor, string Code, string Message,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<FailureDetail>? Details,
    [property: Shape(null)] RawJson Record, RawJson? RecordAtFailure, DateTimeOffset CreatedAt)
{
    internal static RecordFailureResponse Of(StoredFailure stored)
    {
        var failure = stored.Failure;
        var record = failure.RecordIsJson ? failure.Record : JsonSerializer.SerializeToUtf8Bytes(Encoding.UTF8.GetString(failure.Record.Span));
        return new(failure.RecordIndex, failure.Processor, failure.Code, failure.Message, failure.Details is { Count: > 0 } details ? details : null, new RawJson(record), failure.RecordAtFailure is { } atFailure ? new RawJson(atFailure) : null, stored.CreatedAt);
    }
}

/// <summary>A record as the destination store holds it.</summary>
/// <param name="RecordIndex">The record's place in the batch, from 0.</param>
/// <param name="Record">The record.</param>
internal sealed record DeliveredRecordResponse(int RecordIndex, RawJson Record)
{
    internal static DeliveredRecordResponse Of(StoredRecord stored) => new(stored.RecordIndex, new RawJson(stored.Record));
}

/// <summary>Records to submit.</summary>
[Closed]
internal sealed record SubmissionRequest([property: MinLength(1)] IReadOnlyList<RawJson> Records);
