using DataPipeline.Application.RateLimiting;

namespace DataPipeline.WebApi.IntegrationTests.RateLimiting;

/// <summary>What every limiter must hold to.</summary>
public abstract class RateLimiterTests
{
    private const int Segments = 60;

    /// <summary>Redis counts whole microseconds, and each segment of a window is rounded up.</summary>
    private static readonly TimeSpan Rounding = TimeSpan.FromMicroseconds(Segments);

    private int _partitions;

    /// <summary>Limiters that count together, as processes do that share one.</summary>
    protected abstract IReadOnlyList<IRateLimiter> Limiters { get; }

    protected abstract TimeSpan Window { get; }

    protected abstract TimeProvider Clock { get; }

    /// <summary>How many random schedules, and how many requests in each.</summary>
    protected abstract (int Count, int Length) Schedules { get; }

    /// <summary>How many segments longer than needed it may say that there is to wait.</summary>
    protected abstract int SegmentsTooLong { get; }

    protected static CancellationToken Stop => TestContext.Current.CancellationToken;

    private TimeSpan Segment => TimeSpan.FromTicks((Window.Ticks + Segments - 1) / Segments);

    protected abstract Task PassAsync(TimeSpan time);

    [Fact]
    public async Task Permits_RunOut_AndSayWhenTheyComeBack()
    {
        var partition = NewPartition();
        var start = Clock.GetTimestamp();
        for (var left = 2; left >= 0; left--)
        {
            var taken = await AcquireAsync(partition, 3);
            Assert.Equal((true, left), (taken.IsAllowed, taken.Remaining));
            AssertAround(Window, taken.ResetAfter, start);
            if (left > 0) Assert.Equal(TimeSpan.Zero, taken.RetryAfter);
            else AssertAround(Window, taken.RetryAfter, start);
        }

        var refused = await AcquireAsync(partition, 3);
        Assert.Equal((false, 0), (refused.IsAllowed, refused.Remaining));
        AssertAround(Window, refused.RetryAfter, start);
        AssertAround(Window, refused.ResetAfter, start);
    }

    [Fact]
    public async Task SeveralPermits_AreAllowedTogether_OrNoneIs()
    {
        var partition = NewPartition();
        var start = Clock.GetTimestamp();
        Assert.Equal((true, 6), Outcome(await AcquireAsync(partition, 10, 4)));
        Assert.Equal((true, 2), Outcome(await AcquireAsync(partition, 10, 4)));

        var refused = await AcquireAsync(partition, 10, 3);

        Assert.Equal((false, 2), Outcome(refused));
        AssertAround(Window, refused.RetryAfter, start);
        Assert.Equal((true, 0), Outcome(await AcquireAsync(partition, 10, 2)));
    }

    [Fact]
    public async Task RetryAfter_IsLongEnough_ForAsManyAsWereRefused_AndHardlyLonger()
    {
        var partition = NewPartition();
        var first = Clock.GetTimestamp();
        await AcquireAsync(partition, 5, 2);
        await PassAsync(Window / 3);
        await AcquireAsync(partition, 5, 2);

        var wait = (await AcquireAsync(partition, 5, 2)).RetryAfter;
        AssertAround(Window, wait, first);
        Assert.InRange(wait, TimeSpan.Zero, Window);

        await PassAsync(wait);
        Assert.True((await AcquireAsync(partition, 5, 2)).IsAllowed);
    }

    [Fact]
    public async Task AtAWindowsEdge_ThereIsNoDoubleBurst()
    {
        var partition = NewPartition();
        await PassAsync(Window - (Segment / 2));
        var burst = Clock.GetTimestamp();
        for (var i = 0; i < 20; i++) Assert.True((await AcquireAsync(partition, 20)).IsAllowed);

        while (Clock.GetElapsedTime(burst) < Window / 2)
        {
            var isAllowed = (await AcquireAsync(partition, 20)).IsAllowed;
            Assert.False(isAllowed && Clock.GetElapsedTime(burst) < Window);
            await PassAsync(Segment);
        }
    }

    [Fact]
    public async Task RandomSchedules_AreDecidedAsByOneWhoNotesEveryRequest()
    {
        var seed = Environment.TickCount;
        TestContext.Current.TestOutputHelper!.WriteLine($"seed {seed}");
        await Task.WhenAll(Enumerable.Range(0, Schedules.Count).Select(i => RunScheduleAsync(new Random(seed + i))));
    }

    [Fact]
    public async Task Partitions_DoNotTouchEachOther()
    {
        var (one, other) = (NewPartition(), NewPartition());
        await AcquireAsync(one, 1);

        Assert.True((await AcquireAsync(other, 1)).IsAllowed);
        Assert.True((await Limiters[0].AcquireAsync(one, new RateLimit(1, 2 * Window), 1, Stop)).IsAllowed);
        Assert.False((await AcquireAsync(one, 1)).IsAllowed);
    }

    [Fact]
    public async Task AtOnce_ExactlyTheLimitGetThrough()
    {
        var partition = NewPartition();

        var decisions = await Task.WhenAll(Enumerable.Range(0, 200).Select(i => Task.Run(async () => await Limiters[i % Limiters.Count].AcquireAsync(partition, new RateLimit(50, TimeSpan.FromHours(1)), 1, Stop))));

        Assert.Equal(50, decisions.Count(decision => decision.IsAllowed));
        Assert.Equal(Enumerable.Range(0, 50), decisions.Where(decision => decision.IsAllowed).Select(decision => decision.Remaining).Order());
    }

    protected string NewPartition() => $"{GetType().Name}:{Environment.ProcessId}:{Clock.GetTimestamp()}:{Interlocked.Increment(ref _partitions)}";

    protected async Task<RateLimitDecision> AcquireAsync(string partition, int limit, int permits = 1) => await Limiters[0].AcquireAsync(partition, new RateLimit(limit, Window), permits, Stop);

    private static (bool IsAllowed, int Remaining) Outcome(RateLimitDecision decision) => (decision.IsAllowed, decision.Remaining);

    /// <summary>That <paramref name="wait"/> ends <paramref name="after"/> a moment in the past at the earliest, and hardly later.</summary>
    private void AssertAround(TimeSpan after, TimeSpan wait, long since) => Assert.InRange(wait, after - Clock.GetElapsedTime(since), after + (SegmentsTooLong * Segment) + Rounding);

    /// <summary>Against the plainest limiter there is. When exactly something was counted is known to be between asking and being answered, and judged accordingly.</summary>
    private async Task RunScheduleAsync(Random random)
    {
        var partition = NewPartition();
        var limit = random.Next(1, 21);
        var origin = Clock.GetTimestamp();
        var allowed = new List<(TimeSpan Asked, TimeSpan Answered, int Permits)>();
        for (var i = 0; i < Schedules.Length; i++)
        {
            await PassAsync(Window * Math.Pow(random.NextDouble(), 3) / 5);
            var permits = random.Next(1, Math.Min(limit, 4) + 1);
            var asked = Clock.GetElapsedTime(origin);
            var decision = await Limiters[random.Next(Limiters.Count)].AcquireAsync(partition, new RateLimit(limit, Window), permits, Stop);
            var answered = Clock.GetElapsedTime(origin);

            var surely = allowed.Where(other => answered - other.Asked < Window).Sum(other => other.Permits);
            var perhaps = allowed.Where(other => asked - other.Answered <= Window + Segment).Sum(other => other.Permits);
            if (decision.IsAllowed)
            {
                Assert.True(surely + permits <= limit, $"Request {i} for {permits} of {limit} was allowed although {surely} count.");
                allowed.Add((asked, answered, permits));
            }
            else
            {
                Assert.True(perhaps + permits > limit, $"Request {i} for {permits} of {limit} was refused although no more than {perhaps} count.");
            }

            var taken = decision.IsAllowed ? permits : 0;
            Assert.InRange(decision.Remaining, Math.Max(0, limit - perhaps - taken), limit - surely - taken);
        }
    }
}
