using DataPipeline.Application.Common;
using DataPipeline.Domain.Batches;
using DataPipeline.Domain.Common;

namespace DataPipeline.Application.Batches;

/// <summary>Makes a new batch of the failed records of a finished one, run with the pipeline's current version. Answers with the new batch.</summary>
public sealed record RetryBatch(OwnerId Owner, Guid PipelineId, Guid BatchId) : ICommand<Result<Batch>>;
