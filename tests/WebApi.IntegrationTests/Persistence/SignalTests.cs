using System.Diagnostics;
using DataPipeline.Application.Batches;
using DataPipeline.Infrastructure.Persistence;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;

namespace DataPipeline.WebApi.IntegrationTests.Persistence;

public sealed class SqliteSignalTests() : SignalTests(DatabaseKind.Sqlite);

public sealed class PostgresSignalTests() : SignalTests(DatabaseKind.Postgres)
{
    [Fact]
    public async Task Signals_ReachAnotherProcess_AlsoAfterItsConnectionBroke()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseKind.Postgres);
        await using var here = await StartAsync(database);
        await using var there = await StartAsync(database);
        await AssertHeardAsync(here, there);

        await using (var connection = new NpgsqlConnection(database.ConnectionString))
        {
            await connection.OpenAsync(Stop);
            await using var kill = new NpgsqlCommand("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'", connection);
            await kill.ExecuteNonQueryAsync(Stop);
        }

        await AssertHeardAsync(here, there);
        await StopAsync(here, there);
    }

    private static async Task AssertHeardAsync(ServiceProvider here, ServiceProvider there)
    {
        var batchId = here.GetRequiredService<Domain.Common.IIdGenerator>().NewId();
        var heardWork = RepeatUntilAsync(() => here.GetRequiredService<IBatchSignals>().WorkArrived(), there.GetRequiredService<IBatchSignals>().WaitForWorkAsync(Patience, Stop));
        var heardEnd = RepeatUntilAsync(() => here.GetRequiredService<IBatchSignals>().BatchEnded(batchId), there.GetRequiredService<IBatchSignals>().WaitForEndAsync(batchId, Patience, Stop));
        await Task.WhenAll(heardWork, heardEnd);
    }

    /// <summary>A signal may be lost while the connection is made, so it is given until it is heard.</summary>
    private static async Task RepeatUntilAsync(Action signal, Task heard)
    {
        var watch = Stopwatch.StartNew();
        while (!heard.IsCompleted)
        {
            signal();
            Assert.True(watch.Elapsed < Patience / 2, "The signal was not heard.");
            await Task.WhenAny(heard, Task.Delay(100, Stop));
        }
    }
}

public abstract class SignalTests(DatabaseKind kind)
{
    protected static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(50);

    protected static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task WaitForWork_ReturnsAtOnce_WhereWorkArrivedSinceTheLastCall()
    {
        await WithSignalsAsync(async signals =>
        {
            signals.WorkArrived();
            signals.WorkArrived();

            await signals.WaitForWorkAsync(Patience, Stop).WaitAsync(Patience / 3, Stop);

            // The database tells every process, this one too: its echo may wake once more, but not for ever.
            var deadline = Stopwatch.StartNew();
            for (var waited = TimeSpan.Zero; waited < Moment / 2;)
            {
                Assert.True(deadline.Elapsed < Patience / 3, "Every call returns at once, though no work arrives.");
                var watch = Stopwatch.StartNew();
                await signals.WaitForWorkAsync(Moment, Stop);
                waited = watch.Elapsed;
            }
        });
    }

    [Fact]
    public async Task WaitForEnd_EndsForAllWhoWait_AndForNobodyElse()
    {
        await WithSignalsAsync(async signals =>
        {
            var (ended, other) = (Guid.Parse("0197f0a0-0000-7000-8000-000000000001"), Guid.Parse("0197f0a0-0000-7000-8000-000000000002"));
            var waiting = new[] { signals.WaitForEndAsync(ended, Patience, Stop), signals.WaitForEndAsync(ended, Patience, Stop) };
            var stillWaiting = signals.WaitForEndAsync(other, Patience, Stop);
            await signals.WaitForEndAsync(ended, Moment, Stop);

            signals.BatchEnded(ended);

            await Task.WhenAll(waiting).WaitAsync(Patience / 3, Stop);
            Assert.False(stillWaiting.IsCompleted);
            signals.BatchEnded(other);
            await stillWaiting.WaitAsync(Patience / 3, Stop);
        });
    }

    [Fact]
    public async Task Waiting_CanBeCancelled()
    {
        await WithSignalsAsync(async signals =>
        {
            using var cancelled = new CancellationTokenSource();
            var work = signals.WaitForWorkAsync(Patience, cancelled.Token);
            var end = signals.WaitForEndAsync(Guid.Empty, Patience, cancelled.Token);
            await cancelled.CancelAsync();

            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => work);
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => end);
        });
    }

    protected static async Task<ServiceProvider> StartAsync(TestDatabase database)
    {
        var services = new ServiceCollection().AddLogging().AddPersistence(new ConfigurationBuilder().AddInMemoryCollection(database.Settings).Build()).BuildServiceProvider();
        foreach (var service in services.GetServices<IHostedService>()) await service.StartAsync(Stop);
        return services;
    }

    protected static async Task StopAsync(params ServiceProvider[] running)
    {
        foreach (var service in running.SelectMany(r => r.GetServices<IHostedService>())) await service.StopAsync(Stop);
    }

    private async Task WithSignalsAsync(Func<IBatchSignals, Task> use)
    {
        await using var database = await TestDatabase.CreateAsync(kind);
        await using var services = await StartAsync(database);
        await use(services.GetRequiredService<IBatchSignals>());
        await StopAsync(services);
    }
}
