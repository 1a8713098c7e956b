using DataPipeline.Application.RateLimiting;
using DataPipeline.Infrastructure.Caching;
using DataPipeline.Infrastructure.RateLimiting;
using DataPipeline.WebApi.IntegrationTests.Redis;
using Microsoft.Extensions.Caching.Distributed;
using StackExchange.Redis;

namespace DataPipeline.WebApi.IntegrationTests.RateLimiting;

/// <summary>Each limiter with a connection and a local count of its own, as in a process of its own. Redis' clock cannot be set, so the window is short and time really passes.</summary>
public sealed class RedisRateLimiterTests : RateLimiterTests, IAsyncLifetime
{
    private const int Processes = 3;
    private readonly List<TestCircuit> _circuits = [];
    private readonly List<IRateLimiter> _limiters = [];

    protected override IReadOnlyList<IRateLimiter> Limiters => _limiters;

    protected override TimeSpan Window => TimeSpan.FromSeconds(2);

    protected override TimeProvider Clock => TimeProvider.System;

    protected override (int Count, int Length) Schedules => (50, 60);

    protected override int SegmentsTooLong => 1;

    public async ValueTask InitializeAsync()
    {
        for (var i = 0; i < Processes; i++)
        {
            _circuits.Add(await TestCircuit.StartAsync(await TestRedis.GetAsync()));
            _limiters.Add(New(_circuits[i]));
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var circuit in _circuits) await circuit.DisposeAsync();
    }

    /// <summary>All of it: a delay may end a millisecond early.</summary>
    protected override async Task PassAsync(TimeSpan time)
    {
        for (var start = Clock.GetTimestamp(); Clock.GetElapsedTime(start) < time;) await Task.Delay(time - Clock.GetElapsedTime(start) + TimeSpan.FromMilliseconds(1), Stop);
    }

    [Fact]
    public async Task WhatOthersHaveTaken_IsNotHeldAgainstThisProcess_OnceItIsFreeAgain()
    {
        var (partition, limit) = (NewPartition(), new RateLimit(10, Window));
        Assert.True((await Limiters[0].AcquireAsync(partition, limit, 8, Stop)).IsAllowed);

        var refused = await Limiters[1].AcquireAsync(partition, limit, 10, Stop);
        Assert.Equal((false, 2), (refused.IsAllowed, refused.Remaining));
        await PassAsync(refused.RetryAfter);

        Assert.True((await Limiters[1].AcquireAsync(partition, limit, 10, Stop)).IsAllowed);
    }

    [Fact]
    public async Task WhenRedisForgetsItsScripts_ItIsToldThemAgain()
    {
        var partition = NewPartition();
        Assert.True((await AcquireAsync(partition, 2)).IsAllowed);

        await _circuits[0].ExecuteAsync("SCRIPT", "FLUSH");

        Assert.Equal((true, 0), ((await Limiters[1].AcquireAsync(partition, new RateLimit(2, Window), 1, Stop)) is var taken ? (taken.IsAllowed, taken.Remaining) : default));
    }

    [Fact]
    public async Task WhatIsCounted_IsForgottenByRedis_SoonAfterItCounts()
    {
        var partition = NewPartition();
        await AcquireAsync(partition, 2);

        var life = await _circuits[0].ExecuteAsync("PTTL", $"datapipeline:limit:2000000:{partition}");

        Assert.InRange((long)life, 1, 2_034);
    }

    [Theory]
    [InlineData(30, false)] // Back by half a window: what was counted still counts.
    [InlineData(100, true)] // Back by more than a window: the limit must not be shut until the clock has caught up.
    public async Task WhenRedisClockIsSetBack_NothingIsCountedTooShort_AndNothingForEver(int segments, bool isForgotten)
    {
        var partition = NewPartition();
        await AcquireAsync(partition, 1);
        await _circuits[0].ExecuteAsync("HINCRBY", $"datapipeline:limit:2000000:{partition}", "newest", segments);
        await MoveNewestCountAsync(partition, segments);

        Assert.Equal(isForgotten, (await Limiters[1].AcquireAsync(partition, new RateLimit(1, Window), 1, Stop)).IsAllowed);
        Assert.InRange((long)await _circuits[0].ExecuteAsync("PTTL", $"datapipeline:limit:2000000:{partition}"), 1, 2_034);
    }

    [Fact]
    public async Task WhatWasAllowedThroughRedis_CountsWhileRedisIsAway_AndWhatWasAllowedMeanwhileCountsAfterwards()
    {
        await using var server = await RedisProcess.StartNewAsync();
        await using var circuit = await TestCircuit.StartAsync(server.ConnectionString, TimeSpan.FromMilliseconds(500));
        var (limiter, partition, limit) = (New(circuit), NewPartition(), new RateLimit(3, TimeSpan.FromMinutes(10)));
        Assert.True((await limiter.AcquireAsync(partition, limit, 1, Stop)).IsAllowed);

        server.Kill();
        Assert.True((await limiter.AcquireAsync(partition, limit, 1, Stop)).IsAllowed);
        Assert.False((await limiter.AcquireAsync(partition, limit, 2, Stop)).IsAllowed);

        await server.StartAsync();
        await circuit.FoundAsync();
        var last = await limiter.AcquireAsync(partition, limit, 1, Stop);
        Assert.Equal((true, 0), (last.IsAllowed, last.Remaining));
        Assert.False((await limiter.AcquireAsync(partition, limit, 1, Stop)).IsAllowed);
    }

    [Fact]
    public async Task TheRightsThatTheManualAsksFor_AreEnough()
    {
        await using var server = await RedisProcess.StartNewAsync();
        await using var administrator = await TestCircuit.StartAsync($"{server.ConnectionString},allowAdmin=true");
        var rights = Repository.Read("docs/operations.md").Split('\n').Single(line => line.StartsWith("ACL SETUSER ", StringComparison.Ordinal)).Split(' ');
        await administrator.ExecuteAsync(rights[0], [.. rights[1..]]);

        await using var circuit = await TestCircuit.StartAsync($"{server.ConnectionString},user=datapipeline,password=password");
        var (limiter, limit) = (New(circuit), new RateLimit(3, Window));
        for (var left = 2; left >= -1; left--) Assert.Equal(left >= 0, (await limiter.AcquireAsync("a", limit, 1, Stop)).IsAllowed);
        var cache = new RedisCacheLevel(circuit.Circuit);
        await cache.SetAsync("a", [1], new DistributedCacheEntryOptions { AbsoluteExpirationRelativeToNow = TimeSpan.FromSeconds(3) }, Stop);
        Assert.Equal([1], await cache.GetAsync("a", Stop));
        await cache.RemoveAsync("a", Stop);
        Assert.Null(await cache.GetAsync("a", Stop));

        Assert.Equal(3, (int)(await administrator.ExecuteAsync("HGET", "datapipeline:limit:2000000:a", "total")));
        var refused = ((RedisResult[])(await administrator.ExecuteAsync("ACL", "LOG"))!).Select(entry => entry.ToDictionary()["object"].ToString());
        Assert.DoesNotContain(refused, command => command is not ("cluster|nodes" or "cluster|slots" or "config|get"));
    }

    private static RedisRateLimiter New(TestCircuit circuit) => new(circuit.Circuit, new SlidingWindowLimiter(TimeProvider.System));

    private async Task MoveNewestCountAsync(string partition, int segments)
    {
        RedisKey hash = $"datapipeline:limit:2000000:{partition}";
        foreach (var slot in ((RedisResult[])(await _circuits[0].ExecuteAsync("HKEYS", hash))!).Select(name => (string)name!).Where(name => name is not ("newest" or "total")))
        {
            await _circuits[0].ExecuteAsync("HDEL", hash, slot);
            await _circuits[0].ExecuteAsync("HSET", hash, (int.Parse(slot, System.Globalization.CultureInfo.InvariantCulture) + segments) % 61, 1);
        }
    }
}
