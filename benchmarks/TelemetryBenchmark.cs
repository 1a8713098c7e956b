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
/// What measuring and tracing cost: the service with OpenTelemetry turned off, the same once more to see how far two of a kind differ, one as it comes and
/// scraped every second, and one that sends every span to a collector besides; and the runner of chunks alone. The services of a round run side by side, each on
/// a database of its own, and take turns of about a second, so that what the machine does besides meets all of them; a round starts them anew, since no two
/// processes are compiled alike.
/// </summary>
internal static class TelemetryBenchmark
{
    private const int BatchRecords = 100_000;
    private const int BatchesATurn = 2;
    private const int Rounds = 7;
    private const int Turns = 14;
    private const int Runs = 11;
    private const int ChunkRecords = 4_000;
    private const int ChunksARun = 25;
    private static readonly TimeSpan Warmup = TimeSpan.FromSeconds(8);

    /// <summary>The first comes after half of it, so that a turn, which takes about as long, has one.</summary>
    private static readonly TimeSpan ScrapeInterval = TimeSpan.FromSeconds(1);

    /// <summary>An answer is kept for 300 ms; this is long enough for another, so that what makes them is compiled for good when it counts.</summary>
    private static readonly TimeSpan WarmupScrapeInterval = TimeSpan.FromMilliseconds(310);

    /// <param name="only">The database to measure with, <c>sqlite</c> or <c>postgres</c>; <c>null</c> for both, and the runner alone.</param>
    internal static async Task RunAsync(string? only)
    {
        if (only is null) await RunRunnerAsync();
        if (only is not "postgres") await RunServiceAsync("SQLite", BenchmarkDatabase.SqliteAsync);
        if (only is not "sqlite") await RunServiceAsync("PostgreSQL", () => BenchmarkDatabase.PostgresAsync());
    }

    private static async Task RunServiceAsync(string name, Func<Task<BenchmarkDatabase>> create)
    {
        await using var collector = await Sink.StartAsync();
        Variant[] variants =
        [
            new("off", isScraped: false, ("OTEL_SDK_DISABLED", "true")),
            new("off again", isScraped: false, ("OTEL_SDK_DISABLED", "true")),
            new("scraped", isScraped: true),
            new("scraped and traced", isScraped: true, ("OTEL_EXPORTER_OTLP_ENDPOINT", collector.Url), ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf")),
        ];
        var body = Orders.AsNdJson(0, BatchRecords);
        var (order, random) = (variants.ToArray(), new Random(1));
        for (var round = 0; round < Rounds; round++)
        {
            try
            {
                // In random order: none is to gain from what goes before it.
                random.Shuffle(order);
                foreach (var variant in order) await variant.StartAsync(await create(), body);
                for (var turn = 0; turn < Turns; turn++)
                {
                    random.Shuffle(order);
                    foreach (var variant in order) await variant.TakeTurnAsync(body);
                }
            }
            finally
            {
                foreach (var variant in variants) variant.Stop();
            }
        }

        var off = variants[0];
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name}: without telemetry {off.Speeds.Median():N0} records/s, {off.Work.Median():F2} µs of processor time a record"));
        foreach (var variant in variants.Skip(1))
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name}, {variant.Name}: {variant.Speeds.RatioTo(off.Speeds):F3} of the records/s, {variant.Work.RatioTo(off.Work):F3} of the processor time"));
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  by rounds: {string.Join(", ", ByRounds(variant.Speeds, off.Speeds))} and {string.Join(", ", ByRounds(variant.Work, off.Work))}"));
        }

        var scrapes = variants.SelectMany(variant => variant.Scrapes).Order().ToList();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name}, a scrape under load: {scrapes.Median():F1} ms, 95 % within {scrapes[scrapes.Count * 95 / 100]:F1} ms, {scrapes.Count} scrapes"));
    }

    private static IEnumerable<string> ByRounds(List<double> values, List<double> others) => values.Chunk(Turns)
        .Zip(others.Chunk(Turns), (round, other) => round.ToList().RatioTo([.. other]).ToString("F3", CultureInfo.InvariantCulture));

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

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Runner: {off.Median():N0} records/s without telemetry; measured and traced {on.RatioTo(off):F3} of that"));

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

    /// <summary>A service with one way of being watched, and what it has achieved in all its turns.</summary>
    private sealed class Variant(string name, bool isScraped, params (string Name, string Value)[] variables)
    {
        private BenchmarkDatabase? _database;
        private ServiceProcess? _service;
        private string _pipeline = "";

        internal string Name => name;

        /// <summary>In records a second.</summary>
        internal List<double> Speeds { get; } = [];

        /// <summary>In microseconds of processor time a record.</summary>
        internal List<double> Work { get; } = [];

        /// <summary>In milliseconds.</summary>
        internal List<double> Scrapes { get; } = [];

        internal async Task StartAsync(BenchmarkDatabase database, byte[] body)
        {
            _database = database;
            _service = await ServiceProcess.StartAsync(database, variables);
            _pipeline = await _service.CreatePipelineAsync();
            await WhileScrapedAsync(_service, WarmupScrapeInterval, [], async () =>
            {
                for (var begun = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(begun) < Warmup;) await _service.SubmitAsync(_pipeline, body);
            });
        }

        internal async Task TakeTurnAsync(byte[] body)
        {
            var service = _service!;
            var (begun, worked) = (Stopwatch.GetTimestamp(), service.ProcessorTime);
            await WhileScrapedAsync(service, ScrapeInterval, Scrapes, async () =>
            {
                for (var i = 0; i < BatchesATurn; i += 2) await Task.WhenAll(service.SubmitAsync(_pipeline, body), service.SubmitAsync(_pipeline, body));
            });
            Speeds.Add(BatchesATurn * BatchRecords / Stopwatch.GetElapsedTime(begun).TotalSeconds);
            Work.Add((service.ProcessorTime - worked).TotalMicroseconds / (BatchesATurn * BatchRecords));
        }

        internal void Stop()
        {
            _service?.Dispose();
            _database?.Dispose();
            (_service, _database) = (null, null);
        }

        private async Task WhileScrapedAsync(ServiceProcess service, TimeSpan interval, List<double> times, Func<Task> work)
        {
            using var stop = new CancellationTokenSource();
            var scraping = isScraped ? ScrapeAsync(service, interval, times, stop.Token) : Task.CompletedTask;
            await work();
            await stop.CancelAsync();
            await scraping;
        }

        private static async Task ScrapeAsync(ServiceProcess service, TimeSpan interval, List<double> times, CancellationToken ct)
        {
            for (var wait = interval / 2; ; wait = interval)
            {
                await Task.Delay(wait, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                if (ct.IsCancellationRequested) return;
                var begun = Stopwatch.GetTimestamp();
                await service.Http.GetByteArrayAsync(new Uri("/metrics", UriKind.Relative), CancellationToken.None);
                times.Add(Stopwatch.GetElapsedTime(begun).TotalMilliseconds);
            }
        }
    }

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
