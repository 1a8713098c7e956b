namespace DataPipeline.Domain.Processing;

/// <summary>
/// Takes the delivered records of a chunk, before the chunk's work is committed. A class that implements it, bears a <see cref="DestinationAttribute"/> and has one
/// public constructor with one parameter, its options record, or without any, is a destination type. An instance is used by one worker at a time; one that is <see cref="IDisposable"/> is disposed of.
/// </summary>
public interface IDestination
{
    /// <summary>
    /// Delivers the records. When this returns they must be safe. A crash between this and the commit makes the chunk come again, with the same
    /// <see cref="DeliveryChunk.BatchId"/> and <see cref="DeliveryChunk.FirstRecord"/>, and perhaps with more or fewer records: what was delivered then is replaced, or delivered again.
    /// An exception makes the chunk come again later, until its attempts are used up; then the batch fails with <c>DESTINATION_FAILED</c>.
    /// A <see cref="DeliveryException"/> tells the owner of the batch why; of any other exception only the log tells.
    /// </summary>
    /// <param name="chunk">The records and where they come from; valid until the task ends.</param>
    /// <param name="cancellationToken">Set when the work is no longer wanted.</param>
    ValueTask DeliverAsync(DeliveryChunk chunk, CancellationToken cancellationToken);
}

/// <summary>A destination that wants to know when a batch is complete.</summary>
public interface ICompletingDestination : IDestination
{
    /// <summary>
    /// Called when every record of a batch is delivered, dropped or captured as failed, before the batch is shown as completed; not for batches that fail or
    /// are cancelled. A crash makes the call come again, maybe in another process, with the same figures. An exception is treated as one of <see cref="IDestination.DeliverAsync"/> is.
    /// </summary>
    /// <param name="batch">The batch and what became of its records.</param>
    /// <param name="cancellationToken">Set when the work is no longer wanted.</param>
    ValueTask CompleteAsync(DeliveredBatch batch, CancellationToken cancellationToken);
}

/// <summary>Says why a destination did not take what it was given.</summary>
/// <param name="message">One sentence for the owner of the batch: no secrets, no internals.</param>
/// <param name="inner">What caused it, for the log; may be <c>null</c>.</param>
public sealed class DeliveryException(string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>Whether it would be refused again, however often it is tried: the batch then fails at once. False unless told.</summary>
    public bool IsPermanent { get; init; }
}

/// <summary>Makes a class a destination type and names it.</summary>
/// <param name="type">What configurations call it: a letter, then letters and digits.</param>
/// <param name="version">Its version, for people.</param>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class DestinationAttribute(string type, string version) : Attribute
{
    /// <summary>What configurations call it.</summary>
    public string Type { get; } = type;

    /// <summary>Its version, for people.</summary>
    public string Version { get; } = version;

    /// <summary>What it does, in one sentence for people.</summary>
    public string Description { get; init; } = "";
}

/// <summary>A record to be delivered.</summary>
/// <param name="RecordIndex">The record's place in its batch, from 0.</param>
/// <param name="Json">The record as UTF-8 JSON.</param>
public readonly record struct DeliveryRecord(int RecordIndex, ReadOnlyMemory<byte> Json);

/// <summary>The delivered records of one chunk.</summary>
/// <param name="PipelineId">The pipeline's id.</param>
/// <param name="PipelineName">The pipeline's name, as it was when the batch was submitted.</param>
/// <param name="BatchId">The batch's id.</param>
/// <param name="FirstRecord">Place in the batch of the chunk's first submitted record, from 0: what tells the batch's chunks apart.</param>
/// <param name="Attempt">1 for the first time the chunk is processed.</param>
/// <param name="Records">What was delivered, in the order of submission; may be empty.</param>
public sealed record DeliveryChunk(Guid PipelineId, string PipelineName, Guid BatchId, int FirstRecord, int Attempt, IReadOnlyList<DeliveryRecord> Records)
{
    /// <summary>Place of the chunk among the batch's chunks, from 0.</summary>
    public int Ordinal { get; init; }

    /// <summary>0 for a chunk as it was submitted. One of which more is made than is delivered at once comes in parts, with the same <see cref="Ordinal"/> and each with a <see cref="FirstRecord"/> of its own. Since version 1.1 of the contract.</summary>
    public int Part { get; init; }
}

/// <summary>A batch of which nothing is left to deliver. All counts are 0 or more.</summary>
/// <param name="PipelineId">The pipeline's id.</param>
/// <param name="PipelineName">The pipeline's name, as it was when the batch was submitted.</param>
/// <param name="BatchId">The batch's id.</param>
/// <param name="RecordCount">How many records were submitted: the sum of the three that follow.</param>
/// <param name="DeliveredCount">How many were delivered.</param>
/// <param name="DroppedCount">How many were dropped on purpose.</param>
/// <param name="FailedCount">How many were captured as failed.</param>
public sealed record DeliveredBatch(Guid PipelineId, string PipelineName, Guid BatchId, int RecordCount, int DeliveredCount, int DroppedCount, int FailedCount);
