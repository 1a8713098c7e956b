using DataPipeline.Application.ApiKeys;
using DataPipeline.WebApi.IntegrationTests.Persistence;
using MediatR;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;

namespace DataPipeline.WebApi.IntegrationTests.Api;

/// <summary>The whole service on a database of its own. Tests share it, each as an owner of its own.</summary>
public abstract class ApiFixture(DatabaseKind kind, bool works = true) : IAsyncLifetime
{
    private static int _owners;
    private TestDatabase _database = null!;
    private WebApplicationFactory<Program> _factory = null!;

    public IServiceProvider Services => _factory.Services;

    public DatabaseKind Kind => kind;

    public IReadOnlyDictionary<string, string?> DatabaseSettings => _database.Settings;

    public async ValueTask InitializeAsync()
    {
        _database = await TestDatabase.CreateAsync(kind);
        _factory = Configure(new WebApplicationFactory<Program>(), works ? [] : new() { ["Worker:Enabled"] = "false" });
    }

    public async ValueTask DisposeAsync()
    {
        await _factory.DisposeAsync();
        await _database.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>Another process of the service on the same database.</summary>
    public WebApplicationFactory<Program> Another(Dictionary<string, string> settings, Action<IServiceCollection>? services = null) =>
        Configure(new WebApplicationFactory<Program>(), settings, services);

    /// <summary>A new owner with a key.</summary>
    public Task<ApiClient> NewOwner() => NewOwner(_factory);

    public static async Task<ApiClient> NewOwner(WebApplicationFactory<Program> factory, int? rateLimit = null, TimeSpan? lifetime = null, int? recordsLimit = null) =>
        new(factory.CreateClient(), (await NewKey(factory.Services, $"owner-{Interlocked.Increment(ref _owners)}", rateLimit, lifetime, recordsLimit)).Key);

    /// <summary>For what <see cref="ApiClient"/> does not do.</summary>
    public HttpClient Http() => _factory.CreateClient();

    public ApiClient With(string? key) => new(_factory.CreateClient(), key);

    public static async Task<CreatedApiKey> NewKey(IServiceProvider services, string owner, int? rateLimit = null, TimeSpan? lifetime = null, int? recordsLimit = null)
    {
        await using var scope = services.CreateAsyncScope();
        return (await scope.ServiceProvider.GetRequiredService<IMediator>().Send(new CreateApiKey(owner, "test", lifetime, rateLimit, recordsLimit))).Value;
    }

    private WebApplicationFactory<Program> Configure(WebApplicationFactory<Program> factory, Dictionary<string, string> settings, Action<IServiceCollection>? services = null) => factory.WithWebHostBuilder(host =>
    {
        host.UseEnvironment("Production");
        host.UseSetting("Api:DrainSeconds", "0");
        host.UseSetting("RateLimiting:PermitLimit", "100000");
        foreach (var category in (string[])["Default", "Microsoft", "System", "Microsoft.Hosting.Lifetime"]) host.UseSetting($"Logging:LogLevel:{category}", "None");
        foreach (var (name, value) in _database.Settings) host.UseSetting(name, value);
        foreach (var (name, value) in settings) host.UseSetting(name, value);
        if (services is not null) host.ConfigureTestServices(services);
    });
}

public sealed class SqliteApi() : ApiFixture(DatabaseKind.Sqlite);

public sealed class PostgresApi() : ApiFixture(DatabaseKind.Postgres);

/// <summary>Runs no batches, unless a test starts another process.</summary>
public sealed class IdleSqliteApi() : ApiFixture(DatabaseKind.Sqlite, works: false);

/// <summary>Runs no batches, unless a test starts another process.</summary>
public sealed class IdlePostgresApi() : ApiFixture(DatabaseKind.Postgres, works: false);
