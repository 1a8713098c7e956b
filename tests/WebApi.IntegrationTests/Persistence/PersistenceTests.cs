namespace DataPipeline.WebApi.IntegrationTests.Persistence;

/// <summary>A suite that every database must pass; each test has a database of its own.</summary>
public abstract class PersistenceTests(DatabaseKind kind) : IAsyncLifetime
{
    private PersistenceHost? _host;

    private protected PersistenceHost Host => _host!;

    protected static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _host = await PersistenceHost.StartAsync(kind);

    public async ValueTask DisposeAsync()
    {
        if (_host is not null) await _host.DisposeAsync();
        GC.SuppressFinalize(this);
    }
}
