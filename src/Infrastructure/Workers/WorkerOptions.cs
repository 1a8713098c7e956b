using System.Globalization;
using Microsoft.Extensions.Options;

namespace DataPipeline.Infrastructure.Workers;

/// <summary>How this process works on batches: section <c>Worker</c>.</summary>
public sealed class WorkerOptions
{
    public const int MaxConcurrency = 1_024;
    public const int MaxLeaseSeconds = 3_600;
    public const int MinPollMilliseconds = 10;
    public const int MaxPollMilliseconds = 60_000;
    public const int MaxMaxAttempts = 100;

    /// <summary>Whether this process takes work at all. Default: true; false for one that only serves the API.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>How many chunks are in hand at once, 1 to <see cref="MaxConcurrency"/>. Default: the number of processors, at least 2, so that one chunk is processed while another is written.</summary>
    public int Concurrency { get; set; } = Math.Max(Environment.ProcessorCount, 2);

    /// <summary>For how many seconds a chunk is a worker's before others may take it, 1 to <see cref="MaxLeaseSeconds"/>; renewed at a third of it. Default: 30.</summary>
    public int LeaseSeconds { get; set; } = 30;

    /// <summary>After how many milliseconds an idle worker looks for work that no signal told it of, <see cref="MinPollMilliseconds"/> to <see cref="MaxPollMilliseconds"/>. Default: 500.</summary>
    public int PollMilliseconds { get; set; } = 500;

    /// <summary>How often a chunk is tried before its batch fails, 1 to <see cref="MaxMaxAttempts"/>. Default: 5.</summary>
    public int MaxAttempts { get; set; } = 5;

    internal TimeSpan Lease => TimeSpan.FromSeconds(LeaseSeconds);

    internal TimeSpan Poll => TimeSpan.FromMilliseconds(PollMilliseconds);
}

/// <summary>Refuses, at start, what would not work.</summary>
internal sealed class WorkerOptionsValidator : IValidateOptions<WorkerOptions>
{
    public ValidateOptionsResult Validate(string? name, WorkerOptions options)
    {
        List<string> faults = [];
        Check(nameof(options.Concurrency), options.Concurrency, 1, WorkerOptions.MaxConcurrency);
        Check(nameof(options.LeaseSeconds), options.LeaseSeconds, 1, WorkerOptions.MaxLeaseSeconds);
        Check(nameof(options.PollMilliseconds), options.PollMilliseconds, WorkerOptions.MinPollMilliseconds, WorkerOptions.MaxPollMilliseconds);
        Check(nameof(options.MaxAttempts), options.MaxAttempts, 1, WorkerOptions.MaxMaxAttempts);
        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);

        void Check(string key, int value, int least, int most)
        {
            if (value < least || value > most) faults.Add(string.Create(CultureInfo.InvariantCulture, $"Worker:{key} must be between {least} and {most}, but is {value}."));
        }
    }
}
