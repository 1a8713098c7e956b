using Microsoft.Extensions.Logging;

namespace DataPipeline.Infrastructure.Retention;

internal static partial class RetentionLog
{
    [LoggerMessage(3100, LogLevel.Information, "Removed what was old or deleted: {Pipelines} pipelines, {Batches} batches, {Records} delivered records, {Failures} failed records and {Others} other rows in {ElapsedMs} ms")]
    internal static partial void Removed(ILogger logger, int pipelines, int batches, long records, long failures, int others, long elapsedMs);

    [LoggerMessage(3101, LogLevel.Warning, "The removal of old data was interrupted; it goes on in {DelaySeconds} s")]
    internal static partial void Interrupted(ILogger logger, int delaySeconds, Exception failure);
}
