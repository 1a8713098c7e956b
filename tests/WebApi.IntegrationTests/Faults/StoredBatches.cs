using DataPipeline.Domain.Batches;
using DataPipeline.Infrastructure.Persistence;
using DataPipeline.WebApi.IntegrationTests.Persistence;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace DataPipeline.WebApi.IntegrationTests.Faults;

/// <summary>What the database holds, looked at past the service.</summary>
internal sealed class StoredBatches : IAsyncDisposable
{
    private readonly ServiceProvider _services;

    private StoredBatches(ServiceProvider services) => (_services, Db) = (services, services.GetRequiredService<Database>().Open());

    internal AppDbContext Db { get; }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    internal static StoredBatches Of(TestDatabase database) =>
        new(new ServiceCollection().AddLogging().AddPersistence(new ConfigurationBuilder().AddInMemoryCollection(database.Settings).Build()).BuildServiceProvider());

    /// <summary>The chunks that <paramref name="process"/> has a lease on.</summary>
    internal async Task<IReadOnlyList<long>> InHandAsync(ServiceProcess process) => await Db.BatchChunks.Where(c => c.LeaseOwner != null && c.LeaseOwner == process.Worker).Select(c => c.Id).ToListAsync(Stop);

    /// <summary>Waits for the end of every batch, and holds what is stored of it against what was submitted: each record once, and those that are none as failures.</summary>
    internal static async Task AssertEachRecordOnceAsync(TestDatabase database, IReadOnlyCollection<Guid> acknowledged)
    {
        await using var stored = Of(database);
        var db = stored.Db;
        await Eventually.TrueAsync(async () => !await db.Batches.AnyAsync(b => b.Status == BatchStatus.Pending || b.Status == BatchStatus.Processing, Stop), "every batch has ended", seconds: 60);
        var batches = await db.Batches.AsNoTracking().ToListAsync(Stop);
        Assert.Empty(acknowledged.Except(batches.Select(b => b.Id)));
        foreach (var batch in batches)
        {
            var delivered = await db.DeliveredRecords.Where(r => r.BatchId == batch.Id).Select(r => r.RecordIndex).ToListAsync(Stop);
            var failed = await db.BatchErrors.Where(e => e.BatchId == batch.Id).Select(e => e.RecordIndex).ToListAsync(Stop);
            Assert.Equal((BatchStatus.Completed, batch.RecordCount, delivered.Count, failed.Count), (batch.Status, batch.ProcessedCount, batch.DeliveredCount, batch.FailedCount));
            Assert.Equal(Enumerable.Range(0, batch.RecordCount), delivered.Concat(failed).Order());
            Assert.All(failed, index => Assert.Equal(99, index % 100));
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Db.DisposeAsync();
        await _services.DisposeAsync();
    }
}
