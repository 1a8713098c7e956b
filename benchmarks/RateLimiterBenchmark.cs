using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Globalization;
using DataPipeline.Application.Observability;
using DataPipeline.Application.RateLimiting;
using DataPipeline.Infrastructure.RateLimiting;
using DataPipeline.Infrastructure.Redis;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace DataPipeline.Benchmarks;

/// <summary>Decisions of the limiter that processes share, against a script that does nothing, on the same Redis and the same connection.</summary>
internal static class RateLimiterBenchmark
{
    private const int Keys = 100;
    private const int Runs = 5;
    private static readonly RateLimit Ample = new(1_000_000_000, TimeSpan.FromSeconds(60));
    private static readonly RateLimit Spent = new(1, TimeSpan.FromSeconds(60));

    internal static async Task RunAsync()
    {
        using var server = await BenchmarkRedis.StartAsync();
        await using var meters = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var metrics = new ServiceMetrics(meters.GetRequiredService<IMeterFactory>());

        // Patient: a pause of this process is not to be taken for one of Redis.
        if (!RedisConnectionString.TryRead(server.ConnectionString, out var settings)) throw new InvalidOperationException("The connection string cannot be read.");
        await using var redis = new RedisCircuit(settings, metrics, TimeProvider.System, NullLogger<RedisCircuit>.Instance) { Patience = TimeSpan.FromSeconds(10) };
        await redis.StartAsync(CancellationToken.None);
        while (!await redis.AnswersAsync(CancellationToken.None)) await Task.Delay(10);

        var limiter = new RedisRateLimiter(redis, new SlidingWindowLimiter(TimeProvider.System));
        await CompareAsync(redis, limiter, callers: 1, calls: 20_000);
        await CompareAsync(redis, limiter, callers: 64, calls: 100_000);
    }

    private static async Task CompareAsync(RedisCircuit redis, RedisRateLimiter limiter, int callers, int calls)
    {
        var (empty, allowed, refused) = (new List<double>(), new List<double>(), new List<double>());
        for (var run = -1; run < Runs; run++) // The first warms up.
        {
            Note(run, empty, await PerSecondAsync(callers, calls, async _ => (await redis.AskAsync(server => server.ScriptEvaluateAsync("return 1"), CancellationToken.None)).IsAnswered));
            Note(run, allowed, await PerSecondAsync(callers, calls, async i => (await limiter.AcquireAsync($"allowed {i % Keys}", Ample, 1, CancellationToken.None)).IsAllowed));
            for (var key = 0; key < Keys; key++) await limiter.AcquireAsync($"refused {key}", Spent, 1, CancellationToken.None);
            Note(run, refused, await PerSecondAsync(callers, calls, async i => !(await limiter.AcquireAsync($"refused {i % Keys}", Spent, 1, CancellationToken.None)).IsAllowed));
        }

        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{callers} at once: {allowed.Median():N0} decisions/s allowed, {allowed.Median() / empty.Median():F2} of an empty script's {empty.Median():N0}/s; {refused.Median():N0} refused, {refused.Median() / empty.Median():F2}"));
    }

    private static async Task<double> PerSecondAsync(int callers, int calls, Func<int, Task<bool>> call)
    {
        var next = -1;
        var started = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, callers).Select(_ => Task.Run(async () =>
        {
            for (int i; (i = Interlocked.Increment(ref next)) < calls;)
            {
                if (!await call(i)) throw new InvalidOperationException("The answer is not what is measured.");
            }
        })));
        return calls / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    private static void Note(int run, List<double> values, double value)
    {
        if (run >= 0) values.Add(value);
    }
}
