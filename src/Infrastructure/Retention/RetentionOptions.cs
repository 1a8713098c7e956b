using System.ComponentModel.DataAnnotations;

namespace DataPipeline.Infrastructure.Retention;

/// <summary>How long things are kept: section <c>Retention</c>. Of every age 0 means for ever. Answers to idempotency keys are always kept for 24 hours.</summary>
public sealed class RetentionOptions
{
    internal const string Section = "Retention";

    private const int Longest = 36_500;

    /// <summary>For how many days after its end a batch is kept, with everything that belongs to it, 0 to a hundred years. Versions of pipelines that no batch refers to any more, and their statistics, go at the same age. Default: 90.</summary>
    [Range(0, Longest)]
    public int BatchDays { get; set; } = 90;

    /// <summary>For how many days after the end of their batch delivered records of the <c>store</c> destination are kept, 0 to a hundred years; never longer than their batch. Default: 30.</summary>
    [Range(0, Longest)]
    public int RecordDays { get; set; } = 30;

    /// <summary>For how many days after the end of their batch failed records are kept, 0 to a hundred years; never longer than their batch. Without them a batch cannot be retried. Default: 30.</summary>
    [Range(0, Longest)]
    public int ErrorDays { get; set; } = 30;

    /// <summary>For how many days the counts of a pipeline's work by the minute are kept, 0 to a hundred years. The API shows at most 7 days of them. Default: 30.</summary>
    [Range(0, Longest)]
    public int MetricDays { get; set; } = 30;

    /// <summary>For how many days API keys are listed that have expired or were revoked, 0 to a hundred years. Default: 90.</summary>
    [Range(0, Longest)]
    public int ApiKeyDays { get; set; } = 90;

    /// <summary>How many seconds lie between the end of one clearing and the next, of all processes together, 1 second to a day. Default: 300.</summary>
    [Range(1, 86_400)]
    public int IntervalSeconds { get; set; } = 300;

    internal TimeSpan Interval => TimeSpan.FromSeconds(IntervalSeconds);
}
