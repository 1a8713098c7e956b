using Microsoft.Extensions.Logging;

namespace DataPipeline.Infrastructure.Events;

internal static partial class EventsLog
{
    // Once, however long it lasts: the streams stay open and go on by themselves.
    [LoggerMessage(1100, LogLevel.Warning, "Changes cannot be looked for; the streams of events tell nothing new until they can")]
    internal static partial void LookFailed(ILogger logger, Exception failure);

    [LoggerMessage(1101, LogLevel.Information, "Changes are looked for again")]
    internal static partial void LooksAgain(ILogger logger);
}
