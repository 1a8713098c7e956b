using System.Diagnostics;
using System.Globalization;

namespace DataPipeline.Benchmarks;

/// <summary>From the first byte of the request to the last committed row: two batches of 100,000 orders through six processors into the store; and the time a batch of ten takes.</summary>
internal static class EndToEnd
{
    private const int BatchRecords = 100_000;
    private const int Batches = 2;
    private const int Runs = 5;
    private const int SmallBatches = 200;
    private static readonly TimeSpan Warmup = TimeSpan.FromSeconds(3);

    internal static async Task RunAsync(string name, BenchmarkDatabase database)
    {
        using var owned = database;
        using var service = await ServiceProcess.StartAsync(database);
        var pipeline = await service.CreatePipelineAsync();

        var bodies = Enumerable.Range(0, Batches).Select(i => Orders.AsNdJson(i * BatchRecords, BatchRecords)).ToList();
        var rows = bodies.SelectMany(Lines).ToList();
        var small = Orders.AsNdJson(0, 10);
        for (var begun = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(begun) < Warmup;) await service.SubmitAsync(pipeline, bodies[0]);

        var (whole, plain, latencies) = (new List<double>(), new List<double>(), new List<double>());
        for (var run = 0; run < Runs; run++)
        {
            var begun = Stopwatch.GetTimestamp();
            await Task.WhenAll(bodies.Select(body => service.SubmitAsync(pipeline, body)));
            whole.Add(rows.Count / Stopwatch.GetElapsedTime(begun).TotalSeconds);

            begun = Stopwatch.GetTimestamp();
            await database.WritePlainlyAsync(rows);
            plain.Add(rows.Count / Stopwatch.GetElapsedTime(begun).TotalSeconds);
        }
        for (var i = 0; i < SmallBatches; i++)
        {
            var begun = Stopwatch.GetTimestamp();
            await service.SubmitAsync(pipeline, small);
            latencies.Add(Stopwatch.GetElapsedTime(begun).TotalMilliseconds);
        }

        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{name}: {whole.Median():N0} records/s end to end ({whole.Min():N0} to {whole.Max():N0}); plain writing {plain.Median():N0} rows/s; ratio {whole.Median() / plain.Median():F2}; ten records submitted to completed in {latencies.Median():F1} ms (95 %: {latencies.Order().ElementAt(SmallBatches * 95 / 100):F1} ms)"));
    }

    private static IEnumerable<byte[]> Lines(byte[] body)
    {
        for (int start = 0, end; start < body.Length; start = end + 1)
        {
            end = Array.IndexOf(body, (byte)'\n', start);
            yield return body[start..end];
        }
    }
}
