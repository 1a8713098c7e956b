using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.Json;
using DataPipeline.Application;
using DataPipeline.Application.ApiKeys;
using DataPipeline.Infrastructure;
using DataPipeline.WebApi.IntegrationTests.Persistence;
using DataPipeline.WebApi.IntegrationTests.Redis;
using MediatR;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace DataPipeline.WebApi.IntegrationTests.Faults;

/// <summary>What the service promises about Redis, tried on services and a Redis that are processes of their own.</summary>
[Collection(nameof(Alone))]
public sealed class RedisFaultTests
{
    private const int Limit = 30;
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan AtMostAway = TimeSpan.FromSeconds(5);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task TwoProcesses_ShareOneLimit()
    {
        await using var redis = await RedisProcess.StartNewAsync();
        await using var database = await TestDatabase.CreateAsync(DatabaseKind.Postgres);
        await using var one = await StartAsync(database, redis);
        await using var two = await StartAsync(database, redis);
        await FoundAsync(one, two);

        await AssertSharedAsync(one, two);
    }

    [Fact]
    public async Task RedisKilledUnderLoad_FailsNoRequest_EachProcessHoldsTheLimit_AndTheSharedOneIsBackWithinFiveSeconds()
    {
        await using var redis = await RedisProcess.StartNewAsync();
        await using var database = await TestDatabase.CreateAsync(DatabaseKind.Postgres);
        await using var one = await StartAsync(database, redis);
        await using var two = await StartAsync(database, redis);
        await FoundAsync(one, two);
        using var load = new Load("acme", one, two);

        redis.Kill();
        await Eventually.TrueAsync(async () => await IsAwayAsync(one) && await IsAwayAsync(two), "both have noticed");
        await Task.Delay(2 * Window, Stop);
        await redis.StartAsync();
        var back = Stopwatch.StartNew();
        await FoundAsync(one, two);
        Assert.InRange(back.Elapsed, TimeSpan.Zero, AtMostAway);
        await load.StopAsync();

        Assert.All([one, two], process => load.AssertHeld(process, Limit, Window));
        await AssertSharedAsync(one, two);
    }

    [Fact]
    public async Task RedisHungUnderLoad_FailsNoRequest_DelaysHardlyAny_AndTheSharedLimitIsBackWithinFiveSeconds()
    {
        await using var redis = await RedisProcess.StartNewAsync();
        await using var database = await TestDatabase.CreateAsync(DatabaseKind.Postgres);
        await using var one = await StartAsync(database, redis);
        await using var two = await StartAsync(database, redis);
        await FoundAsync(one, two);
        using var before = new Load("acme", one, two);
        await Task.Delay(Window, Stop);
        await before.StopAsync();

        await redis.SignalAsync("STOP");
        using var opening = new Load("acme", one, two);
        await Eventually.TrueAsync(async () => await IsAwayAsync(one) && await IsAwayAsync(two), "both have noticed");
        await opening.StopAsync();
        using var during = new Load("acme", one, two);
        await Task.Delay(2 * Window, Stop);
        await during.StopAsync();
        await redis.SignalAsync("CONT");
        var back = Stopwatch.StartNew();
        await FoundAsync(one, two);

        Assert.InRange(back.Elapsed, TimeSpan.Zero, AtMostAway);
        Assert.All([one, two], process => during.AssertHeld(process, Limit, Window));
        Assert.InRange(during.Percentile99, TimeSpan.Zero, before.Percentile99 + TimeSpan.FromMilliseconds(50));
        await AssertSharedAsync(one, two);
    }

    [Fact]
    public async Task AServiceThatStartsWithoutRedis_Serves_AndFindsItLater()
    {
        await using var redis = RedisProcess.Create();
        await using var database = await TestDatabase.CreateAsync(DatabaseKind.Sqlite);
        await using var service = await StartAsync(database, redis);
        Assert.True(await IsAwayAsync(service));
        await service.SendAsync("acme", HttpMethod.Get, "pipelines");

        await redis.StartAsync();
        var back = Stopwatch.StartNew();
        await FoundAsync(service);

        Assert.InRange(back.Elapsed, TimeSpan.Zero, AtMostAway);
    }

    [Fact]
    public async Task ARevokedKey_StopsWorkingOnEveryProcessWithinFiveSeconds_WhateverRedisDoes()
    {
        await using var redis = await RedisProcess.StartNewAsync();
        await using var database = await TestDatabase.CreateAsync(DatabaseKind.Postgres);
        await using var one = await StartAsync(database, redis);
        await using var two = await StartAsync(database, redis);
        await FoundAsync(one, two);

        await AssertRevocationAsync("Redis is there", () => Task.CompletedTask);
        await AssertRevocationAsync("Redis is killed in between", () =>
        {
            redis.Kill();
            return Task.CompletedTask;
        });
        await AssertRevocationAsync("Redis comes back in between", redis.StartAsync);
        await FoundAsync(one, two);
        await AssertRevocationAsync("Redis halts in between", () => redis.SignalAsync("STOP"));
        await AssertRevocationAsync("Redis goes on in between", () => redis.SignalAsync("CONT"));

        async Task AssertRevocationAsync(string what, Func<Task> meanwhile)
        {
            var key = await CreateKeyAsync(database);
            Assert.Equal((what, HttpStatusCode.OK, HttpStatusCode.OK), (what, await StatusAsync(one, key.Key), await StatusAsync(two, key.Key)));
            await RevokeAsync(database, key);
            var revoked = Stopwatch.StartNew();
            await meanwhile();
            await Eventually.TrueAsync(async () => await IsRefusedAsync(one) && await IsRefusedAsync(two), $"the key is refused: {what}");
            Assert.Equal((what, HttpStatusCode.Unauthorized), (what, await StatusAsync(one, key.Key)));

            // Counted from when it was asked: on a busy machine the answer may take its time.
            async Task<bool> IsRefusedAsync(ServiceProcess process)
            {
                var asked = revoked.Elapsed;
                if (await StatusAsync(process, key.Key) == HttpStatusCode.Unauthorized) return true;
                Assert.True(asked < TimeSpan.FromSeconds(5), $"{what}: let in {asked} after it was revoked");
                return false;
            }
        }
    }

    [Fact]
    public async Task WhatARedisThatHungWasToldOfAKey_IsNotBelievedWhenItGoesOn()
    {
        await using var redis = await RedisProcess.StartNewAsync();
        await using var database = await TestDatabase.CreateAsync(DatabaseKind.Postgres);
        await using var one = await StartAsync(database, redis);
        await using var two = await StartAsync(database, redis);
        await FoundAsync(one, two);
        var key = await CreateKeyAsync(database);
        await redis.SignalAsync("STOP");
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(one, key.Key)); // What it found in the database waits for Redis in the socket.
        await RevokeAsync(database, key);
        await Task.Delay(TimeSpan.FromSeconds(5), Stop);

        await redis.SignalAsync("CONT");

        for (var watch = Stopwatch.StartNew(); watch.Elapsed < TimeSpan.FromSeconds(2);)
        {
            Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.Unauthorized), (await StatusAsync(one, key.Key), await StatusAsync(two, key.Key)));
            await Task.Delay(20, Stop);
        }
    }

    [Fact]
    public async Task Redis_KeepsNoKeyOfACaller()
    {
        await using var redis = await RedisProcess.StartNewAsync();
        await using var database = await TestDatabase.CreateAsync(DatabaseKind.Sqlite);
        await using var service = await StartAsync(database, redis);
        await FoundAsync(service);
        var key = await CreateKeyAsync(database);
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(service, key.Key));
        await using var circuit = await TestCircuit.StartAsync($"{redis.ConnectionString},allowAdmin=true");

        var kept = "";
        await Eventually.TrueAsync(async () => (kept = await DumpAsync(circuit)).Contains("datapipeline:cache:key:", StringComparison.Ordinal), "the key is in the second level");

        Assert.DoesNotContain(key.Key, kept, StringComparison.Ordinal);
        Assert.Contains(key.Details.Prefix, kept, StringComparison.Ordinal);
    }

    private static Task<ServiceProcess> StartAsync(TestDatabase database, RedisProcess redis) => ServiceProcess.StartAsync(
        database, ("ConnectionStrings:Redis", redis.ConnectionString), ("RateLimiting:PermitLimit", $"{Limit}"), ("RateLimiting:WindowSeconds", $"{Window.TotalSeconds}"));

    private static async Task FoundAsync(params ServiceProcess[] processes)
    {
        foreach (var process in processes) await Eventually.TrueAsync(async () => !await IsAwayAsync(process), "Redis is found");
    }

    private static async Task<bool> IsAwayAsync(ServiceProcess process)
    {
        using var answer = await process.Http.GetAsync("/health/ready", Stop);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return JsonElement.Parse(await answer.Content.ReadAsStringAsync(Stop)).GetProperty("checks").GetProperty("redis").GetString() == "degraded";
    }

    /// <summary>That two processes together let through what one may. Where one of them did not hear from Redis in time meanwhile, as it may be on a busy machine, it is tried again.</summary>
    private static async Task AssertSharedAsync(ServiceProcess one, ServiceProcess two)
    {
        for (var attempt = 0; ; attempt++)
        {
            Assert.True(attempt < 5, "Redis does not answer in time.");
            await FoundAsync(one, two);
            await Task.Delay(1.1 * Window, Stop); // A segment more than a window: nothing counts any longer.
            var failures = await FailuresAsync(one) + await FailuresAsync(two);
            using var load = new Load("acme", one, two);
            await Task.Delay(2 * Window, Stop);
            await load.StopAsync();
            if (await FailuresAsync(one) + await FailuresAsync(two) > failures || await IsAwayAsync(one) || await IsAwayAsync(two)) continue;

            load.AssertHeld(null, Limit, Window);
            Assert.True(load.Allowed(one) > 0 && load.Allowed(two) > 0, $"{load.Allowed(one)} by the one, {load.Allowed(two)} by the other");
            Assert.InRange(load.Allowed(one) + load.Allowed(two), Limit, 3 * Limit);
            return;
        }
    }

    private static async Task<double> FailuresAsync(ServiceProcess process)
    {
        const string Name = "data_pipeline_redis_failures";
        var metrics = await process.Http.GetStringAsync("/metrics", Stop);
        return metrics.Split('\n').Where(line => line.StartsWith(Name, StringComparison.Ordinal)).Sum(line => double.Parse(line.Split(' ')[1], CultureInfo.InvariantCulture));
    }

    private static async Task<HttpStatusCode> StatusAsync(ServiceProcess process, string key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/pipelines");
        request.Headers.Add("X-API-Key", key);
        using var answer = await process.Http.SendAsync(request, Stop);
        return answer.StatusCode;
    }

    private static Task<CreatedApiKey> CreateKeyAsync(TestDatabase database) => AdministerAsync(database, new CreateApiKey("acme", "revoked", null, 100_000, null));

    private static Task<Domain.ApiKeys.ApiKey> RevokeAsync(TestDatabase database, CreatedApiKey key) => AdministerAsync(database, new RevokeApiKey(key.Details.Prefix));

    /// <summary>As the command line does: in a process of its own, without Redis.</summary>
    private static async Task<T> AdministerAsync<T>(TestDatabase database, IRequest<Domain.Common.Result<T>> request)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(database.Settings).Build();
        await using var services = new ServiceCollection().AddLogging().AddSingleton<IConfiguration>(configuration).AddApplication().AddInfrastructure(configuration).BuildServiceProvider();
        await using var scope = services.CreateAsyncScope();
        return (await scope.ServiceProvider.GetRequiredService<IMediator>().Send(request, Stop)).Value;
    }

    private static async Task<string> DumpAsync(TestCircuit circuit)
    {
        var dump = "";
        foreach (var name in ((string[]?)await circuit.ExecuteAsync("KEYS", "*"))!)
        {
            dump += $"{name} {(name.StartsWith("datapipeline:cache:", StringComparison.Ordinal) ? await circuit.ExecuteAsync("GET", name) : "")}\n";
        }

        return dump;
    }

    /// <summary>Requests to several processes, some at once, until it is stopped. None of them may fail.</summary>
    private sealed class Load : IDisposable
    {
        private const int CallersPerProcess = 2;
        private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);
        private readonly CancellationTokenSource _stopping = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        private readonly List<Task<List<Request>>> _callers;
        private List<Request> _requests = [];

        internal Load(string owner, params ServiceProcess[] processes) =>
            _callers = [.. processes.SelectMany(process => Enumerable.Range(0, CallersPerProcess).Select(_ => Task.Run(() => CallAsync(process, ServiceProcess.Keys[owner]))))];

        internal TimeSpan Percentile99 => _requests.Select(request => request.Answered - request.Asked).Order().ElementAt(_requests.Count * 99 / 100);

        internal async Task StopAsync()
        {
            await _stopping.CancelAsync();
            _requests = [.. (await Task.WhenAll(_callers)).SelectMany(requests => requests)];
            Assert.All(_requests, request => Assert.True(request.Status is HttpStatusCode.OK or HttpStatusCode.TooManyRequests, $"{request.Status}"));
        }

        internal int Allowed(ServiceProcess process) => _requests.Count(request => request.Process == process && request.Status == HttpStatusCode.OK);

        /// <summary>That in no stretch of a window's length more than the limit got through <paramref name="process"/>, or through all of them.</summary>
        internal void AssertHeld(ServiceProcess? process, int limit, TimeSpan window)
        {
            var allowed = _requests.Where(request => request.Status == HttpStatusCode.OK && (process is null || request.Process == process)).OrderBy(request => request.Answered).ToList();
            Assert.NotEmpty(allowed);
            Assert.All(allowed, last => Assert.InRange(allowed.Count(other => other.Answered <= last.Answered && last.Answered - other.Asked < window), 0, limit));
        }

        public void Dispose() => _stopping.Dispose();

        private async Task<List<Request>> CallAsync(ServiceProcess process, string key)
        {
            var requests = new List<Request>();
            while (!_stopping.IsCancellationRequested)
            {
                var asked = Stopwatch.GetElapsedTime(0);
                var status = await StatusAsync(process, key);
                requests.Add(new Request(process, status, asked, Stopwatch.GetElapsedTime(0)));
                await Task.Delay(Pause, Stop);
            }

            return requests;
        }

        private sealed record Request(ServiceProcess Process, HttpStatusCode Status, TimeSpan Asked, TimeSpan Answered);
    }
}
