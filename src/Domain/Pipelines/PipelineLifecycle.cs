using DataPipeline.Domain.Common;

namespace DataPipeline.Domain.Pipelines;

/// <summary>The life cycle as a table: <c>created → active ⇄ paused</c>. Repeating a transition leaves the status as it is.</summary>
internal static class PipelineLifecycle
{
    internal enum Trigger
    {
        Start,
        Stop,
    }

    internal static Result<PipelineStatus> Next(Pipeline pipeline, Trigger trigger) => (pipeline.Status, trigger) switch
    {
        (PipelineStatus.Created, Trigger.Start) => PipelineStatus.Active,
        (PipelineStatus.Active, Trigger.Start) => PipelineStatus.Active,
        (PipelineStatus.Paused, Trigger.Start) => PipelineStatus.Active,
        (PipelineStatus.Created, Trigger.Stop) => PipelineErrors.NotStarted(pipeline),
        (PipelineStatus.Active, Trigger.Stop) => PipelineStatus.Paused,
        (PipelineStatus.Paused, Trigger.Stop) => PipelineStatus.Paused,
        _ => throw new InvalidOperationException($"No transition from {pipeline.Status} on {trigger}."),
    };
}
