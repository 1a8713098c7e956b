using DataPipeline.Application.Common;
using DataPipeline.Domain.Batches;
using DataPipeline.Domain.Common;

namespace DataPipeline.Application.Batches;

/// <summary>Takes a body of records as a batch of an active pipeline.</summary>
/// <param name="Body">The body as it came, still encoded; read forward once, and left unread where the request is refused before.</param>
/// <param name="ContentType">The header's value: JSON, NDJSON or CSV, with parameters; <c>null</c> where it was absent.</param>
/// <param name="ContentEncoding">The header's value, several headers joined by commas; <c>null</c> where it was absent.</param>
/// <param name="IdempotencyKey">The header's value; <c>null</c> where it was absent.</param>
public sealed record SubmitBatch(OwnerId Owner, Guid PipelineId, Stream Body, string? ContentType, string? ContentEncoding, string? IdempotencyKey) : ICommand<Result<Submission>>;

/// <param name="Batch">The batch as it was accepted: pending, nothing processed.</param>
/// <param name="IsReplay">Whether an earlier request with the same idempotency key was answered with it, and this one created nothing.</param>
public sealed record Submission(Batch Batch, bool IsReplay);
