using Microsoft.Extensions.Logging;

namespace DataPipeline.Application.Processing;

internal static partial class ProcessingLog
{
    [LoggerMessage(3200, LogLevel.Error, "The processor {processorType} has not come back for more than {timeoutMs} ms; the call is given up, and with it its thread and its instance")]
    internal static partial void CallGivenUp(ILogger logger, string processorType, int timeoutMs);

    [LoggerMessage(3201, LogLevel.Warning, "Work that was cancelled does not end; it is left to itself, with its thread")]
    internal static partial void LeftBehind(ILogger logger);
}
