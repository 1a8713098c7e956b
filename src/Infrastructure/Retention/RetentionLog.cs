using Microsoft.Extensions.Logging;

namespace DataPipeline.Infrastructure.Retention;

internal static partial class RetentionLog
{
    [LoggerMessage(3100, LogLevel.Information, "Removed what was old or deleted: {pipelines} pipelines, {batches} batches, {records} delivered records, {failures} failed records and {others} other rows in {elapsedMs:0} ms")]
    internal static partial void Removed(ILogger logger, int pipelines, int batches, long records, long failures, int others, double elapsedMs);

    [LoggerMessage(3101, LogLevel.Warning, "The removal of old data was interrupted; it goes on in {delaySeconds} s")]
    internal static partial void Interrupted(ILogger logger, int delaySeconds, Exception failure);
}
