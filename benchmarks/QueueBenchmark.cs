using System.Globalization;
using System.Text.Json;
using DataPipeline.Infrastructure.Persistence.Queue;
using Npgsql;

namespace DataPipeline.Benchmarks;

/// <summary>What thousands of chunks leave behind on PostgreSQL, in a table whose rows live for a moment: what it takes up, and what it costs to look for work in it, before and after vacuum.</summary>
internal static class QueueBenchmark
{
    private const int Rounds = 10;
    private const int BatchesPerRound = 10;
    private const int ChunksPerBatch = 100;
    private const int ChunkRecords = 10;

    internal static async Task RunAsync(BenchmarkDatabase database)
    {
        using var owned = database;
        using var service = await ServiceProcess.StartAsync(database, ("Worker__ChunkRecords", ChunkRecords.ToString(CultureInfo.InvariantCulture)));
        var pipeline = await service.CreatePipelineAsync();
        var body = Orders.AsNdJson(0, ChunksPerBatch * ChunkRecords);
        await using var source = NpgsqlDataSource.Create(database.ConnectionString);

        await PrintAsync("at first", source);
        for (var round = 1; round <= Rounds; round++)
        {
            for (var i = 0; i < BatchesPerRound; i++) await service.SubmitAsync(pipeline, body);
            await PrintAsync($"after {round * BatchesPerRound * ChunksPerBatch:N0} chunks", source);
        }

        await using (var vacuum = source.CreateCommand("VACUUM ANALYZE batch_chunks")) await vacuum.ExecuteNonQueryAsync();
        await PrintAsync("after vacuum", source);
    }

    private static async Task PrintAsync(string when, NpgsqlDataSource source)
    {
        var pages = await ClaimPagesAsync(source);
        await using var size = source.CreateCommand("SELECT pg_relation_size('batch_chunks') >> 10, pg_indexes_size('batch_chunks') >> 10, pg_total_relation_size('batch_chunks') >> 10, n_dead_tup, autovacuum_count FROM pg_stat_user_tables WHERE relname = 'batch_chunks'");
        await using var row = await size.ExecuteReaderAsync();
        await row.ReadAsync();
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{when}: a claim touches {pages} pages; table {row.GetInt64(0):N0} KiB, indexes {row.GetInt64(1):N0} KiB, all {row.GetInt64(2):N0} KiB; {row.GetInt64(3):N0} dead rows, autovacuum came {row.GetInt64(4)} times"));
    }

    /// <summary>The statement is undone.</summary>
    private static async Task<long> ClaimPagesAsync(NpgsqlDataSource source)
    {
        await using var connection = await source.OpenConnectionAsync();
        await using var undone = await connection.BeginTransactionAsync();
        await using var claim = new NpgsqlCommand($"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {PostgresBatchQueue.Claim}", connection, undone);
        foreach (var value in (object[])["benchmark", 10, TimeSpan.FromSeconds(30), DateTimeOffset.UnixEpoch, Array.Empty<Guid>(), Array.Empty<string>()]) claim.Parameters.Add(new NpgsqlParameter { Value = value });
        var plan = JsonElement.Parse((string)(await claim.ExecuteScalarAsync())!)[0].GetProperty("Plan");
        return plan.GetProperty("Shared Hit Blocks").GetInt64() + plan.GetProperty("Shared Read Blocks").GetInt64();
    }
}
