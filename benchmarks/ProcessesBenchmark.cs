using System.Diagnostics;
using System.Globalization;

namespace DataPipeline.Benchmarks;

/// <summary>Orders through six processors into the store by one process, two and three on one PostgreSQL. In every round each number of them is started anew, on a database of its own.</summary>
internal static class ProcessesBenchmark
{
    private const int MaxProcesses = 3;
    private const int Rounds = 5;
    private const int BatchRecords = 100_000;
    private const int Batches = 16;
    private const int BatchesAtOnce = 4;
    private static readonly TimeSpan Warmup = TimeSpan.FromSeconds(8);

    internal static async Task RunAsync()
    {
        var body = Orders.AsNdJson(0, BatchRecords);
        var results = Enumerable.Range(1, MaxProcesses).ToDictionary(count => count, _ => (Speeds: new List<double>(), Memory: new List<double>()));
        for (var round = 0; round < Rounds; round++)
        {
            foreach (var count in round % 2 == 0 ? results.Keys.Order() : results.Keys.OrderDescending())
            {
                var (speed, memory) = await MeasureAsync(count, body);
                results[count].Speeds.Add(speed);
                results[count].Memory.Add(memory);
            }
        }

        foreach (var (count, (speeds, memory)) in results)
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"processes: {count}; {speeds.Median():N0} records/s ({speeds.Min():N0} to {speeds.Max():N0}), {speeds.RatioTo(results[1].Speeds):F2} of one process; each had at most {memory.Median() / (1 << 20):N0} MiB"));
        }
    }

    private static async Task<(double Speed, double Memory)> MeasureAsync(int processes, byte[] body)
    {
        using var database = await BenchmarkDatabase.PostgresAsync();
        var services = new List<ServiceProcess>();
        try
        {
            for (var i = 0; i < processes; i++) services.Add(await ServiceProcess.StartAsync(database));
            var pipeline = await services[0].CreatePipelineAsync();
            for (var begun = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(begun) < Warmup;) await SubmitAsync(BatchesAtOnce);
            var start = Stopwatch.GetTimestamp();
            await SubmitAsync(Batches);
            return (Batches * BatchRecords / Stopwatch.GetElapsedTime(start).TotalSeconds, services.Max(service => service.PeakMemory));

            Task SubmitAsync(int batches) => Parallel.ForAsync(
                0, batches, new ParallelOptions { MaxDegreeOfParallelism = BatchesAtOnce }, async (i, _) => await services[i % processes].SubmitAsync(pipeline, body));
        }
        finally
        {
            foreach (var service in services) service.Dispose();
        }
    }
}
