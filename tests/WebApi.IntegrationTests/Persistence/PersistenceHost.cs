using System.Buffers;
using System.Text;
using System.Text.Json;
using DataPipeline.Application.Batches;
using DataPipeline.Application.Common;
using DataPipeline.Application.Pipelines;
using DataPipeline.Application.Processing;
using DataPipeline.Domain.Batches;
using DataPipeline.Domain.Common;
using DataPipeline.Domain.Pipelines;
using DataPipeline.Domain.Processing;
using DataPipeline.Infrastructure.Persistence;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace DataPipeline.WebApi.IntegrationTests.Persistence;

/// <summary>The persistence layer on a database of its own, and what its tests do to it again and again.</summary>
internal sealed class PersistenceHost : IAsyncDisposable
{
    internal static readonly OwnerId Acme = new("acme");
    internal static readonly TimeSpan Lease = TimeSpan.FromSeconds(30);
    private readonly TestDatabase _database;
    private readonly ServiceProvider _services;

    private PersistenceHost(TestDatabase database)
    {
        _database = database;
        _services = new ServiceCollection().AddLogging().AddPersistence(new ConfigurationBuilder().AddInMemoryCollection(database.Settings).Build())
            .BuildServiceProvider(new ServiceProviderOptions { ValidateOnBuild = true, ValidateScopes = true });
    }

    internal DatabaseKind Kind => _database.Kind;

    internal string ConnectionString => _database.ConnectionString;

    internal IBatchQueue Queue => Get<IBatchQueue>();

    internal IBatchIntake Intake => Get<IBatchIntake>();

    internal IBatchStore Store => Get<IBatchStore>();

    internal IPipelineMetrics Metrics => Get<IPipelineMetrics>();

    internal IIdGenerator Ids => Get<IIdGenerator>();

    internal Database Database => Get<Database>();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static async Task<PersistenceHost> StartAsync(DatabaseKind kind) => new(await TestDatabase.CreateAsync(kind));

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        await _database.DisposeAsync();
    }

    internal async Task CleanAsync()
    {
        foreach (var table in new[] { "batch_chunks", "batch_errors", "delivered_records", "batches", "idempotency_keys", "pipelines", "api_keys", "workers", "retention" }) await Database.WriteAsync($"DELETE FROM {table}", [], Stop);
    }

    internal T Get<T>()
        where T : notnull => _services.GetRequiredService<T>();

    /// <summary>A request's worth of services.</summary>
    internal AsyncServiceScope Scope() => _services.CreateAsyncScope();

    internal async Task<Pipeline> CreatePipelineAsync(OwnerId? owner = null, string name = "orders", bool active = true)
    {
        var pipeline = Pipeline.Create(Ids.NewId(), owner ?? Acme, name, null, Config("{}"), Now);
        if (active) Assert.True(pipeline.Start(Now).IsSuccess);
        await using var scope = Scope();
        scope.ServiceProvider.GetRequiredService<IPipelineRepository>().Add(pipeline);
        await scope.ServiceProvider.GetRequiredService<IUnitOfWork>().SaveChangesAsync(Stop);
        return pipeline;
    }

    internal async Task ChangePipelineAsync(Pipeline pipeline, Func<Pipeline, Result> change)
    {
        await using var scope = Scope();
        var found = await scope.ServiceProvider.GetRequiredService<IPipelineRepository>().FindAsync(pipeline.OwnerId, pipeline.Id, Stop);
        Assert.True(change(found!).IsSuccess);
        await scope.ServiceProvider.GetRequiredService<IUnitOfWork>().SaveChangesAsync(Stop);
    }

    /// <summary>Submits a batch cut into chunks of the given numbers of records.</summary>
    internal async Task<Batch> SubmitAsync(Pipeline pipeline, params int[] chunks)
    {
        var accepted = await Intake.AcceptAsync(pipeline.OwnerId, pipeline.Id, new Chunks(chunks), null, (locked, _) => Submit(locked, chunks), Stop);
        return accepted.IsSuccess ? accepted.Value : throw new InvalidOperationException(accepted.Error.Message);
    }

    internal Result<Batch> Submit(Pipeline pipeline, params int[] chunks) => Batch.Submit(Ids.NewId(), pipeline, chunks.Sum(), null, Now);

    internal async Task<ChunkLease?> ClaimOneAsync(string worker = "w") => (await Queue.ClaimAsync(worker, 1, Lease, Stop)).SingleOrDefault();

    internal async Task<Batch> FindAsync(Batch batch)
    {
        await using var db = Database.Open();
        return await db.Batches.AsNoTracking().SingleAsync(b => b.Id == batch.Id, Stop);
    }

    internal async Task<int> CountChunksAsync(Batch batch)
    {
        await using var db = Database.Open();
        return await db.BatchChunks.CountAsync(c => c.BatchId == batch.Id, Stop);
    }

    /// <summary>Lets the lease of every chunk in hand run out.</summary>
    internal Task ExpireLeasesAsync() => Database.WriteAsync($"UPDATE batch_chunks SET lease_until = {Database.Now} - {{0}} WHERE lease_owner IS NOT NULL", [Database.Duration(TimeSpan.FromSeconds(1))], Stop);

    /// <summary>Everything delivered, but for the first <paramref name="failed"/> records and the <paramref name="dropped"/> after them.</summary>
    internal static ChunkResult ResultOf(ChunkLease chunk, int failed = 0, int dropped = 0, ErrorPolicy? policy = null)
    {
        var failures = Enumerable.Range(chunk.FirstRecord, failed).Select(i => new RecordFailure(i, new ProcessorRef(1, "convert", "amount"), "CONVERSION_FAILED", $"record {i} is \0bad\ud800", Bytes($$"""{"n":{{i}}}"""), true)
        {
            Details = i % 2 == 0 ? [new FailureDetail("/n/Zoë", "TYPE", "Not \0 \"this\"."), new FailureDetail("", "REQUIRED", "")] : [],
        }).ToList();
        var stored = new DeliveredRecords();
        for (var i = chunk.FirstRecord + failed + dropped; i < chunk.FirstRecord + chunk.RecordCount; i++)
        {
            stored.Buffer.Write(Encoding.UTF8.GetBytes(Delivered(i)));
            stored.Add(i);
        }

        return new ChunkResult(new RecordTally(stored.Count, dropped, failed), stored, failures, policy ?? ErrorPolicy.Unbounded);
    }

    /// <summary>The first <paramref name="count"/> records delivered, and the rest left.</summary>
    internal static ChunkResult FirstOf(ChunkLease chunk, int count)
    {
        if (chunk.RecordCount <= count) return ResultOf(chunk);
        var rest = chunk.Payload;
        for (var i = 0; i < count; i++) ChunkCodec.ReadNext(ref rest);
        return ResultOf(chunk with { RecordCount = count }) with { Rest = new ChunkRest(chunk.FirstRecord + count, chunk.RecordCount - count, rest) };
    }

    internal static string Delivered(int index) => $$"""{"n":{{index}},"name":"Zoë \u0000 \ud800","big":12345678901234567890.10}""";

    internal static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    internal static PipelineConfig Config(string json) => PipelineConfig.Of(JsonElement.Parse(json));

    internal static DateTimeOffset Now => TimeProvider.System.GetUtcNow();

    /// <summary>A submission in memory.</summary>
    internal sealed class Chunks(params int[] counts) : IChunkSource
    {
        public int RecordCount => counts.Sum();

        public long Bytes { get; init; }

        public async IAsyncEnumerable<ChunkContent> ReadAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken ct)
        {
            var first = 0;
            foreach (var count in counts)
            {
                await Task.Yield();
                var frames = new ArrayBufferWriter<byte>();
                for (var i = first; i < first + count; i++) ChunkCodec.WriteRecord(frames, Bytes($$"""{"n":{{i}}}"""));
                var payload = new byte[ChunkCompression.MaxCompressedLength(frames.WrittenCount)];
                yield return new ChunkContent(first, count, payload.AsMemory(0, ChunkCompression.Compress(frames.WrittenSpan, payload)));
                first += count;
            }
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}

internal static class QueueExtensions
{
    internal static Task<IReadOnlyList<ChunkLease>> ClaimAsync(this IBatchQueue queue, string worker, int max, TimeSpan lease, CancellationToken ct) => queue.ClaimAsync(worker, max, lease, ClaimExceptions.None, ct);

    internal static async Task<IReadOnlyList<StoredRecord>> ReadRecordsAsync(this IBatchStore store, Guid batchId, int afterRecord, int limit, CancellationToken ct) =>
        (await store.ReadRecordsAsync(batchId, afterRecord, new SliceSize(limit, long.MaxValue), ct)).Items;

    internal static async Task<IReadOnlyList<StoredFailure>> ReadFailuresAsync(this IBatchStore store, Guid batchId, int afterRecord, int limit, CancellationToken ct) =>
        (await store.ReadFailuresAsync(batchId, afterRecord, new SliceSize(limit, long.MaxValue), ct)).Items;
}
