using DataPipeline.Application.Common;
using DataPipeline.Application.Observability;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;
using IRedisDatabase = StackExchange.Redis.IDatabase;

namespace DataPipeline.Infrastructure.Redis;

/// <summary>
/// The way to Redis: a short time-out on every call, and a circuit breaker around them (M. Nygard, Release It!). After a few failures in a row
/// the circuit is open, and calls are answered at once with nothing. While it is open, a trial in the background looks for Redis,
/// so that no request pays for finding out; when one succeeds the circuit is closed. It is open until Redis is first found. Thread-safe.
/// </summary>
internal sealed class RedisCircuit(ConfigurationOptions server, ServiceMetrics metrics, TimeProvider clock, ILogger<RedisCircuit> logger) : IRedisHealth, IHostedService, IAsyncDisposable
{
    /// <summary>Before the name of everything the service keeps in Redis.</summary>
    internal const string Prefix = "datapipeline:";

    private static readonly TimeSpan DefaultPatience = TimeSpan.FromMilliseconds(50);
    private const int FailuresToOpen = 3;
    private static readonly TimeSpan TrialPause = TimeSpan.FromMilliseconds(500);

    private readonly CancellationTokenSource _stopping = new();
    private ConnectionMultiplexer? _connection;

    /// <summary>Whom to ask; <c>null</c> while the circuit is open.</summary>
    private volatile IRedisDatabase? _closed;

    private Task _search = Task.CompletedTask;
    private int _failures;

    /// <summary>How long an answer is waited for.</summary>
    internal TimeSpan Patience { get; init; } = DefaultPatience;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        metrics.RedisIsAvailable = () => _closed is not null;
        Search(isKnownAway: false);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async ValueTask<bool> AnswersAsync(CancellationToken ct) => (await AskAsync(TryOutAsync, ct)).IsAnswered;

    /// <returns>What Redis answered; nothing where it is away, did not answer in time, or refused.</returns>
    internal async ValueTask<(bool IsAnswered, T? Answer)> AskAsync<T>(Func<IRedisDatabase, Task<T>> question, CancellationToken ct)
    {
        if (_closed is not { } redis) return default;
        try
        {
            var answer = await InTimeAsync(question(redis), ct);
            Volatile.Write(ref _failures, 0);
            return (true, answer);
        }
        catch (Exception failure) when (IsRedis(failure))
        {
            metrics.RedisFailed();
            if (Interlocked.Increment(ref _failures) >= FailuresToOpen && Interlocked.Exchange(ref _closed, null) is not null)
            {
                RedisLog.Away(logger, failure);
                Search(isKnownAway: true);
            }

            return default;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_stopping.IsCancellationRequested) return; // It is registered by several names, and disposed of by each.
        await _stopping.CancelAsync();
        await _search;
        _closed = null;
        if (_connection is not null)
        {
            await _connection.CloseAsync(allowCommandsToComplete: false);
            await _connection.DisposeAsync();
        }

        _stopping.Dispose();
    }

    private void Search(bool isKnownAway)
    {
        // Not as a part of the request that happened to notice: its log scope and its trace end with it.
        using (ExecutionContext.SuppressFlow()) _search = Task.Run(() => SearchAsync(isKnownAway));
    }

    private async Task SearchAsync(bool isKnownAway)
    {
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                _connection ??= await ConnectionMultiplexer.ConnectAsync(server);
                var redis = _connection.GetDatabase();
                await InTimeAsync(TryOutAsync(redis), _stopping.Token);
                _failures = 0;
                _closed = redis;
                RedisLog.Found(logger);
                return;
            }
            catch (Exception failure) when (!_stopping.IsCancellationRequested)
            {
                if (!isKnownAway) RedisLog.Away(logger, failure);
                isKnownAway = true;
            }
            catch (Exception) when (_stopping.IsCancellationRequested)
            {
                return; // Shutdown: nobody needs Redis any more.
            }

            await Task.Delay(TrialPause, clock, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Does what the service needs of Redis: runs a script that writes. One that only answers may be a replica, full, or not let us.</summary>
    private static Task<RedisResult> TryOutAsync(IRedisDatabase redis) => redis.ScriptEvaluateAsync("return redis.call('SET', KEYS[1], '', 'PX', 1000)", [Prefix + "trial"]);

    private async Task<T> InTimeAsync<T>(Task<T> answer, CancellationToken ct)
    {
        try
        {
            return await answer.WaitAsync(Patience, clock, ct);
        }
        finally
        {
            // What comes after its time is of no interest, and must not pass for a failure that nobody looked at.
            if (!answer.IsCompletedSuccessfully) _ = answer.ContinueWith(late => late.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
        }
    }

    private static bool IsRedis(Exception failure) => failure is RedisException or RedisCommandException or TimeoutException or ObjectDisposedException;
}
