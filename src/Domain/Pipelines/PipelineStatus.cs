namespace DataPipeline.Domain.Pipelines;

/// <summary>Where a pipeline is in its life. See <see cref="PipelineLifecycle"/> for the transitions.</summary>
public enum PipelineStatus
{
    /// <summary>Defined, never started.</summary>
    Created,

    /// <summary>Takes batches and runs them.</summary>
    Active,

    /// <summary>Takes no batch; what is not in a worker's hand waits.</summary>
    Paused,
}
