using Microsoft.Extensions.Logging;

namespace DataPipeline.Infrastructure.Workers;

internal static partial class WorkerLog
{
    [LoggerMessage(3000, LogLevel.Information, "Worker {Worker} takes up to {Concurrency} chunks at once")]
    internal static partial void Started(ILogger logger, string worker, int concurrency);

    [LoggerMessage(3001, LogLevel.Information, "Worker {Worker} has stopped")]
    internal static partial void Stopped(ILogger logger, string worker);

    [LoggerMessage(3002, LogLevel.Information, "Batch {BatchId} has ended")]
    internal static partial void BatchEnded(ILogger logger, Guid batchId);

    [LoggerMessage(3003, LogLevel.Debug, "Chunk {ChunkId} of batch {BatchId} is committed: {Records} records at attempt {Attempt}")]
    internal static partial void Committed(ILogger logger, long chunkId, Guid batchId, int records, int attempt);

    [LoggerMessage(3004, LogLevel.Information, "Chunk {ChunkId} of batch {BatchId} is no longer ours; its work is dropped")]
    internal static partial void LeaseLost(ILogger logger, long chunkId, Guid batchId);

    [LoggerMessage(3005, LogLevel.Warning, "Chunk {ChunkId} of batch {BatchId} failed at attempt {Attempt}; it is tried again in {DelayMs} ms")]
    internal static partial void Retrying(ILogger logger, long chunkId, Guid batchId, int attempt, int delayMs, Exception failure);

    [LoggerMessage(3006, LogLevel.Error, "Chunk {ChunkId} of batch {BatchId} failed at its last attempt, {Attempt}; the batch fails")]
    internal static partial void GaveUp(ILogger logger, long chunkId, Guid batchId, int attempt, Exception failure);

    [LoggerMessage(3007, LogLevel.Information, "Chunk {ChunkId} of batch {BatchId} is given back unfinished")]
    internal static partial void GivenBack(ILogger logger, long chunkId, Guid batchId);

    [LoggerMessage(3008, LogLevel.Warning, "The database does not serve the worker; it tries again in {DelayMs} ms")]
    internal static partial void DatabaseAway(ILogger logger, int delayMs, Exception failure);

    [LoggerMessage(3009, LogLevel.Information, "The database serves the worker again")]
    internal static partial void DatabaseBack(ILogger logger);

    [LoggerMessage(3010, LogLevel.Warning, "{Count} chunks whose lease ran out are ready again")]
    internal static partial void Reclaimed(ILogger logger, int count);

    [LoggerMessage(3011, LogLevel.Warning, "{Step} failed; it is repeated at its next turn")]
    internal static partial void UpkeepFailed(ILogger logger, string step, Exception failure);

    [LoggerMessage(3012, LogLevel.Warning, "Chunk {ChunkId} could not be handed back; its lease runs out instead")]
    internal static partial void NotHandedBack(ILogger logger, long chunkId, Exception failure);

    [LoggerMessage(3013, LogLevel.Debug, "Chunk {ChunkId} of batch {BatchId} is set aside: its pipeline's destination is slow")]
    internal static partial void SetAside(ILogger logger, long chunkId, Guid batchId);
}
