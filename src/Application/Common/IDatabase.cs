namespace DataPipeline.Application.Common;

/// <summary>The database as a whole: its schema, and whether it can be used. Thread-safe.</summary>
public interface IDatabase
{
    /// <summary>
    /// Brings the schema up to date; waits for a database that is out of reach, up to <c>Database:StartupTimeoutSeconds</c>.
    /// Of several processes that start at once, one does it and the others wait.
    /// </summary>
    /// <exception cref="DatabaseUnavailableException">It was out of reach all that time.</exception>
    Task MigrateAsync(CancellationToken ct);

    /// <summary>Waits until the database answers and somebody else has brought its schema up to date, up to <c>Database:StartupTimeoutSeconds</c>.</summary>
    /// <exception cref="DatabaseUnavailableException">That did not happen in time.</exception>
    Task WaitUntilMigratedAsync(CancellationToken ct);

    /// <summary>Whether the database answers and has every migration.</summary>
    /// <returns>What is wrong, in words without internals; <c>null</c> where nothing is.</returns>
    Task<string?> FindFaultAsync(CancellationToken ct);

    /// <summary>Whether <paramref name="failure"/> says that the database cannot be reached or cannot serve at the moment, so that trying later may help.</summary>
    bool IsOutOfReach(Exception failure);
}

/// <summary>The database was out of reach, or not up to date, for as long as the service was told to wait. The message is one line for an operator.</summary>
public sealed class DatabaseUnavailableException : Exception
{
    public DatabaseUnavailableException() { }

    public DatabaseUnavailableException(string message) : base(message) { }

    public DatabaseUnavailableException(string message, Exception innerException) : base(message, innerException) { }
}
