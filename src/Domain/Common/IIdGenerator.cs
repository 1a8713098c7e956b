namespace DataPipeline.Domain.Common;

/// <summary>Makes the ids of everything that is stored.</summary>
public interface IIdGenerator
{
    /// <summary>A new UUID version 7 (RFC 9562). Ids of one process ascend strictly, so that "newest first" is descending id. Thread-safe.</summary>
    Guid NewId();
}
