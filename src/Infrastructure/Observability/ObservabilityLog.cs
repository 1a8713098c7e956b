using Microsoft.Extensions.Logging;

namespace DataPipeline.Infrastructure.Observability;

internal static partial class ObservabilityLog
{
    // At debug: where the database is away, those who need it for their work say so.
    [LoggerMessage(7000, LogLevel.Debug, "The state of the queue could not be read; its metrics are left out until it can")]
    internal static partial void QueueUnknown(ILogger logger, Exception failure);
}
