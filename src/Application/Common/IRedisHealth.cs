namespace DataPipeline.Application.Common;

/// <summary>Redis, where it is configured: something the service does without while it is away. Thread-safe.</summary>
public interface IRedisHealth
{
    /// <summary>Whether it does what the service needs of it, asked now; not asked while it is known to be away.</summary>
    ValueTask<bool> AnswersAsync(CancellationToken ct);
}
