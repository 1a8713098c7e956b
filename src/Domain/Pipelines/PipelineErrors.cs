using System.Globalization;
using DataPipeline.Domain.Common;

namespace DataPipeline.Domain.Pipelines;

/// <summary>Every refusal a pipeline can give.</summary>
public static class PipelineErrors
{
    /// <param name="id">As the caller wrote it: an id that is no UUID is an id that is not found.</param>
    public static Error NotFound(string id) => Error.NotFound("PIPELINE_NOT_FOUND", $"Pipeline with ID {id} not found.");

    public static Error NotFound(Guid id) => NotFound(id.ToString());

    public static Error NameConflict(string name) => Error.Conflict("PIPELINE_NAME_CONFLICT", $"A pipeline named \"{name}\" exists already.");

    public static Error TooMany(int limit) => Error.Conflict("TOO_MANY_PIPELINES", string.Create(CultureInfo.InvariantCulture, $"The owner has {limit} pipelines already; delete one to make another."));

    public static Error NotActive(Pipeline pipeline) =>
        Error.Conflict("PIPELINE_NOT_ACTIVE", $"Pipeline {pipeline.Id} is {pipeline.Status.ToString().ToLowerInvariant()}; start it to submit batches.");

    public static Error NotStarted(Pipeline pipeline) => Error.Conflict("PIPELINE_NOT_STARTED", $"Pipeline {pipeline.Id} was never started.");

    public static Error HasActiveBatches(Guid pipelineId, int activeBatches) =>
        Error.Conflict("PIPELINE_HAS_ACTIVE_BATCHES", $"Pipeline {pipelineId} has {activeBatches} pending or processing {(activeBatches == 1 ? "batch" : "batches")}; cancel them or wait for their end.");

    public static Error NoSuchVersion(Pipeline pipeline, int version) =>
        Error.Validation($"Pipeline {pipeline.Id} has no version {version}.", new ErrorDetail("version", "INVALID", $"version must be 1 to {pipeline.Version}, and one that is still kept."));

    public static Error VersionMismatch(Pipeline pipeline) =>
        new(ErrorKind.PreconditionFailed, "VERSION_MISMATCH", $"Pipeline {pipeline.Id} is at version {pipeline.Version}.");
}
