using System.Data.Common;
using DataPipeline.Application.ApiKeys;
using DataPipeline.Application.Batches;
using DataPipeline.Domain.Common;
using DataPipeline.Infrastructure.Persistence.Postgres;
using DataPipeline.Infrastructure.Persistence.Sqlite;
using DataPipeline.WebApi.IntegrationTests.Api;
using DataPipeline.WebApi.IntegrationTests.Persistence;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;

namespace DataPipeline.WebApi.IntegrationTests.Events;

/// <summary>A process of the service behind a real socket. It runs no batches: the test does, chunk by chunk.</summary>
internal sealed class EventService : IAsyncDisposable
{
    private readonly WebApplicationFactory<Program> _factory;

    internal EventService(ApiFixture app, params (string Name, string Value)[] settings)
    {
        var all = new Dictionary<string, string> { ["Worker:Enabled"] = "false", ["Worker:ChunkRecords"] = "10", ["urls"] = "http://127.0.0.1:0" };
        foreach (var (name, value) in settings) all[name] = value;
        _factory = app.Another(all, services => services
            .ConfigureDbContext<PostgresAppDbContext>(options => options.AddInterceptors(Queries))
            .ConfigureDbContext<SqliteAppDbContext>(options => options.AddInterceptors(Queries)));
        _factory.UseKestrel();
        _factory.StartServer();
        Http = _factory.CreateClient();
    }

    internal HttpClient Http { get; }

    internal QueryCounter Queries { get; } = new();

    internal IServiceProvider Services => _factory.Services;

    private IBatchQueue Queue => Services.GetRequiredService<IBatchQueue>();

    public ValueTask DisposeAsync() => _factory.DisposeAsync();

    internal async Task<(ApiClient Client, CreatedApiKey Key)> NewOwner(string? name = null)
    {
        var key = await ApiFixture.NewKey(Services, name ?? $"watcher-{Services.GetRequiredService<IIdGenerator>().NewId():N}");
        return (new ApiClient(Http, key.Key), key);
    }

    internal Task<EventReader> Open(ApiClient client, string path, string? lastEventId = null) => EventReader.OpenAsync(Http, client.Key!, $"{path}/events", lastEventId);

    /// <summary>All chunks that are ready, in hand.</summary>
    internal Task<IReadOnlyList<ChunkLease>> Claim() => Queue.ClaimAsync("w", 1_000, PersistenceHost.Lease, TestContext.Current.CancellationToken);

    internal Task Commit(ChunkLease chunk) => Queue.CommitAsync(chunk, PersistenceHost.ResultOf(chunk), TestContext.Current.CancellationToken);

    internal async Task RunAll()
    {
        foreach (var chunk in await Claim()) await Commit(chunk);
    }

    /// <summary>Records enough for three chunks.</summary>
    internal static string Records => "[" + string.Join(',', Enumerable.Range(0, 30).Select(i => $$"""{"n":{{i}}}""")) + "]";
}

/// <summary>Counts what the service asks the database, and lets it fail.</summary>
internal sealed class QueryCounter : DbCommandInterceptor
{
    private int _count;

    internal int Count => Volatile.Read(ref _count);

    internal bool Fails { get; set; }

    public override ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result, CancellationToken cancellationToken = default)
    {
        Interlocked.Increment(ref _count);
        return Fails ? throw new TimeoutException("The database is away.") : ValueTask.FromResult(result);
    }
}
