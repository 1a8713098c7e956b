using System.Diagnostics;
using System.Text.Json;
using DataPipeline.WebApi.IntegrationTests.Persistence;
using DataPipeline.WebApi.IntegrationTests.Plugins;

namespace DataPipeline.WebApi.IntegrationTests.Faults;

[Collection(nameof(Alone))]
public sealed class SqliteSlowWorkTests() : SlowWorkTests(DatabaseKind.Sqlite);

[Collection(nameof(Alone))]
public sealed class PostgresSlowWorkTests() : SlowWorkTests(DatabaseKind.Postgres);

/// <summary>What the service promises about work that is slow, hangs or grows, tried on the service as a process of its own.</summary>
public abstract class SlowWorkTests(DatabaseKind kind) : IDisposable
{
    private const string Hanging = """{"type":"hanging"}""";
    private const string HangingLater = """{"type":"hangingLater"}""";
    private const string Slow = """{"type":"slow","options":{"milliseconds":8000} }""";
    private const string Script = """{"type":"script","options":{"source":"let t = 0; for (let i = 0; i < 3000; i++) t += i % 7; record.t = t;"} }""";

    private readonly string _root = Path.Combine(Path.GetTempPath(), "datapipeline-tests", Path.GetRandomFileName());

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        if (Directory.Exists(_root)) Directory.Delete(_root, recursive: true);
        GC.SuppressFinalize(this);
    }

    [Theory]
    [InlineData(Script, "{}")]
    [InlineData(Slow, "{}")]
    [InlineData(Hanging, """{"hang":"block"}""")]
    [InlineData(Hanging, """{"hang":"spin"}""")]
    [InlineData(HangingLater, """{"hang":"wait"}""")]
    public async Task WhateverAnotherOwnersChunksAreAt_ASmallBatchEndsSoon(string processor, string record)
    {
        await using var database = await TestDatabase.CreateAsync(kind);
        await using var service = await StartAsync(database, ("Worker:Concurrency", "2"), ("Worker:ChunkRecords", "1000"));
        var (slow, small) = (await service.CreatePipelineAsync("acme", Config(processor)), await service.CreatePipelineAsync("other", Config("""{"type":"set","options":{"field":"a","value":1} }""")));
        await FinishedAsync(service, "other", small, await SubmitAsync(service, "other", small, "{}", 10));
        for (var i = 0; i < 4; i++) await SubmitAsync(service, "acme", slow, record, 5_000);
        await Task.Delay(TimeSpan.FromSeconds(1.5), Stop); // Until what is in hand is slow, and more of it has been claimed.

        var watch = Stopwatch.StartNew();
        var ended = await FinishedAsync(service, "other", small, await SubmitAsync(service, "other", small, "{}", 10));

        TestContext.Current.SendDiagnosticMessage("{0} {1} {2}: {3} ms", kind, processor, record, watch.ElapsedMilliseconds);
        Assert.Equal(("completed", 10), (ended.GetProperty("status").GetString(), ended.GetProperty("deliveredCount").GetInt32()));
        Assert.InRange(watch.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(20)); // About a second where nothing else runs; for ever where they wait for each other.
    }

    [Fact]
    public async Task APluginThatHangs_CostsItsRecords_AndTheBatchEnds()
    {
        await using var database = await TestDatabase.CreateAsync(kind);
        await using var service = await StartAsync(database, ("Processing:TimeoutMilliseconds", "300"));
        var pipeline = await service.CreatePipelineAsync("acme", Config(Hanging));

        var batch = await FinishedAsync(service, "acme", pipeline, await SubmitAsync(service, "acme", pipeline, """{"hang":"spin"}""", 300, every: 3));

        // Once too many calls have not come back, records fail that would have passed.
        Assert.Equal(("completed", 300), (batch.GetProperty("status").GetString(), batch.GetProperty("processedCount").GetInt32()));
        Assert.InRange(batch.GetProperty("failedCount").GetInt32(), 100, 299);
        var errors = await service.SendAsync("acme", HttpMethod.Get, $"pipelines/{pipeline}/batches/{batch.GetProperty("id").GetString()}/errors?limit=200");
        Assert.All(errors.GetProperty("items").EnumerateArray(), error => Assert.Equal("PROCESSOR_TIMEOUT", error.GetProperty("code").GetString()));
        Assert.Contains(service.Log, line => line.Contains("\"event\":3200", StringComparison.Ordinal) && line.Contains("\"level\":\"error\"", StringComparison.Ordinal));
        var metrics = await service.Http.GetStringAsync("/metrics", Stop);
        Assert.Matches("(?m)^data_pipeline_plugin_calls_given_up_total\\S* [1-9]", metrics);
    }

    [Fact]
    public async Task ToldToStop_WhilePluginsHang_ItExitsWithZero_AndLeavesNothingInHand()
    {
        await using var database = await TestDatabase.CreateAsync(kind);
        await using var service = await StartAsync(database, ("Worker:Concurrency", "4"), ("Api:DrainSeconds", "0"), ("Processing:TimeoutMilliseconds", "600000"));
        foreach (var config in new[] { Config(Hanging), Config(HangingLater), Config(Script, """{"type":"hangingDestination"}""") })
        {
            var pipeline = await service.CreatePipelineAsync("acme", config);
            await SubmitAsync(service, "acme", pipeline, """{"hang":"spin"}""", 1);
            await Eventually.TrueAsync(async () => (await service.SendAsync("acme", HttpMethod.Get, $"pipelines/{pipeline}/batches?status=processing")).GetProperty("items").GetArrayLength() == 1, "its chunk is in hand");
        }

        await service.SignalAsync("TERM");
        await service.WaitForExitAsync(TimeSpan.FromSeconds(30));

        Assert.Equal(0, service.ExitCode);
        Assert.Equal(3, service.Log.Count(line => line.Contains("is given back unfinished", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task RecordsThatGrow_AreCommittedInParts_InLittleMemory_EachOnce()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The peak is read from /proc.");
        const int Records = 400;
        await using var database = await TestDatabase.CreateAsync(kind);
        await using var service = await StartAsync(database, ("Files:Root", _root));
        var grow = $$"""{"type":"set","options":{"field":"text","value":"{{new string('x', 1_000_000)}}"} }""";
        var pipeline = await service.CreatePipelineAsync("acme", Config(grow, """{"type":"file","options":{"path":"{{batch.id}}","compression":"gzip"} }"""));
        await FinishedAsync(service, "acme", pipeline, await SubmitAsync(service, "acme", pipeline, "{}", 20));
        var idle = service.WorkingSet("VmRSS");

        var batch = await FinishedAsync(service, "acme", pipeline, await SubmitAsync(service, "acme", pipeline, "{}", Records));

        var raised = service.WorkingSet("VmHWM") - idle;
        TestContext.Current.SendDiagnosticMessage("{0}: {1} MiB over {2} MiB", kind, raised >> 20, idle >> 20);
        Assert.InRange(raised, 0, 200 << 20);
        Assert.Equal(("completed", Records), (batch.GetProperty("status").GetString(), batch.GetProperty("deliveredCount").GetInt32()));
        var parts = Directory.GetFiles(Path.Combine(_root, batch.GetProperty("id").GetString()!), "part-*").Order(StringComparer.Ordinal).ToList();
        Assert.True(parts.Count > 20, $"{parts.Count} parts");
        Assert.Equal(Enumerable.Range(0, Records), parts.SelectMany(FileFaultTests.LinesOf).Select(line => JsonElement.Parse(line).GetProperty("n").GetInt32()));
    }

    private static Task<ServiceProcess> StartAsync(TestDatabase database, params (string, string)[] settings) => ServiceProcess.StartAsync(database, [.. settings, ("Plugins:Path", PluginsFolder.OfSamples)]);

    private static string Config(string processor, string destination = """{"type":"store"}""") => $$"""{"source":{"type":"api"},"processors":[{{processor}}],"destination":{{destination}} }""";

    /// <param name="every">Which records are like <paramref name="record"/>: every so many; the others hold their number alone.</param>
    private static async Task<Guid> SubmitAsync(ServiceProcess service, string owner, string pipeline, string record, int count, int every = 1)
    {
        var lines = Enumerable.Range(0, count).Select(i => i % every == 0 ? record.Replace("}", $"{(record == "{}" ? "" : ",")}\"n\":{i}}}", StringComparison.Ordinal) : $$"""{"n":{{i}}}""");
        return (await service.SendAsync(owner, HttpMethod.Post, $"pipelines/{pipeline}/batches", string.Join('\n', lines), "application/x-ndjson")).GetProperty("id").GetGuid();
    }

    private static Task<JsonElement> FinishedAsync(ServiceProcess service, string owner, string pipeline, Guid batch) => service.SendAsync(owner, HttpMethod.Get, $"pipelines/{pipeline}/batches/{batch}", prefer: "wait=60");
}
