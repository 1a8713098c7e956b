using System.Diagnostics;
using System.Globalization;
using Npgsql;

namespace DataPipeline.Benchmarks.Soak;

/// <summary>
/// An installation of three processes on PostgreSQL and Redis under a mixed, paced load: whether what it takes up stays as it is, whether every record that was accepted is delivered or
/// accounted for exactly once, and whether no request fails. On Linux.
/// </summary>
internal static class SoakTest
{
    private const int Seed = 20_261;
    private const int Owners = 3;

    /// <summary>Ten times as often as usual, so that what vacuum leaves behind can be told from what waits for it in minutes.</summary>
    private const string VacuumOften = "autovacuum_naptime=6s";
    private static readonly TimeSpan SampleInterval = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan AgeingInterval = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan ReportInterval = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan StopTime = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Retention counts in days, which there are none of here: what nobody asks for any more is made a hundred days older. What is counted by the minute, and versions of pipelines, once they are
    /// minutes old.
    /// </summary>
    private static readonly string[] AgeBatches =
    [
        "UPDATE batches SET completed_at = completed_at - interval '100 days' WHERE id = ANY ($1)",
        "UPDATE idempotency_keys SET expires_at = expires_at - interval '100 days' WHERE batch_id = ANY ($1)",
    ];

    private const string AgeCounts = """
        UPDATE metric_buckets SET started_at = started_at - interval '100 days' WHERE started_at BETWEEN now() - interval '1 day' AND now() - interval '2 minutes';
        UPDATE pipeline_versions SET created_at = created_at - interval '100 days' WHERE created_at BETWEEN now() - interval '1 day' AND now() - interval '1 minute';
        """;

    /// <param name="length">For how long there is load; what is under way then is waited for.</param>
    /// <param name="samples">The file that all samples are written to, as CSV; <c>null</c> for none.</param>
    /// <returns>Whether all of it held.</returns>
    internal static async Task<bool> RunAsync(TimeSpan length, string? samples)
    {
        var folder = Directory.CreateTempSubdirectory("datapipeline-soak-").FullName;
        try
        {
            return await RunAsync(length, samples, folder);
        }
        finally
        {
            Directory.Delete(folder, true);
        }
    }

    private static async Task<bool> RunAsync(TimeSpan length, string? samples, string folder)
    {
        using var database = await BenchmarkDatabase.PostgresAsync(VacuumOften);
        using var redis = await BenchmarkRedis.StartAsync();
        await using var receiver = await SoakReceiver.StartAsync();
        await using var source = NpgsqlDataSource.Create(database.ConnectionString);
        var files = Directory.CreateDirectory(Path.Combine(folder, "files")).FullName;
        var ledger = new SoakLedger();
        using var log = new ErrorLog(ledger);

        using var both = await StartAsync("api-and-worker", true, true);
        using var api = await StartAsync("api", true, false);
        using var worker = await StartAsync("worker", false, true);
        (string Name, ServiceProcess Process, string Temporary)[] processes = [("api and worker", both, Temporary("api-and-worker")), ("api", api, Temporary("api")), ("worker", worker, Temporary("worker"))];
        var owners = new List<SoakOwner>();
        foreach (var name in Enumerable.Range(1, Owners).Select(i => string.Create(CultureInfo.InvariantCulture, $"owner-{i}")))
            owners.Add(new SoakOwner(name, await ServiceProcess.CreateKeyAsync(database, name), [both.Http.BaseAddress!, api.Http.BaseAddress!]));

        var sampler = new SoakSampler(processes, source, files);
        using var traffic = new SoakTraffic(owners, receiver, files, ledger, Seed);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Seed {Seed}, for {length.TotalMinutes:F0} minutes."));
        using (var enough = new CancellationTokenSource(length))
        using (var drained = new CancellationTokenSource())
        {
            var (start, busy) = (Stopwatch.GetTimestamp(), await BusySecondsAsync());
            Task[] others =
            [
                RepeatAsync("sample", SampleInterval, sampler.SampleAsync, ledger, enough.Token),
                RepeatAsync("ageing", AgeingInterval, () => AgeAsync(source, ledger), ledger, drained.Token),
                RepeatAsync("progress", ReportInterval, () => ReportProgressAsync(ledger), ledger, enough.Token),
            ];
            await traffic.RunAsync(enough.Token);
            await drained.CancelAsync();
            await Task.WhenAll(others);
            var time = Stopwatch.GetElapsedTime(start).TotalSeconds * Environment.ProcessorCount;
            var (all, own) = ((await BusySecondsAsync() - busy) / time, processes.Where(process => !process.Process.HasExited).Sum(process => process.Process.ProcessorTime.TotalSeconds) / time);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"The processors were busy for {all:P0} of the time, for {own:P0} with the service."));
        }

        foreach (var owner in owners) owner.Dispose();
        await using (var left = source.CreateCommand("SELECT (SELECT count(*) FROM batch_chunks) + (SELECT count(*) FROM batches WHERE status IN ('pending', 'processing'))"))
        {
            if ((long)(await left.ExecuteScalarAsync())! is > 0 and var rows) ledger.Fault($"{rows} chunks and unfinished batches are left.");
        }

        foreach (var (name, process, _) in processes)
        {
            if (await process.StopAsync(StopTime) is not 0 and var code) ledger.Fault($"The process \"{name}\" did not stop as it should: {code?.ToString(CultureInfo.InvariantCulture) ?? "not within 30 s"}.");
        }

        if (ledger.Accepted != ledger.Accounted + ledger.NotProcessed) ledger.Fault("Not every record that was accepted is accounted for.");
        if (samples is not null) await sampler.WriteAsync(samples);
        return Report(sampler, ledger);

        Task<ServiceProcess> StartAsync(string name, bool isApi, bool isWorker) => ServiceProcess.StartAsync(
            database,
            log,
            ("Api__Enabled", isApi.ToString()),
            ("Worker__Enabled", isWorker.ToString()),
            ("ConnectionStrings__Redis", redis.ConnectionString),
            ("Files__Root", files),
            ("Webhooks__AllowPrivateAddresses", "true"),
            ("Retention__BatchDays", "1"),
            ("Retention__RecordDays", "1"),
            ("Retention__ErrorDays", "1"),
            ("Retention__MetricDays", "1"),
            ("Retention__IntervalSeconds", "10"),
            ("TMPDIR", Temporary(name)));

        string Temporary(string name) => Directory.CreateDirectory(Path.Combine(folder, name)).FullName;
    }

    private static async Task RepeatAsync(string name, TimeSpan interval, Func<Task> step, SoakLedger ledger, CancellationToken enough)
    {
        while (!enough.IsCancellationRequested)
        {
            await Task.Delay(interval, enough).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            try
            {
                await step();
            }
            catch (Exception failure)
            {
                ledger.Fault($"{name}: {failure.Message}");
            }
        }
    }

    private static async Task AgeAsync(NpgsqlDataSource source, SoakLedger ledger)
    {
        await using (var counts = source.CreateCommand(AgeCounts)) await counts.ExecuteNonQueryAsync();
        var finished = ledger.TakeFinished().ToArray();
        foreach (var sql in AgeBatches)
        {
            await using var age = source.CreateCommand(sql);
            age.Parameters.Add(new NpgsqlParameter { Value = finished });
            await age.ExecuteNonQueryAsync();
        }
    }

    private static Task ReportProgressAsync(SoakLedger ledger) =>
        Console.Out.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{ledger.Batches:N0} batches, {ledger.Accepted:N0} records, {ledger.FaultCount} faults so far"));

    private static bool Report(SoakSampler sampler, SoakLedger ledger)
    {
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{ledger.Batches:N0} batches with {ledger.Accepted:N0} records were accepted; {ledger.Accounted:N0} records were delivered, dropped or captured as failed, {ledger.NotProcessed:N0} belong to batches that were cancelled or failed before."));
        foreach (var fault in ledger.Faults) Console.WriteLine($"FAULT {fault}");
        var trends = sampler.Series.Select(series => (series.Name, Trend: series.SecondHalf())).ToList();
        foreach (var (name, trend) in trends) Console.WriteLine($"{(trend.IsFlat ? "flat " : "GROWS")} {name}: {trend}");
        var growing = trends.Count(series => !series.Trend.IsFlat);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{ledger.FaultCount} faults, {growing} of {trends.Count} grow"));
        return ledger.FaultCount + growing == 0;
    }

    /// <summary>What all processors have worked since the machine was started: the first line of <c>/proc/stat</c> (proc(5)) without idle time and waiting, in ticks of a hundredth of a second.</summary>
    private static async Task<double> BusySecondsAsync()
    {
        const double ticksPerSecond = 100;
        var ticks = (await File.ReadAllLinesAsync("/proc/stat"))[0].Split(' ', StringSplitOptions.RemoveEmptyEntries)[1..9].Select(long.Parse).ToArray();
        return (ticks.Sum() - ticks[3] - ticks[4]) / ticksPerSecond;
    }

    /// <summary>An error in the log of a process is a fault of the soak.</summary>
    private sealed class ErrorLog(SoakLedger ledger) : StringWriter(CultureInfo.InvariantCulture)
    {
        public override Task WriteLineAsync(string? value)
        {
            if (value is not null && (value.Contains("\"level\":\"error\"", StringComparison.OrdinalIgnoreCase) || value.Contains("\"level\":\"fatal\"", StringComparison.OrdinalIgnoreCase))) ledger.Fault($"log: {value}");
            return Task.CompletedTask;
        }
    }
}
