using System.ComponentModel.DataAnnotations;

namespace DataPipeline.Infrastructure.Workers;

/// <summary>How this process works on batches: section <c>Worker</c>.</summary>
public sealed class WorkerOptions
{
    internal const string Section = "Worker";

    /// <summary>Whether this process takes work at all. Default: true; false for one that only serves the API.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>How many chunks are run at once, 1 to 1,024, not counting those that take longer than a second. Default: the number of processors, at least 2, so that one chunk is processed while another is written.</summary>
    [Range(1, 1_024)]
    public int Concurrency { get; set; } = Math.Max(Environment.ProcessorCount, 2);

    /// <summary>For how many seconds a chunk is a worker's before others may take it, 1 to 3,600; renewed at a third of it. Default: 30.</summary>
    [Range(1, 3_600)]
    public int LeaseSeconds { get; set; } = 30;

    /// <summary>After how many milliseconds an idle worker looks for work that no signal told it of, 10 to 60,000. Default: 500.</summary>
    [Range(10, 60_000)]
    public int PollMilliseconds { get; set; } = 500;

    /// <summary>How often a chunk is tried before its batch fails, 1 to 100. Default: 5.</summary>
    [Range(1, 100)]
    public int MaxAttempts { get; set; } = 5;

    /// <summary>How many chunks are in hand at most, the slow ones included.</summary>
    internal int MaxInHand => Math.Max(4 * Concurrency, 32);

    /// <summary>How many of these one pipeline may have: as many as can be run at once, so that it can use all there is while nobody else wants it.</summary>
    internal int MaxInHandOfPipeline => Math.Max(Concurrency, 4);

    internal int MaxInHandOfOwner => 2 * MaxInHandOfPipeline;

    internal TimeSpan Lease => TimeSpan.FromSeconds(LeaseSeconds);

    internal TimeSpan Poll => TimeSpan.FromMilliseconds(PollMilliseconds);
}
