using DataPipeline.Application.Batches;

namespace DataPipeline.Application.Processing;

/// <summary>Runs a chunk's records through the pipeline version they were submitted under. Stores nothing. Thread-safe.</summary>
public interface IChunkRunner
{
    /// <exception cref="OperationCanceledException">The lease was lost or the service is stopping; nothing has happened.</exception>
    Task<ChunkResult> RunAsync(ChunkLease chunk, CancellationToken ct);
}
