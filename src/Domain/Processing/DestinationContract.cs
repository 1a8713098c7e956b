namespace DataPipeline.Domain.Processing;

/// <summary>
/// Takes the delivered records of a chunk, before the chunk's work is committed. A class that implements it, bears a <see cref="DestinationAttribute"/> and has one
/// public constructor with one parameter, its options record, or without any, is a destination type. An instance is used by one worker at a time; one that is <see cref="IDisposable"/> is disposed of.
/// </summary>
public interface IDestination
{
    /// <summary>
    /// Delivers the records. When this returns they must be safe. A crash between this and the commit makes the chunk come again, with the same
    /// <see cref="DeliveryChunk.BatchId"/> and <see cref="DeliveryChunk.FirstRecord"/>: what was delivered then is delivered again, or recognised.
    /// An exception makes the chunk come again later, until its attempts are used up.
    /// </summary>
    /// <param name="chunk">The records and where they come from; valid until the task ends.</param>
    /// <param name="cancellationToken">Set when the work is no longer wanted.</param>
    ValueTask DeliverAsync(DeliveryChunk chunk, CancellationToken cancellationToken);
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
/// <param name="PipelineName">The pipeline's name.</param>
/// <param name="BatchId">The batch's id.</param>
/// <param name="FirstRecord">Place in the batch of the chunk's first submitted record, from 0: what tells the batch's chunks apart.</param>
/// <param name="Attempt">1 for the first time the chunk is processed.</param>
/// <param name="Records">What was delivered, in the order of submission; may be empty.</param>
public sealed record DeliveryChunk(Guid PipelineId, string PipelineName, Guid BatchId, int FirstRecord, int Attempt, IReadOnlyList<DeliveryRecord> Records);
