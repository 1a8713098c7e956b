using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;

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
        var definition = await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "samples", "orders.pipeline.json"));
        using var created = await service.Http.PostAsync("pipelines", new StringContent(definition, MediaTypeHeaderValue.Parse("application/json")));
        var pipeline = $"pipelines/{(await ReadAsync(created)).GetProperty("id").GetString()}";
        using var started = await service.Http.PostAsync($"{pipeline}/start", null);
        started.EnsureSuccessStatusCode();

        var bodies = Enumerable.Range(0, Batches).Select(i => Orders.AsNdJson(i * BatchRecords, BatchRecords)).ToList();
        var rows = bodies.SelectMany(Lines).ToList();
        var small = Orders.AsNdJson(0, 10);
        for (var begun = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(begun) < Warmup;) await SubmitAsync(service, pipeline, bodies[0]);

        var (whole, plain, latencies) = (new List<double>(), new List<double>(), new List<double>());
        for (var run = 0; run < Runs; run++)
        {
            var begun = Stopwatch.GetTimestamp();
            await Task.WhenAll(bodies.Select(body => SubmitAsync(service, pipeline, body)));
            whole.Add(rows.Count / Stopwatch.GetElapsedTime(begun).TotalSeconds);

            begun = Stopwatch.GetTimestamp();
            await database.WritePlainlyAsync(rows);
            plain.Add(rows.Count / Stopwatch.GetElapsedTime(begun).TotalSeconds);
        }
        for (var i = 0; i < SmallBatches; i++)
        {
            var begun = Stopwatch.GetTimestamp();
            await SubmitAsync(service, pipeline, small);
            latencies.Add(Stopwatch.GetElapsedTime(begun).TotalMilliseconds);
        }

        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{name}: {Median(whole):N0} records/s end to end ({whole.Min():N0} to {whole.Max():N0}); plain writing {Median(plain):N0} rows/s; ratio {Median(whole) / Median(plain):F2}; ten records submitted to completed in {Median(latencies):F1} ms (95 %: {latencies.Order().ElementAt(SmallBatches * 95 / 100):F1} ms)"));
    }

    private static async Task SubmitAsync(ServiceProcess service, string pipeline, byte[] body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{pipeline}/batches") { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/x-ndjson");
        request.Headers.Add("Prefer", "wait=60");
        using var response = await service.Http.SendAsync(request);
        var batch = await ReadAsync(response);
        if (batch.GetProperty("status").GetString() != "completed") throw new InvalidOperationException($"The batch did not complete: {batch}");
    }

    private static async Task<JsonElement> ReadAsync(HttpResponseMessage response) => response.IsSuccessStatusCode
        ? await response.Content.ReadFromJsonAsync<JsonElement>()
        : throw new InvalidOperationException(await response.Content.ReadAsStringAsync());

    private static IEnumerable<byte[]> Lines(byte[] body)
    {
        for (int start = 0, end; start < body.Length; start = end + 1)
        {
            end = Array.IndexOf(body, (byte)'\n', start);
            yield return body[start..end];
        }
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}
