using System.Diagnostics;
using DataPipeline.Application.Batches;

namespace DataPipeline.Application.Observability;

/// <summary>
/// The spans of the service's own work. A batch keeps the context of the request that submitted it, so that what workers do later, in whichever process,
/// belongs to the same trace. Ids and counts are attributes; payloads, keys, secrets and messages of exceptions never are. Thread-safe.
/// </summary>
public static class ServiceTraces
{
    public const string SourceName = "DataPipeline";

    private static readonly ActivitySource Source = new(SourceName);

    /// <summary>What is under way, as a <c>traceparent</c>; <c>null</c> where nothing is, or a caller has made it something else than a W3C trace.</summary>
    public static string? CurrentContext => Activity.Current is { IdFormat: ActivityIdFormat.W3C } current ? current.Id : null;

    /// <summary>A step within whatever is under way; <c>null</c> where nothing is, or nobody records it.</summary>
    /// <param name="name">A constant.</param>
    public static Activity? StartStep(string name) => Activity.Current is null ? null : Source.StartActivity(name);

    /// <summary>A call of another service within whatever is under way.</summary>
    public static Activity? StartCall(string name) => Activity.Current is null ? null : Source.StartActivity(name, ActivityKind.Client);

    /// <summary>What a worker does with a chunk. Parent and link are the submission: the one makes one trace of it all, the other says, as the conventions for messaging want it, what the work comes from.</summary>
    /// <param name="claimStart">When the claim that brought the chunk began.</param>
    /// <param name="claimEnd">When it ended.</param>
    public static Activity? StartChunk(ChunkLease chunk, DateTimeOffset claimStart, DateTimeOffset claimEnd)
    {
        if (!Source.HasListeners()) return null;
        ActivityContext.TryParse(chunk.TraceParent, null, isRemote: true, out var submission);
        ActivityLink[] links = submission == default ? [] : [new ActivityLink(submission)];
        var span = Source.StartActivity("chunk.process", ActivityKind.Consumer, submission, [
            new("data_pipeline.batch.id", chunk.BatchId),
            new("data_pipeline.pipeline.id", chunk.PipelineId),
            new("data_pipeline.chunk.id", chunk.ChunkId),
            new("data_pipeline.chunk.attempt", chunk.Attempt),
            new("data_pipeline.chunk.record_count", chunk.RecordCount),
        ], links, claimStart);
        using (var claim = span is null ? null : Source.StartActivity("chunk.claim", ActivityKind.Internal, span.Context, startTime: claimStart)) claim?.SetEndTime(claimEnd.UtcDateTime);
        return span;
    }

    /// <summary>The trace of the submission, 32 hexadecimal digits; <c>null</c> where nobody traced it.</summary>
    public static string? TraceIdOf(ChunkLease chunk) => ActivityContext.TryParse(chunk.TraceParent, null, out var submission) ? submission.TraceId.ToHexString() : null;

    /// <summary>Says by its type alone what went wrong: a message may quote what nobody is to read.</summary>
    public static void Fail(this Activity? span, Exception failure) => span?.SetStatus(ActivityStatusCode.Error).SetTag("error.type", failure.GetType().FullName);
}
