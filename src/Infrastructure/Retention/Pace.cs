namespace DataPipeline.Infrastructure.Retention;

/// <summary>
/// How much is removed in a step, and how long the pause after it is: so much that a step takes about a tenth of a second whether rows are
/// tiny or a mebibyte each, and so long that steps take at most half of the time. Not thread-safe.
/// </summary>
internal sealed class Pace(TimeProvider clock)
{
    internal const int MinRows = 10;
    internal const int MaxRows = 10_000;
    private const int FirstRows = 1_000;
    private static readonly TimeSpan Quick = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Slow = TimeSpan.FromMilliseconds(150);
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    /// <summary>The most rows that the next step may remove.</summary>
    internal int Rows { get; private set; } = FirstRows;

    /// <param name="removed">How many rows the step removed: one with few says nothing of how long many take.</param>
    internal Task PauseAfterAsync(TimeSpan step, int removed, CancellationToken ct)
    {
        if (step > Slow) Rows = Math.Max(MinRows, Rows / 2);
        else if (step < Quick && removed > Rows / 2) Rows = Math.Min(MaxRows, Rows * 2);
        return Task.Delay(TimeSpan.FromTicks(Math.Clamp(step.Ticks, ShortestPause.Ticks, LongestPause.Ticks)), clock, ct);
    }
}
