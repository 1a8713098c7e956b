using CsCheck;
using DataPipeline.Application.RateLimiting;
using DataPipeline.Infrastructure.RateLimiting;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace DataPipeline.Application.Tests.RateLimiting;

public sealed class SlidingWindowLimiterTests
{
    private const int WindowSeconds = 60;
    private readonly FakeTimeProvider _clock = new();
    private readonly SlidingWindowLimiter _limiter;

    public SlidingWindowLimiterTests() => _limiter = New(_clock);

    [Fact]
    public async Task Permits_RunOut_AndSayWhenTheyComeBack()
    {
        for (var left = 2; left >= 0; left--)
        {
            var taken = await Acquire(3);
            Assert.Equal((true, left), (taken.IsAllowed, taken.Remaining));
        }

        var refused = await Acquire(3);
        Assert.False(refused.IsAllowed);
        Assert.InRange(refused.RetryAfter, TimeSpan.FromSeconds(WindowSeconds - 1), TimeSpan.FromSeconds(WindowSeconds + 1));
    }

    [Fact]
    public async Task RetryAfter_IsLongEnough_AndNoLongerThanOneSegmentMore()
    {
        await Acquire(1);
        _clock.Advance(TimeSpan.FromSeconds(20.5));
        var wait = (await Acquire(1)).RetryAfter;

        _clock.Advance(wait - TimeSpan.FromTicks(1));
        Assert.False((await Acquire(1)).IsAllowed);
        _clock.Advance(TimeSpan.FromTicks(1));
        Assert.True((await Acquire(1)).IsAllowed);
        Assert.InRange(wait, TimeSpan.FromSeconds(WindowSeconds - 20.5), TimeSpan.FromSeconds(WindowSeconds - 20.5 + 1.01));
    }

    [Fact]
    public async Task AtAWindowsEdge_ThereIsNoDoubleBurst()
    {
        _clock.Advance(TimeSpan.FromSeconds(WindowSeconds - 0.5));
        for (var i = 0; i < 100; i++) Assert.True((await Acquire(100)).IsAllowed);

        _clock.Advance(TimeSpan.FromSeconds(1));

        Assert.False((await Acquire(100)).IsAllowed);
        _clock.Advance(TimeSpan.FromSeconds(WindowSeconds / 2));
        Assert.False((await Acquire(100)).IsAllowed);
    }

    [Fact]
    public void NoStretchOfAWindowsLength_HoldsMoreThanTheLimit() =>
        Gen.Select(Gen.Int[1, 20], Gen.Int[0, 9_000].Array[1, 200]).Sample((limit, pauses) =>
        {
            var clock = new FakeTimeProvider();
            var limiter = New(clock);
            var allowed = new List<DateTimeOffset>();
            foreach (var pause in pauses)
            {
                clock.Advance(TimeSpan.FromMilliseconds(pause));
                var decision = limiter.AcquireAsync("a", limit, CancellationToken.None);
                Assert.True(decision.IsCompletedSuccessfully);
                if (decision.GetAwaiter().GetResult().IsAllowed) allowed.Add(clock.GetUtcNow());
            }

            return Enumerable.Range(0, Math.Max(0, allowed.Count - limit)).All(i => allowed[i + limit] - allowed[i] >= TimeSpan.FromSeconds(WindowSeconds));
        });

    [Fact]
    public async Task Partitions_DoNotTouchEachOther()
    {
        await Acquire(1);

        Assert.True((await _limiter.AcquireAsync("other", 1, CancellationToken.None)).IsAllowed);
        Assert.False((await Acquire(1)).IsAllowed);
    }

    [Fact]
    public async Task AtOnce_NoMoreThanTheLimitGetThrough()
    {
        var decisions = await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => Task.Run(async () => await Acquire(50))));

        Assert.Equal(50, decisions.Count(decision => decision.IsAllowed));
    }

    [Fact]
    public async Task IdlePartitions_AreLetGo()
    {
        for (var i = 0; i < 50; i++) await _limiter.AcquireAsync($"key {i}", 1, CancellationToken.None);
        Assert.Equal(50, _limiter.Partitions);

        _clock.Advance(TimeSpan.FromSeconds(3 * WindowSeconds));
        await Acquire(1);

        Assert.Equal(1, _limiter.Partitions);
    }

    private static SlidingWindowLimiter New(TimeProvider clock) => new(Options.Create(new RateLimitingOptions { WindowSeconds = WindowSeconds }), clock);

    private async Task<RateLimitDecision> Acquire(int limit) => await _limiter.AcquireAsync("key", limit, CancellationToken.None);
}
