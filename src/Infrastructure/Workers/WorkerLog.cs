using DataPipeline.Application.Batches;
using DataPipeline.Application.Observability;
using Microsoft.Extensions.Logging;

namespace DataPipeline.Infrastructure.Workers;

internal static partial class WorkerLog
{
    /// <summary>What every line about the chunk carries, whoever writes it, beside what it says itself.</summary>
    internal static IDisposable? BeginChunk(ILogger logger, ChunkLease chunk) => logger.BeginScope(new KeyValuePair<string, object?>[]
    {
        new("batchId", chunk.BatchId), new("pipelineId", chunk.PipelineId), new("chunkId", chunk.ChunkId), new("attempt", chunk.Attempt), new("traceId", ServiceTraces.TraceIdOf(chunk)),
    });

    [LoggerMessage(3000, LogLevel.Information, "Worker {worker} takes up to {concurrency} chunks at once")]
    internal static partial void Started(ILogger logger, string worker, int concurrency);

    [LoggerMessage(3001, LogLevel.Information, "Worker {worker} has stopped")]
    internal static partial void Stopped(ILogger logger, string worker);

    [LoggerMessage(3002, LogLevel.Information, "Batch {batchId} has ended")]
    internal static partial void BatchEnded(ILogger logger, Guid batchId);

    [LoggerMessage(3003, LogLevel.Debug, "Chunk {chunkId} of batch {batchId} is committed: {records} records at attempt {attempt}")]
    internal static partial void Committed(ILogger logger, long chunkId, Guid batchId, int records, int attempt);

    [LoggerMessage(3004, LogLevel.Warning, "Chunk {chunkId} of batch {batchId} was taken over after its lease ran out; what was done here is dropped")]
    internal static partial void LeaseLost(ILogger logger, long chunkId, Guid batchId);

    [LoggerMessage(3005, LogLevel.Warning, "Chunk {chunkId} of batch {batchId} failed at attempt {attempt}; it is tried again in {delayMs} ms")]
    internal static partial void Retrying(ILogger logger, long chunkId, Guid batchId, int attempt, int delayMs, Exception failure);

    [LoggerMessage(3006, LogLevel.Error, "Chunk {chunkId} of batch {batchId} failed at its last attempt, {attempt}; the batch fails")]
    internal static partial void GaveUp(ILogger logger, long chunkId, Guid batchId, int attempt, Exception failure);

    [LoggerMessage(3007, LogLevel.Information, "Chunk {chunkId} of batch {batchId} is given back unfinished")]
    internal static partial void GivenBack(ILogger logger, long chunkId, Guid batchId);

    [LoggerMessage(3008, LogLevel.Warning, "The database does not serve the worker; it tries again in {delayMs} ms")]
    internal static partial void DatabaseAway(ILogger logger, int delayMs, Exception failure);

    [LoggerMessage(3009, LogLevel.Information, "The database serves the worker again")]
    internal static partial void DatabaseBack(ILogger logger);

    [LoggerMessage(3010, LogLevel.Warning, "{count} chunks whose lease ran out are ready again")]
    internal static partial void Reclaimed(ILogger logger, int count);

    [LoggerMessage(3011, LogLevel.Warning, "{step} failed; it is repeated at its next turn")]
    internal static partial void UpkeepFailed(ILogger logger, string step, Exception failure);

    [LoggerMessage(3012, LogLevel.Warning, "Chunk {chunkId} could not be handed back; its lease runs out instead")]
    internal static partial void NotHandedBack(ILogger logger, long chunkId, Exception failure);

    [LoggerMessage(3020, LogLevel.Debug, "Chunk {chunkId} is dropped: batch {batchId} has ended meanwhile")]
    internal static partial void BatchOver(ILogger logger, long chunkId, Guid batchId);

    // A warning, since it is the pipeline that asks its destination for something it does not do, or a receiver that is not ours.
    [LoggerMessage(3021, LogLevel.Warning, "The destination refused chunk {chunkId} of batch {batchId} for good at attempt {attempt}; the batch fails")]
    internal static partial void DestinationRefused(ILogger logger, long chunkId, Guid batchId, int attempt, Exception refusal);
}
