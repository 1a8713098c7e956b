using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using DataPipeline.Application.Batches;
using DataPipeline.Application.Observability;
using DataPipeline.Application.Pipelines;
using DataPipeline.Application.Processing;
using DataPipeline.Domain.Pipelines;
using DataPipeline.Infrastructure.Processors;
using DataPipeline.Infrastructure.Workers;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace DataPipeline.Benchmarks;

/// <summary>
/// What measuring and tracing cost: the service with OpenTelemetry turned off, as it comes and scraped every second, and with every span sent to a collector
/// besides; and the runner of chunks alone. Each is started anew in every round, since no two processes are compiled alike, on a database of its own;
/// what else the machine does meets all of them.
/// </summary>
internal static class TelemetryBenchmark
{
    private const int BatchRecords = 100_000;
    private const int Batches = 12;
    private const int Rounds = 7;
    private const int Runs = 11;
    private const int ChunkRecords = 4_000;
    private const int ChunksARun = 25;
    private static readonly TimeSpan Warmup = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan ScrapeInterval = TimeSpan.FromSeconds(1);

    /// <summary>An answer is kept for 300 ms; this is long enough for another, so that what makes them is compiled for good when it counts.</summary>
    private static readonly TimeSpan WarmupScrapeInterval = TimeSpan.FromMilliseconds(310);

    internal static async Task RunAsync()
    {
        await RunRunnerAsync();
        await RunServiceAsync("SQLite", BenchmarkDatabase.SqliteAsync);
        await RunServiceAsync("PostgreSQL", () => BenchmarkDatabase.PostgresAsync());
    }

    private static async Task RunServiceAsync(string name, Func<Task<BenchmarkDatabase>> create)
    {
        await using var collector = await Sink.StartAsync();
        (string Name, (string, string)[] Variables)[] variants =
        [
            ("off", [("OTEL_SDK_DISABLED", "true")]),
            ("scraped", []),
            ("traced", [("OTEL_EXPORTER_OTLP_ENDPOINT", collector.Url), ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf")]),
        ];
        var body = Orders.AsNdJson(0, BatchRecords);
        var results = variants.ToDictionary(variant => variant.Name, _ => new List<(double Speed, double Work)>());
        var scrapes = new List<double>();
        for (var round = 0; round < Rounds; round++)
        {
            foreach (var (variant, variables) in round % 2 == 0 ? variants : variants.Reverse())
            {
                using var database = await create();
                using var service = await ServiceProcess.StartAsync(database, variables);
                var pipeline = await service.CreatePipelineAsync();
                await WhileScrapedAsync(variant, service, WarmupScrapeInterval, [], async () =>
                {
                    for (var begun = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(begun) < Warmup;) await service.SubmitAsync(pipeline, body);
                });
                await WhileScrapedAsync(variant, service, ScrapeInterval, scrapes, async () =>
                {
                    var (begun, worked) = (Stopwatch.GetTimestamp(), service.ProcessorTime);
                    for (var i = 0; i < Batches; i += 2) await Task.WhenAll(service.SubmitAsync(pipeline, body), service.SubmitAsync(pipeline, body));
                    results[variant].Add((Batches * BatchRecords / Stopwatch.GetElapsedTime(begun).TotalSeconds, (service.ProcessorTime - worked).TotalMicroseconds / (Batches * BatchRecords)));
                });
            }
        }

        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{name}: without telemetry {Median(results["off"], r => r.Speed):N0} records/s, {Median(results["off"], r => r.Work):F2} µs of processor time a record"));
        foreach (var (variant, _) in variants.Skip(1))
        {
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{name}, {variant}: {Ratio(results[variant], results["off"], r => r.Speed):F3} of the records/s, {Ratio(results[variant], results["off"], r => r.Work):F3} of the processor time"));
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name}, a scrape under load: {Median(scrapes, ms => ms):F1} ms, 95 % within {scrapes.Order().ElementAt(scrapes.Count * 95 / 100):F1} ms, {scrapes.Count} scrapes"));
    }

    private static async Task WhileScrapedAsync(string variant, ServiceProcess service, TimeSpan interval, List<double> times, Func<Task> work)
    {
        using var stop = new CancellationTokenSource();
        var scraping = variant == "off" ? Task.CompletedTask : ScrapeAsync(service, interval, times, stop.Token);
        await work();
        await stop.CancelAsync();
        await scraping;
    }

    private static async Task ScrapeAsync(ServiceProcess service, TimeSpan interval, List<double> times, CancellationToken ct)
    {
        while (!ct.IsCancellationRequested)
        {
            var begun = Stopwatch.GetTimestamp();
            await service.Http.GetByteArrayAsync(new Uri("/metrics", UriKind.Relative), CancellationToken.None);
            times.Add(Stopwatch.GetElapsedTime(begun).TotalMilliseconds);
            await Task.Delay(interval, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>As a worker runs chunks, without a database.</summary>
    private static async Task RunRunnerAsync()
    {
        await using var services = new ServiceCollection().AddMetrics().AddSingleton<ServiceMetrics>().BuildServiceProvider();
        var metrics = services.GetRequiredService<ServiceMetrics>();
        using var threads = new WorkThreads();
        var limits = Options.Create(new ProcessingOptions());
        var pipelines = new CompiledPipelines(new SamplePipeline(), new PipelineCompiler(new BuiltInProcessors(), new NoDestinations()), new LostCalls.Registry());
        var supervisor = new Supervisor(threads, limits, metrics, TimeProvider.System, NullLogger<Supervisor>.Instance);
        var runner = new ChunkRunner(pipelines, supervisor, threads, limits, Options.Create(new ChunkOptions()), TimeProvider.System);
        var chunk = ChunkOf(Orders.AsNdJson(0, ChunkRecords, bad: false));
        var (off, on) = (new List<double>(), new List<double>());
        for (var begun = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(begun) < Warmup;) await MeasureAsync();
        for (var run = 0; run < Runs; run++)
        {
            off.Add(await MeasureAsync());
            using var meters = Sdk.CreateMeterProviderBuilder().AddMeter(ServiceMetrics.MeterName).AddReader(new PeriodicExportingMetricReader(new Nowhere<Metric>())).Build();
            using var traces = Sdk.CreateTracerProviderBuilder().AddSource(ServiceTraces.SourceName).AddProcessor(new BatchActivityExportProcessor(new Nowhere<Activity>())).Build();
            on.Add(await MeasureAsync());
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Runner: {Median(off, speed => speed):N0} records/s without telemetry; measured and traced {Ratio(on, off, speed => speed):F3} of that"));

        async Task<double> MeasureAsync()
        {
            var begun = Stopwatch.GetTimestamp();
            for (var i = 0; i < ChunksARun; i++)
            {
                using var span = ServiceTraces.StartChunk(chunk, TimeProvider.System.GetUtcNow(), TimeProvider.System.GetUtcNow());
                var start = Stopwatch.GetTimestamp();
                var result = await runner.RunAsync(chunk, CancellationToken.None);
                metrics.RecordsProcessed(result.Tally);
                metrics.ChunkEnded(ChunkOutcome.Committed, Stopwatch.GetElapsedTime(start));
                result.Stored.Dispose();
            }

            return ChunksARun * ChunkRecords / Stopwatch.GetElapsedTime(begun).TotalSeconds;
        }
    }

    private static ChunkLease ChunkOf(byte[] orders)
    {
        var frames = new ArrayBufferWriter<byte>(orders.Length * 2);
        foreach (var line in orders.AsSpan().TrimEnd((byte)'\n').Split((byte)'\n')) ChunkCodec.WriteRecord(frames, orders.AsSpan(line));
        return new ChunkLease(1, "benchmark", 1, Guid.Empty, Guid.Empty, 1, "orders", 0, ChunkRecords, frames.WrittenMemory) { TraceParent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01" };
    }

    private static double Median<T>(IEnumerable<T> samples, Func<T, double> of)
    {
        var ascending = samples.Select(of).Order().ToArray();
        return ascending[ascending.Length / 2];
    }

    /// <summary>The median of the ratios within each round: what slows a round slows both sides of it.</summary>
    private static double Ratio<T>(List<T> one, List<T> other, Func<T, double> of) => Median(one.Zip(other), pair => of(pair.First) / of(pair.Second));

    private sealed class SamplePipeline : IPipelineVersions
    {
        public async Task<PipelineConfig?> FindAsync(Guid pipelineId, int version, CancellationToken ct)
        {
            var definition = JsonElement.Parse(await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "samples", "orders.pipeline.json"), ct));
            return PipelineConfig.Of(definition.GetProperty("config"));
        }
    }

    private sealed class Nowhere<T> : BaseExporter<T>
        where T : class
    {
        public override ExportResult Export(in Batch<T> batch) => ExportResult.Success;
    }

    /// <summary>A collector that throws away what it is sent.</summary>
    private sealed class Sink : IAsyncDisposable
    {
        private readonly WebApplication _app;

        private Sink(WebApplication app) => _app = app;

        internal string Url => _app.Urls.Single();

        internal static async Task<Sink> StartAsync()
        {
            var builder = WebApplication.CreateSlimBuilder();
            builder.Logging.ClearProviders();
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            var app = builder.Build();
            app.Run(http => http.Request.Body.CopyToAsync(Stream.Null));
            await app.StartAsync();
            return new Sink(app);
        }

        public ValueTask DisposeAsync() => _app.DisposeAsync();
    }
}
