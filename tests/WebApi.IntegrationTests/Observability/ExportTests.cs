using System.Collections.Concurrent;
using System.Text;
using DataPipeline.WebApi.IntegrationTests.Faults;
using DataPipeline.WebApi.IntegrationTests.Persistence;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;

namespace DataPipeline.WebApi.IntegrationTests.Observability;

/// <summary>What a collector of OpenTelemetry is sent by a process that is told of one by the usual variables.</summary>
public sealed class ExportTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(DatabaseKind.Sqlite)]
    [InlineData(DatabaseKind.Postgres)]
    public async Task ACollector_IsSentTheTraceOfABatch_AndTheMetrics(DatabaseKind kind)
    {
        await using var database = await TestDatabase.CreateAsync(kind);
        await using var collector = await Collector.StartAsync();
        await using var service = await ServiceProcess.StartAsync(database, [("OTEL_EXPORTER_OTLP_ENDPOINT", collector.Url), .. Hurry]);
        var pipeline = await service.CreatePipelineAsync("acme");

        var trace = "4bf92f3577b34da6a3ce929d0e0e4736";
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/api/v1/pipelines/{pipeline}/batches?key={ServiceProcess.Keys["other"]}") { Content = new StringContent("""[{"name":"payload-of-ada"}]""", new System.Net.Http.Headers.MediaTypeHeaderValue("application/json")) };
        foreach (var (name, value) in ((string, string)[])[("X-API-Key", ServiceProcess.Keys["acme"]), ("traceparent", $"00-{trace}-00f067aa0ba902b7-01"), ("User-Agent", $"me {ServiceProcess.Keys["other"]}"), ("Prefer", "wait=30")]) request.Headers.TryAddWithoutValidation(name, value);
        using var submitted = await service.Http.SendAsync(request, Stop);
        submitted.EnsureSuccessStatusCode();

        var names = (string[])["/api/v1/pipelines/{pipelineId}/batches", "batch.accept", "chunk.process", "chunk.claim", "chunk.run", "chunk.commit", "datapipeline", .. kind == DatabaseKind.Postgres ? ["postgresql", "COPY FROM", "INSERT INTO batches"] : Array.Empty<string>()];
        await Eventually.TrueAsync(() => Task.FromResult(names.All(name => collector.HasBeenSent("/v1/traces", Encoding.UTF8.GetBytes(name)))), "all spans are exported");
        Assert.True(collector.HasBeenSent("/v1/traces", Convert.FromHexString(trace)));
        Assert.False(collector.HasBeenSent("/v1/traces", "SKIP LOCKED"u8) || collector.HasBeenSent("/v1/traces", "FROM workers"u8), "looking for work is no trace");
        await Eventually.TrueAsync(() => Task.FromResult(collector.HasBeenSent("/v1/metrics", "data_pipeline.records"u8) && collector.HasBeenSent("/v1/metrics", "http.server.request.duration"u8)), "metrics are exported");
        Assert.All([ServiceProcess.Keys["acme"], ServiceProcess.Keys["other"], "payload-of-ada"], secret => Assert.False(collector.HasBeenSent("/v1/traces", Encoding.UTF8.GetBytes(secret)), secret));
    }

    [Fact]
    public async Task ACallerWhoIsNotSampled_LeavesNoSpans_OfItsBatchEither()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseKind.Sqlite);
        await using var collector = await Collector.StartAsync();
        await using var service = await ServiceProcess.StartAsync(database, [("OTEL_EXPORTER_OTLP_ENDPOINT", collector.Url), ("OTEL_METRICS_EXPORTER", "none"), ("OTEL_TRACES_SAMPLER", "parentbased_always_on"), .. Hurry]);
        var pipeline = await service.CreatePipelineAsync("acme");

        foreach (var (trace, flags) in ((string, string)[])[("11111111111111111111111111111111", "00"), ("22222222222222222222222222222222", "01")])
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, $"/api/v1/pipelines/{pipeline}/batches") { Content = new StringContent("[{}]", new System.Net.Http.Headers.MediaTypeHeaderValue("application/json")) };
            foreach (var (name, value) in ((string, string)[])[("X-API-Key", ServiceProcess.Keys["acme"]), ("traceparent", $"00-{trace}-00f067aa0ba902b7-{flags}"), ("Prefer", "wait=30")]) request.Headers.TryAddWithoutValidation(name, value);
            using var submitted = await service.Http.SendAsync(request, Stop);
            submitted.EnsureSuccessStatusCode();
        }

        await Eventually.TrueAsync(() => Task.FromResult(collector.HasBeenSent("/v1/traces", Convert.FromHexString("22222222222222222222222222222222"))), "the second batch is exported");
        await Eventually.TrueAsync(() => Task.FromResult(collector.HasBeenSent("/v1/traces", "chunk.commit"u8)), "so is the work on it");
        Assert.False(collector.HasBeenSent("/v1/traces", Convert.FromHexString("11111111111111111111111111111111")));
        Assert.False(collector.HasBeenSent("/v1/metrics", "data_pipeline"u8), "metrics are not wanted");
    }

    /// <summary>The exporters wait for seconds unless told otherwise.</summary>
    private static (string, string)[] Hurry => [("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"), ("OTEL_BSP_SCHEDULE_DELAY", "100"), ("OTEL_METRIC_EXPORT_INTERVAL", "500")];

    /// <summary>Takes whatever is sent. Names and texts stand in protobuf as they are, and so do the bytes of ids.</summary>
    private sealed class Collector : IAsyncDisposable
    {
        private readonly WebApplication _app;
        private readonly ConcurrentQueue<(string Path, byte[] Body)> _sent = new();

        private Collector(WebApplication app)
        {
            _app = app;
            app.Run(async http =>
            {
                using var body = new MemoryStream();
                await http.Request.Body.CopyToAsync(body);
                _sent.Enqueue((http.Request.Path, body.ToArray()));
                http.Response.ContentType = "application/x-protobuf";
            });
        }

        internal string Url => _app.Urls.Single();

        internal static async Task<Collector> StartAsync()
        {
            var builder = WebApplication.CreateSlimBuilder();
            builder.Logging.ClearProviders();
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            var collector = new Collector(builder.Build());
            await collector._app.StartAsync(Stop);
            return collector;
        }

        internal bool HasBeenSent(string path, ReadOnlySpan<byte> bytes)
        {
            foreach (var sent in _sent)
            {
                if (sent.Path == path && sent.Body.AsSpan().IndexOf(bytes) >= 0) return true;
            }

            return false;
        }

        public async ValueTask DisposeAsync()
        {
            using var impatient = new CancellationTokenSource(TimeSpan.Zero);
            await _app.StopAsync(impatient.Token);
            await _app.DisposeAsync();
        }
    }
}
