using DataPipeline.Application.Observability;
using DataPipeline.Infrastructure.Redis;
using DataPipeline.WebApi.IntegrationTests.Persistence;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using StackExchange.Redis;

namespace DataPipeline.WebApi.IntegrationTests.Redis;

/// <summary>A circuit as a process has one. It is patient unless told otherwise: on a busy machine a test must not take a pause of its own for an outage.</summary>
internal sealed class TestCircuit : IAsyncDisposable
{
    private static readonly TimeSpan Patient = TimeSpan.FromSeconds(30);

    private readonly ServiceProvider _meters = new ServiceCollection().AddMetrics().AddSingleton<ServiceMetrics>().BuildServiceProvider();

    private TestCircuit(string connectionString, TimeSpan? patience)
    {
        Assert.True(RedisConnectionString.TryRead(connectionString, out var server));
        Circuit = new RedisCircuit(server, _meters.GetRequiredService<ServiceMetrics>(), TimeProvider.System, NullLogger<RedisCircuit>.Instance) { Patience = patience ?? Patient };
    }

    internal RedisCircuit Circuit { get; }

    /// <returns>One that has found Redis.</returns>
    internal static async Task<TestCircuit> StartAsync(string connectionString, TimeSpan? patience = null)
    {
        var circuit = new TestCircuit(connectionString, patience);
        await circuit.Circuit.StartAsync(TestContext.Current.CancellationToken);
        await circuit.FoundAsync();
        return circuit;
    }

    internal Task FoundAsync() => Eventually.TrueAsync(async () => await Circuit.AnswersAsync(TestContext.Current.CancellationToken), "Redis is found");

    internal async Task<RedisResult> ExecuteAsync(string command, params object[] arguments)
    {
        var (isAnswered, answer) = await Circuit.AskAsync(redis => redis.ExecuteAsync(command, arguments), TestContext.Current.CancellationToken);
        Assert.True(isAnswered);
        return answer!;
    }

    public async ValueTask DisposeAsync()
    {
        await Circuit.DisposeAsync();
        await _meters.DisposeAsync();
    }
}
