namespace DataPipeline.WebApi.IntegrationTests.Persistence;

/// <summary>A suite that every database must pass; each test finds its database empty.</summary>
public abstract class PersistenceTests(DatabaseKind kind, PersistenceFixture fixture) : IClassFixture<PersistenceFixture>, IAsyncLifetime
{
    private PersistenceHost? _host;

    private protected PersistenceHost Host => _host!;

    protected static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _host = await fixture.GetCleanAsync(kind);

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }
}

/// <summary>One database for the tests of a class, which run one after the other.</summary>
public sealed class PersistenceFixture : IAsyncDisposable
{
    private PersistenceHost? _host;

    public ValueTask DisposeAsync() => _host?.DisposeAsync() ?? ValueTask.CompletedTask;

    internal async Task<PersistenceHost> GetCleanAsync(DatabaseKind kind)
    {
        if (_host is null) return _host = await PersistenceHost.StartAsync(kind);
        await _host.CleanAsync();
        return _host;
    }
}
