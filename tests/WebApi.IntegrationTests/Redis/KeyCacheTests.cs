using System.Security.Cryptography;
using DataPipeline.Application;
using DataPipeline.Application.ApiKeys;
using DataPipeline.Infrastructure;
using DataPipeline.Infrastructure.Persistence;
using DataPipeline.Infrastructure.Redis;
using DataPipeline.WebApi.IntegrationTests.Persistence;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace DataPipeline.WebApi.IntegrationTests.Redis;

/// <summary>The keys as two processes look them up that share a database and a Redis.</summary>
public sealed class KeyCacheTests : IAsyncLifetime
{
    private readonly List<ServiceProvider> _processes = [];
    private TestDatabase _database = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _database = await TestDatabase.CreateAsync(DatabaseKind.Sqlite);
        var settings = new Dictionary<string, string?>(_database.Settings) { ["ConnectionStrings:Redis"] = await TestRedis.GetAsync() };
        for (var i = 0; i < 2; i++)
        {
            var configuration = new ConfigurationBuilder().AddInMemoryCollection(settings).Build();
            var process = new ServiceCollection().AddLogging().AddSingleton<IConfiguration>(configuration).AddApplication().AddInfrastructure(configuration).BuildServiceProvider();
            _processes.Add(process);
            var circuit = process.GetRequiredService<RedisCircuit>();
            await circuit.StartAsync(Stop);
            await Eventually.TrueAsync(async () => await circuit.AnswersAsync(Stop), "Redis is found");
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var process in _processes) await process.DisposeAsync();
        await _database.DisposeAsync();
    }

    [Fact]
    public async Task WhatOneProcessLookedUp_TheOtherHasFromRedis_WithAllThatIsToBeKnownOfIt()
    {
        var hash = await CreateAsync();
        var known = await FindAsync(0, hash);
        await Eventually.TrueAsync(() => IsInRedisAsync(hash), "Redis has it");
        await RemoveKeysAsync();

        Assert.Equal((50, 2_000, false), (known!.RateLimit, known.RecordsLimit, known.IsRevoked));
        Assert.NotNull(known.Expires);
        Assert.Equal(known, await FindAsync(1, hash));
    }

    [Fact]
    public async Task AKeyThatIsNot_IsRememberedToo()
    {
        var hash = RandomNumberGenerator.GetBytes(32);
        Assert.Null(await FindAsync(0, hash));

        await Eventually.TrueAsync(() => IsInRedisAsync(hash), "Redis has it");

        Assert.Null(await FindAsync(1, hash));
    }

    [Fact]
    public async Task WhatIsRemembered_IsForgottenThreeSecondsAfterTheLookUp_InBothProcesses()
    {
        var hash = await CreateAsync();
        Assert.NotNull(await FindAsync(0, hash));
        await RemoveKeysAsync();
        var removed = TimeProvider.System.GetTimestamp();
        await Task.Delay(TimeSpan.FromSeconds(1), Stop);
        await FindAsync(1, hash);

        await Eventually.TrueAsync(async () => await FindAsync(0, hash) is null && await FindAsync(1, hash) is null, "it is forgotten");

        Assert.InRange(TimeProvider.System.GetElapsedTime(removed), TimeSpan.Zero, TimeSpan.FromSeconds(4));
    }

    private async Task<byte[]> CreateAsync()
    {
        await using var scope = _processes[0].CreateAsyncScope();
        var created = await scope.ServiceProvider.GetRequiredService<IMediator>().Send(new CreateApiKey("acme", "test", TimeSpan.FromDays(1), 50, 2_000), Stop);
        return created.Value.Details.Hash;
    }

    private ValueTask<ApiKeyEntry?> FindAsync(int process, byte[] hash) => _processes[process].GetRequiredService<IApiKeyDirectory>().FindAsync(hash, Stop);

    private async Task<bool> IsInRedisAsync(byte[] hash) =>
        (await _processes[0].GetRequiredService<RedisCircuit>().AskAsync(redis => redis.KeyExistsAsync($"datapipeline:cache:key:{Convert.ToHexString(hash)}"), Stop)).Answer;

    private async Task RemoveKeysAsync()
    {
        await using var db = _processes[0].GetRequiredService<Database>().Open();
        await db.ApiKeys.ExecuteDeleteAsync(Stop);
    }
}
