using DataPipeline.Domain.Common;

namespace DataPipeline.Domain.Batches;

/// <summary>Every refusal a batch can give, and every reason it can fail for.</summary>
public static class BatchErrors
{
    /// <param name="id">As the caller wrote it: an id that is no UUID is an id that is not found.</param>
    public static Error NotFound(string id) => Error.NotFound("BATCH_NOT_FOUND", $"Batch with ID {id} not found.");

    public static Error NotFound(Guid id) => NotFound(id.ToString());

    public static Error NotFinished(Batch batch) => Error.Conflict("BATCH_NOT_FINISHED", $"Batch {batch.Id} is {Name(batch.Status)}; wait for its end.");

    public static Error Finished(Batch batch) => Error.Conflict("BATCH_FINISHED", $"Batch {batch.Id} is {Name(batch.Status)} already.");

    public static Error NothingFailed(Batch batch) => Error.Validation($"Batch {batch.Id} has no failed records to retry.");

    public static Error FailuresRemoved(Guid batchId) => Error.Conflict("FAILURES_REMOVED", $"The failed records of batch {batchId} are no longer kept.");

    public static Error Empty() => Error.Validation("The batch has no records.", new ErrorDetail("records", "REQUIRED", "A batch needs at least one record."));

    public static Error RecordsMissing() => Error.Validation("The body is not a batch of records.", new ErrorDetail("records", "REQUIRED", "records is required."));

    public static Error TooManyRecords(int limit) => new(ErrorKind.TooLarge, "TOO_MANY_RECORDS", $"A batch may have at most {limit} records.");

    public static Error PayloadTooLarge(long limit) => new(ErrorKind.TooLarge, "PAYLOAD_TOO_LARGE", $"The body may have at most {limit} bytes after decompression.");

    /// <param name="reason">What is not taken, and what is.</param>
    public static Error UnsupportedMediaType(string reason) => new(ErrorKind.UnsupportedMediaType, "UNSUPPORTED_MEDIA_TYPE", reason);

    public static Error TooManyPending(int limit) => new(ErrorKind.TooMany, "TOO_MANY_PENDING_BATCHES", $"{limit} batches are unfinished already; submit again when some have ended.");

    public static Error TooMuchPending(long limit) => new(ErrorKind.TooMany, "TOO_MANY_PENDING_BATCHES", $"The unfinished batches take up {limit} bytes or more already; submit again when some have ended.");

    public static Error TooSlow(int seconds) => new(ErrorKind.TooSlow, "REQUEST_TIMEOUT", $"The body was on its way for more than {seconds} s.");

    public static Error NoRoom() => new(ErrorKind.Unavailable, "SERVICE_UNAVAILABLE", "Too many submissions are being read at the moment; submit again in a few seconds.");

    public static Error KeyInUse() => Error.Conflict("IDEMPOTENCY_KEY_IN_USE", "The first request with this idempotency key is still under way.");

    public static Error KeyReused() => new(ErrorKind.Unprocessable, "IDEMPOTENCY_KEY_REUSED", "This idempotency key was used with another body.");

    public static BatchError AllRecordsFailed(int count) => new("ALL_RECORDS_FAILED", count == 1 ? "The only record failed." : $"All {count} records failed.");

    public static BatchError ErrorThresholdExceeded(string bound) => new("ERROR_THRESHOLD_EXCEEDED", bound);

    /// <param name="reason">What the destination answered.</param>
    public static BatchError DestinationFailed(string reason) => new("DESTINATION_FAILED", reason);

    /// <param name="reason">What kept the chunk from being processed.</param>
    public static BatchError ProcessingFailed(string reason) => new("PROCESSING_FAILED", reason);

    private static string Name(BatchStatus status) => status.ToString().ToLowerInvariant();
}
