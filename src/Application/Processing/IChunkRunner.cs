using DataPipeline.Application.Batches;

namespace DataPipeline.Application.Processing;

/// <summary>Runs a chunk's records through the pipeline version they were submitted under. Stores nothing. Thread-safe.</summary>
public interface IChunkRunner
{
    /// <exception cref="OperationCanceledException">The lease was lost or the service is stopping; nothing is stored, though a destination may have been given something, and a plugin that does not notice may still be at it.</exception>
    /// <exception cref="Domain.Processing.DeliveryException">The destination did not take what it was given.</exception>
    Task<ChunkResult> RunAsync(ChunkLease chunk, CancellationToken ct);
}
