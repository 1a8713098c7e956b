using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace DataPipeline.WebApi.IntegrationTests.Persistence;

public sealed class PostgresDatabaseTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task AConnectionThatBrokeBetweenTwoStatements_IsADatabaseOutOfReach()
    {
        await using var host = await PersistenceHost.StartAsync(DatabaseKind.Postgres);
        await using var db = host.Database.Open();
        await using var transaction = await db.Database.BeginTransactionAsync(Stop);
        var connection = (NpgsqlConnection)db.Database.GetDbConnection();
        await host.Database.WriteAsync("SELECT pg_terminate_backend({0})", [connection.ProcessID], Stop);
        var cut = await Assert.ThrowsAnyAsync<NpgsqlException>(() => db.Database.ExecuteSqlAsync($"SELECT 1", Stop));

        var closed = await Assert.ThrowsAsync<InvalidOperationException>(() => connection.BeginBinaryImportAsync("COPY batches FROM STDIN BINARY", Stop));

        Assert.True(host.Database.IsOutOfReach(cut), cut.ToString());
        Assert.True(host.Database.IsOutOfReach(closed), closed.ToString());
        Assert.False(host.Database.IsOutOfReach(new InvalidOperationException()));
    }
}
