using System.Diagnostics;
using System.Globalization;
using DataPipeline.Application.Batches;
using DataPipeline.Infrastructure.Persistence;
using DataPipeline.Infrastructure.Persistence.Queue;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace DataPipeline.Benchmarks;

/// <summary>Chunks claimed a second on PostgreSQL, against the plain statement that takes one row of the same table; and what thousands of rows cost that are not to be claimed, or not yet.</summary>
internal static class ClaimBenchmark
{
    private const int Chunks = 2_000;
    private const int Others = 10_000;
    private const int Owners = 1_000;
    private const int ChunkRecords = 10;
    private const int Runs = 5;
    private static readonly TimeSpan Lease = TimeSpan.FromMinutes(10);

    private const string Plain = """
        UPDATE batch_chunks SET lease_owner = $1, lease_until = now() + $2 WHERE id = (SELECT id FROM batch_chunks WHERE lease_owner IS NULL ORDER BY round, id LIMIT 1 FOR UPDATE SKIP LOCKED)
        RETURNING id, batch_id, payload
        """;

    internal static async Task RunAsync(BenchmarkDatabase database)
    {
        using var owned = database;
        using var service = await ServiceProcess.StartAsync(database, ("Worker__Enabled", "false"), ("Worker__ChunkRecords", ChunkRecords.ToString(CultureInfo.InvariantCulture)));
        await using var services = new ServiceCollection().AddLogging()
            .AddPersistence(new ConfigurationBuilder().AddInMemoryCollection([new("ConnectionStrings:Postgres", database.ConnectionString)]).Build()).BuildServiceProvider();
        var table = new Table(services.GetRequiredService<IBatchQueue>(), NpgsqlDataSource.Create(database.ConnectionString));
        await using var source = table.Source;

        await service.AcceptAsync(await service.CreatePipelineAsync(), Orders.AsNdJson(0, Chunks * ChunkRecords));
        await table.ExecuteAsync("CREATE TABLE saved AS SELECT * FROM batch_chunks; CREATE TABLE others AS SELECT * FROM batch_chunks WHERE false");
        foreach (var workers in (int[])[1, 4, 8]) await CompareAsync(table, "nothing else waits", workers);
        await CompareAsync(table, "nothing else waits", 1, max: 8);

        var other = await service.CreatePipelineAsync("others");
        var id = Guid.Parse(other.Split('/')[^1]);
        await service.AcceptAsync(other, Orders.AsNdJson(0, Others * ChunkRecords));
        await table.ExecuteAsync("INSERT INTO others SELECT * FROM batch_chunks WHERE id NOT IN (SELECT id FROM saved)");
        await table.ExecuteAsync($"UPDATE others SET owner_id = 'owner ' || ordinal % {Owners}, round = ordinal / {Owners}");
        await CompareAsync(table, $"{Owners:N0} other owners have {Others / Owners} chunks each waiting", 4);

        await table.ExecuteAsync("UPDATE others SET owner_id = 'other', round = ordinal");
        await CompareAsync(table, $"{Others:N0} chunks of an owner who has enough in hand wait in turn", 4, new ClaimExceptions([id], []));

        using (var stopped = await service.Http.PostAsync($"{other}/stop", null)) stopped.EnsureSuccessStatusCode();
        await table.ExecuteAsync($"UPDATE others SET round = {Rounds.Held} + ordinal");
        await CompareAsync(table, $"{Others:N0} chunks of a paused pipeline wait", 4);
    }

    private static async Task CompareAsync(Table table, string besides, int workers, ClaimExceptions? except = null, int max = 1)
    {
        var (claimed, plain) = (new List<double>(), new List<double>());
        for (var run = -1; run < Runs; run++)
        {
            var speeds = (await PerSecondAsync(table, workers, worker => table.ClaimAsync(worker, max, except ?? ClaimExceptions.None)), await PerSecondAsync(table, workers, table.TakePlainlyAsync));
            if (run < 0) continue; // It warms up.
            claimed.Add(speeds.Item1);
            plain.Add(speeds.Item2);
        }

        var ratios = claimed.Zip(plain, (one, other) => one / other).ToList();
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{workers} at once, {max} a claim, {besides}: {claimed.Median():N0} chunks/s, {ratios.Median():F2} of the plain statement's {plain.Median():N0} ({ratios.Min():F2} to {ratios.Max():F2})"));
    }

    private static async Task<double> PerSecondAsync(Table table, int workers, Func<string, Task<int>> takeAsync)
    {
        await table.RestoreAsync();
        var taken = 0;
        var start = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, workers).Select(i => Task.Run(async () =>
        {
            var worker = string.Create(CultureInfo.InvariantCulture, $"worker {i}");
            while (Volatile.Read(ref taken) < Chunks)
            {
                if (await takeAsync(worker) is not (> 0 and var count)) break;
                Interlocked.Add(ref taken, count);
            }
        })));
        if (taken < Chunks) throw new InvalidOperationException($"Only {taken} chunks were to be had.");
        return taken / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private sealed class Table(IBatchQueue queue, NpgsqlDataSource source)
    {
        internal NpgsqlDataSource Source => source;

        internal async Task<int> ClaimAsync(string worker, int max, ClaimExceptions except) => (await queue.ClaimAsync(worker, max, Lease, except, CancellationToken.None)).Count;

        internal async Task<int> TakePlainlyAsync(string worker)
        {
            await using var command = source.CreateCommand(Plain);
            command.Parameters.Add(new NpgsqlParameter { Value = worker });
            command.Parameters.Add(new NpgsqlParameter { Value = Lease });
            await using var row = await command.ExecuteReaderAsync();
            if (!await row.ReadAsync()) return 0;
            await row.GetFieldValueAsync<byte[]>(2);
            return 1;
        }

        /// <summary>All chunks wait as they did at first, in a table without dead rows.</summary>
        internal async Task RestoreAsync()
        {
            await ExecuteAsync("TRUNCATE batch_chunks");
            await ExecuteAsync("INSERT INTO batch_chunks SELECT * FROM saved UNION ALL SELECT * FROM others");
            await ExecuteAsync("UPDATE batches SET status = 'pending', started_at = NULL");
            await ExecuteAsync("VACUUM ANALYZE batch_chunks, batches");
        }

        internal async Task ExecuteAsync(string sql)
        {
            await using var command = source.CreateCommand(sql);
            await command.ExecuteNonQueryAsync();
        }
    }
}
