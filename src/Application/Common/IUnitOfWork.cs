namespace DataPipeline.Application.Common;

/// <summary>Keeps what the repositories of a request were told. Not thread-safe.</summary>
public interface IUnitOfWork
{
    /// <summary>Keeps all changes or none.</summary>
    /// <exception cref="ConcurrentChangeException">Somebody changed the same aggregate since it was read, or took a name that has to be unique.</exception>
    Task SaveChangesAsync(CancellationToken ct);
}

/// <summary>Another request got there first; what was read is stale, and nothing was kept.</summary>
public sealed class ConcurrentChangeException : Exception
{
    public ConcurrentChangeException(Exception cause) : base("The data changed since it was read.", cause) { }

    public ConcurrentChangeException() { }

    public ConcurrentChangeException(string message) : base(message) { }

    public ConcurrentChangeException(string message, Exception innerException) : base(message, innerException) { }

    /// <summary>Whether it is the pipeline's name that somebody took.</summary>
    public bool NameTaken { get; init; }
}
