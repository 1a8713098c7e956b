using DataPipeline.Application.RateLimiting;
using DataPipeline.Infrastructure.RateLimiting;
using Microsoft.Extensions.Time.Testing;

namespace DataPipeline.WebApi.IntegrationTests.RateLimiting;

public sealed class SlidingWindowLimiterTests : RateLimiterTests
{
    private readonly FakeTimeProvider _clock = new();
    private readonly SlidingWindowLimiter _limiter;

    public SlidingWindowLimiterTests() => _limiter = new SlidingWindowLimiter(_clock);

    protected override IReadOnlyList<IRateLimiter> Limiters => [_limiter];

    protected override TimeSpan Window => TimeSpan.FromSeconds(60);

    protected override TimeProvider Clock => _clock;

    protected override (int Count, int Length) Schedules => (500, 200);

    protected override int SegmentsTooLong => 1;

    protected override Task PassAsync(TimeSpan time)
    {
        _clock.Advance(time);
        return Task.CompletedTask;
    }

    [Fact]
    public async Task RetryAfter_IsExact()
    {
        _clock.Advance(TimeSpan.FromSeconds(20.5));
        var partition = NewPartition();
        await AcquireAsync(partition, 1);
        var wait = (await AcquireAsync(partition, 1)).RetryAfter;

        _clock.Advance(wait - TimeSpan.FromTicks(1));
        Assert.False((await AcquireAsync(partition, 1)).IsAllowed);
        _clock.Advance(TimeSpan.FromTicks(1));
        Assert.True((await AcquireAsync(partition, 1)).IsAllowed);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(60)]
    public void AWindowThatCannotBeCutEvenly_IsRatherTooLong(int seconds)
    {
        var limit = new RateLimit(1, TimeSpan.FromSeconds(seconds));
        _clock.Advance(TimeSpan.FromTicks(SlidingWindowLimiter.SegmentOf(limit.Window.Ticks) - 1));
        Assert.True(_limiter.Acquire("a", limit, 1).IsAllowed);

        _clock.Advance(limit.Window - TimeSpan.FromTicks(1));
        Assert.False(_limiter.Acquire("a", limit, 1).IsAllowed);
        _clock.Advance(TimeSpan.FromTicks(60));
        Assert.True(_limiter.Acquire("a", limit, 1).IsAllowed);
    }

    [Fact]
    public void WhatOthersGave_CountsFromWhenItWasAskedFor()
    {
        var limit = new RateLimit(3, Window);
        var (_, moment) = _limiter.Given("a", limit);
        _clock.Advance(TimeSpan.FromSeconds(10));

        Assert.True(_limiter.TryNote("a", limit, 2, moment));
        Assert.False(_limiter.TryNote("a", limit, 2, moment));

        Assert.Equal((false, 1), _limiter.Acquire("a", limit, 2) is var refused ? (refused.IsAllowed, refused.Remaining) : default);
        _clock.Advance(TimeSpan.FromSeconds(51));
        Assert.True(_limiter.Acquire("a", limit, 3).IsAllowed);
    }

    [Fact]
    public void WhatOthersGaveLongAgo_CountsNoLonger()
    {
        var limit = new RateLimit(1, Window);
        var (_, moment) = _limiter.Given("a", limit);
        _clock.Advance(2 * Window);

        Assert.True(_limiter.TryNote("a", limit, 1, moment));

        Assert.True(_limiter.Acquire("a", limit, 1).IsAllowed);
    }

    [Fact]
    public void WhatIsGivenForCertain_IsNoMoreThanAWindowOld()
    {
        var limit = new RateLimit(10, Window);
        _clock.Advance(TimeSpan.FromSeconds(30.9));
        _limiter.Acquire("a", limit, 4);
        Assert.Equal(4, _limiter.Given("a", limit).Permits);

        _clock.Advance(TimeSpan.FromSeconds(59));
        Assert.Equal(4, _limiter.Given("a", limit).Permits);
        _clock.Advance(TimeSpan.FromSeconds(0.2));
        Assert.Equal(0, _limiter.Given("a", limit).Permits);
        Assert.Equal(6, _limiter.Acquire("a", limit, 7).Remaining);
    }

    [Fact]
    public async Task IdlePartitions_AreLetGo()
    {
        for (var i = 0; i < 50; i++) await AcquireAsync($"key {i}", 1);
        Assert.Equal(50, _limiter.Partitions);

        _clock.Advance(3 * Window);
        await AcquireAsync("key", 1);

        Assert.Equal(1, _limiter.Partitions);
    }
}
