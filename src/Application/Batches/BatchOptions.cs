using System.ComponentModel.DataAnnotations;

namespace DataPipeline.Application.Batches;

/// <summary>What a submission may be: section <c>Batches</c> of the configuration.</summary>
public sealed class BatchOptions
{
    public const string Section = "Batches";

    /// <summary>The longest body, in bytes after decompression, counted while it is read. 1 byte to 1 GiB; default 64 MiB.</summary>
    [Range(1L, 1L << 30)]
    public long MaxBodyBytes { get; set; } = 64 << 20;

    /// <summary>The most records of a batch, 1 to 10,000,000; default 100,000.</summary>
    [Range(1, 10_000_000)]
    public int MaxRecords { get; set; } = 100_000;

    /// <summary>The longest record, in bytes as submitted (a CSV record also as the JSON it becomes). 16 bytes to 64 MiB; default 1 MiB. A longer one fails alone.</summary>
    [Range(16, 64 << 20)]
    public int MaxRecordBytes { get; set; } = 1 << 20;

    /// <summary>How many objects and arrays may lie in each other, the record itself included. 1 to 64, which is as deep as processors look; default 64. A deeper record fails alone.</summary>
    [Range(1, 64)]
    public int MaxDepth { get; set; } = 64;

    /// <summary>The most pending and processing batches of an owner, 1 to 1,000,000; default 1,000. A submission past it is refused.</summary>
    [Range(1, 1_000_000)]
    public int MaxPendingPerOwner { get; set; } = 1_000;

    /// <summary>The most bytes that the records of an owner's pending and processing batches take up in the queue, compressed. 1 MiB to 1 TiB; default 4 GiB. A submission past it is refused.</summary>
    [Range(1L << 20, 1L << 40)]
    public long MaxPendingBytesPerOwner { get; set; } = 4L << 30;

    /// <summary>How many submissions (retries too) a process reads at the same time, half of them of one owner, 1 to 10,000; default 32. Each holds a few mebibytes of memory, and of the temporary
    /// folder as much as its body, compressed. Others wait, and are refused after some seconds.</summary>
    [Range(1, 10_000)]
    public int MaxConcurrentSubmissions { get; set; } = 32;

    /// <summary>For how many seconds a body may be on its way, 1 second to a day; default 600. A slower one is refused.</summary>
    [Range(1, 86_400)]
    public int MaxUploadSeconds { get; set; } = 600;
}

/// <summary>How a batch is cut into the pieces that workers take: part of section <c>Worker</c> of the configuration.</summary>
public sealed class ChunkOptions
{
    public const string Section = "Worker";

    /// <summary>The most records of a chunk, 1 to 1,000,000; default 10,000. The first chunks of a batch are smaller, so that it is shared and shows progress early.</summary>
    [Range(1, 1_000_000)]
    public int ChunkRecords { get; set; } = 10_000;

    /// <summary>The most bytes of a chunk before compression, 1 KiB to 256 MiB; default 1 MiB: larger ones gain nothing and cost memory. A single record may be longer.</summary>
    [Range(1 << 10, 256 << 20)]
    public int ChunkBytes { get; set; } = 1 << 20;

    /// <summary>
    /// How many bytes of delivered records and captured failures are gathered from a chunk before they are committed, 64 KiB to 512 MiB; default 16 MiB, and no less than the
    /// chunk itself has. The record that passes it is the last; the rest of the chunk becomes a chunk of its own.
    /// </summary>
    [Range(64 << 10, 512 << 20)]
    public int ChunkOutputBytes { get; set; } = 16 << 20;
}
