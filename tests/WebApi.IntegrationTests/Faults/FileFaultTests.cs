using System.IO.Compression;
using System.Text.Json;
using DataPipeline.WebApi.IntegrationTests.Persistence;

namespace DataPipeline.WebApi.IntegrationTests.Faults;

[Collection(nameof(Alone))]
public sealed class SqliteFileFaultTests() : FileFaultTests(DatabaseKind.Sqlite);

[Collection(nameof(Alone))]
public sealed class PostgresFileFaultTests() : FileFaultTests(DatabaseKind.Postgres)
{
    [Fact]
    public async Task ABatchOfSeveralProcesses_HasOneFolder_AndOneMarker()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseKind.Postgres);
        await using var one = await StartAsync(database);
        await using var two = await StartAsync(database);
        var pipeline = await one.CreatePipelineAsync("acme", Config);

        var batch = await one.SubmitAsync("acme", pipeline, 20_000);

        await AssertEachRecordOnceAsync(two, pipeline, [batch]);
        Assert.True(one.CommittedChunks().Count > 0 && two.CommittedChunks().Count > 0, $"{one.CommittedChunks().Count} chunks by the one, {two.CommittedChunks().Count} by the other");
    }
}

/// <summary>What the file destination promises about crashes, tried on the service as a process of its own.</summary>
public abstract class FileFaultTests(DatabaseKind kind) : IDisposable
{
    protected const string Config = """{"source":{"type":"api"},"processors":[],"destination":{"type":"file","options":{"path":"exports/{{pipeline.id}}","compression":"gzip"}}}""";

    private readonly string _root = Path.Combine(Path.GetTempPath(), "datapipeline-tests", Path.GetRandomFileName());

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        if (Directory.Exists(_root)) Directory.Delete(_root, recursive: true);
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task KilledAtAnyMoment_AndStartedAgain_EveryBatchHasEachRecordOnce_AndNoHalfFile()
    {
        var seed = Environment.TickCount;
        TestContext.Current.TestOutputHelper!.WriteLine($"seed {seed}");
        var random = new Random(seed);
        await using var database = await TestDatabase.CreateAsync(kind);
        var batches = new List<Guid>();
        string? pipeline = null;
        for (var life = 0; life < 4; life++)
        {
            await using var service = await StartAsync(database);
            pipeline ??= await service.CreatePipelineAsync("acme", Config);
            for (var i = 0; i < 3; i++) batches.Add(await service.SubmitAsync("acme", pipeline, 3_000));
            await Eventually.TrueAsync(() => Task.FromResult(service.CommittedChunks().Count > 0), "a chunk is committed");
            await Task.Delay(random.Next(200), Stop);
            service.Kill();
            AssertNoHalfFile();
        }

        await using var last = await StartAsync(database);
        await AssertEachRecordOnceAsync(last, pipeline!, batches);
    }

    [Theory]
    [InlineData(DiskFault.Full)]
    [InlineData(DiskFault.ReadOnly)]
    public async Task ADiskThatRefusesToTheLastAttempt_FailsTheBatch_WithTheReason_AndNothingElse(DiskFault fault)
    {
        await using var disk = await SmallDisk.MountAsync(1 << 20);
        await using var database = await TestDatabase.CreateAsync(kind);
        await using var service = await StartAsync(database, disk, maxAttempts: 2);
        var (files, others) = (await service.CreatePipelineAsync("acme", Config), await service.CreatePipelineAsync("other"));

        await disk.BreakAsync(fault);
        var failed = await EndOfAsync(service, files, await service.SubmitAsync("acme", files, 3_000));
        var elsewhere = await service.SendAsync("other", HttpMethod.Post, $"pipelines/{others}/batches", "[{}]", prefer: "wait=10");
        var isReady = await service.IsReadyAsync();
        await disk.MendAsync(fault);

        Assert.Equal("failed", failed.GetProperty("status").GetString());
        Assert.Equal("DESTINATION_FAILED", failed.GetProperty("error").GetProperty("code").GetString());
        var reason = failed.GetProperty("error").GetProperty("message").GetString();
        Assert.Contains(fault == DiskFault.Full ? "No space left on device" : "Read-only file system", reason, StringComparison.Ordinal);
        Assert.DoesNotContain(disk.Path, reason, StringComparison.Ordinal);
        Assert.Equal(("completed", true), (elsewhere.GetProperty("status").GetString(), isReady));
        await AssertEachRecordOnceAsync(service, disk.Path, files, [await service.SubmitAsync("acme", files, 3_000)]);
    }

    [Fact]
    public async Task ADiskThatRefusesForAWhile_IsTriedAgain_UntilAllIsWritten()
    {
        await using var disk = await SmallDisk.MountAsync(1 << 20);
        await using var database = await TestDatabase.CreateAsync(kind);
        await using var service = await StartAsync(database, disk, maxAttempts: 10);
        var pipeline = await service.CreatePipelineAsync("acme", Config);

        foreach (var fault in Enum.GetValues<DiskFault>())
        {
            var putBack = PutBack();
            await disk.BreakAsync(fault);
            var batch = await service.SubmitAsync("acme", pipeline, 3_000);
            await Eventually.TrueAsync(() => Task.FromResult(PutBack() > putBack), "a chunk is put back");
            await disk.MendAsync(fault);

            await AssertEachRecordOnceAsync(service, disk.Path, pipeline, [batch]);
        }

        int PutBack() => service.Log.Count(line => line.Contains("\"event\":3005", StringComparison.Ordinal));
    }

    private protected Task<ServiceProcess> StartAsync(TestDatabase database) =>
        ServiceProcess.StartAsync(database, ("Worker:ChunkRecords", "100"), ("Worker:LeaseSeconds", "1"), ("Files:Root", _root));

    private static Task<ServiceProcess> StartAsync(TestDatabase database, SmallDisk disk, int maxAttempts) =>
        ServiceProcess.StartAsync(database, ("Worker:ChunkRecords", "100"), ("Worker:MaxAttempts", $"{maxAttempts}"), ("Files:Root", disk.Path));

    private protected Task AssertEachRecordOnceAsync(ServiceProcess service, string pipeline, IReadOnlyCollection<Guid> batches) => AssertEachRecordOnceAsync(service, _root, pipeline, batches);

    private static async Task AssertEachRecordOnceAsync(ServiceProcess service, string root, string pipeline, IReadOnlyCollection<Guid> batches)
    {
        foreach (var batch in batches)
        {
            var ended = await EndOfAsync(service, pipeline, batch);
            Assert.Equal("completed", ended.GetProperty("status").GetString());

            var folder = Path.Combine(root, "exports", pipeline, batch.ToString());
            var count = ended.GetProperty("recordCount").GetInt32();
            var names = Directory.EnumerateFiles(folder, "*", new EnumerationOptions { AttributesToSkip = 0 }).Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal);
            Assert.Equal(Enumerable.Range(0, count / 100).Select(i => $"part-{i:00000}.ndjson.gz").Prepend("_SUCCESS"), names);
            var ids = Parts(folder).SelectMany(LinesOf).Select(line => JsonElement.Parse(line).GetProperty("id").GetInt32());
            Assert.Equal(Enumerable.Range(0, count).Where(i => i % 100 != 99), ids);
            var marker = JsonElement.Parse(await File.ReadAllTextAsync(Path.Combine(folder, "_SUCCESS"), Stop));
            Assert.All(["recordCount", "deliveredCount", "failedCount"], name => Assert.Equal(ended.GetProperty(name).GetInt32(), marker.GetProperty(name).GetInt32()));
        }
    }

    private static async Task<JsonElement> EndOfAsync(ServiceProcess service, string pipeline, Guid batch)
    {
        JsonElement ended = default;
        await Eventually.TrueAsync(
            async () =>
            {
                ended = await service.SendAsync("acme", HttpMethod.Get, $"pipelines/{pipeline}/batches/{batch}", prefer: "wait=5");
                return ended.GetProperty("completedAt").ValueKind != JsonValueKind.Null;
            },
            "the batch has ended", seconds: 60);
        return ended;
    }

    private static IEnumerable<string> Parts(string folder) => Directory.EnumerateFiles(folder, "part-*", SearchOption.AllDirectories).Order(StringComparer.Ordinal);

    internal static List<string> LinesOf(string part)
    {
        using var text = new StreamReader(new GZipStream(File.OpenRead(part), CompressionMode.Decompress));
        var content = text.ReadToEnd();
        Assert.True(content.EndsWith('\n'), part);
        return [.. content.Split('\n', StringSplitOptions.RemoveEmptyEntries)];
    }

    private void AssertNoHalfFile()
    {
        foreach (var part in Parts(Directory.CreateDirectory(_root).FullName)) Assert.Equal(99, LinesOf(part).Count);
    }
}
