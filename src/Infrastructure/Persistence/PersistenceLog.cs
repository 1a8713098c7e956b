using Microsoft.Extensions.Logging;

namespace DataPipeline.Infrastructure.Persistence;

internal static partial class PersistenceLog
{
    [LoggerMessage(2000, LogLevel.Information, "The database at {place} is out of reach; trying again: {reason}")]
    internal static partial void WaitingForDatabase(ILogger logger, string place, string reason);

    [LoggerMessage(2001, LogLevel.Information, "The database at {place} is at the newest migration; {count} were applied")]
    internal static partial void Migrated(ILogger logger, string place, int count);

    [LoggerMessage(2002, LogLevel.Debug, "A transaction gave way to another and is repeated after attempt {attempt}")]
    internal static partial void TransactionRepeated(ILogger logger, int attempt, Exception conflict);

    [LoggerMessage(2003, LogLevel.Warning, "Notifications of the database cannot be received; work is found by polling until they can")]
    internal static partial void NotListening(ILogger logger, Exception failure);

    [LoggerMessage(2004, LogLevel.Information, "Notifications of the database are received")]
    internal static partial void Listening(ILogger logger);

    [LoggerMessage(2005, LogLevel.Debug, "A notification could not be sent; other processes find the work by polling")]
    internal static partial void NotNotified(ILogger logger, Exception failure);

    [LoggerMessage(2006, LogLevel.Warning, "Secrets:Keys is not set: configurations are encrypted with a key that everybody can read")]
    internal static partial void NoKey(ILogger logger);

    [LoggerMessage(2007, LogLevel.Error, "Configurations are encrypted with keys that are not among Secrets:Keys and cannot be used here: {keys}")]
    internal static partial void KeysMissing(ILogger logger, string keys);
}
