using System.Globalization;
using DataPipeline.WebApi.IntegrationTests.Faults;
using DataPipeline.WebApi.IntegrationTests.Persistence;
using Npgsql;

namespace DataPipeline.WebApi.IntegrationTests.Retention;

/// <summary>What the queue takes up when its work is done: chunks come and go by the thousand in tables that never grow old.</summary>
[Collection(nameof(Alone))]
public sealed class QueueRoomTests
{
    private const int Batches = 10;
    private const int ChunksPerBatch = 1_000;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [LongFact]
    public async Task TenThousandChunks_LeaveNothingBehindThatVacuumDoesNotGiveBack()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseKind.Postgres);
        await using var source = NpgsqlDataSource.Create(database.ConnectionString);
        await using var service = await ServiceProcess.StartAsync(database, ("Worker:ChunkRecords", "1"), ("Worker:Concurrency", "8"));
        var pipeline = await service.CreatePipelineAsync("acme");

        var submitted = new List<Guid>();
        for (var i = 0; i < Batches; i++) submitted.Add(await service.SubmitAsync("acme", pipeline, ChunksPerBatch));
        await Eventually.TrueAsync(() => Task.FromResult(service.CommittedChunks().Count >= Batches * ChunksPerBatch), "all chunks are committed", seconds: 180);
        await StoredBatches.AssertEachRecordOnceAsync(database, submitted);
        service.Kill(); // Vacuum leaves alone what an open transaction might still see.

        Assert.Equal(0, await AskAsync(source, "SELECT count(*) FROM batch_chunks"));
        await AskAsync(source, "VACUUM batch_chunks");
        Assert.Equal(0, await AskAsync(source, "SELECT pg_relation_size('batch_chunks')"));
    }

    private static async Task<long> AskAsync(NpgsqlDataSource source, string sql)
    {
        await using var command = source.CreateCommand(sql);
        return Convert.ToInt64(await command.ExecuteScalarAsync(Stop), CultureInfo.InvariantCulture);
    }
}
