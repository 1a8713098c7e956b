using System.Buffers;
using System.Text;
using DataPipeline.Application.Batches;
using DataPipeline.Application.Pipelines;
using DataPipeline.Application.Processing;
using DataPipeline.Domain.Batches;
using DataPipeline.Domain.Common;
using DataPipeline.Domain.Pipelines;
using DataPipeline.Domain.Processing;
using DataPipeline.Infrastructure.Processors;
using Record = DataPipeline.Domain.Processing.Record;

namespace DataPipeline.Application.Tests.Processing;

public sealed class ChunkRunnerTests
{
    [Fact]
    public async Task Run_AccountsForEveryRecord()
    {
        var frames = new ArrayBufferWriter<byte>();
        ChunkCodec.WriteRecord(frames, """{"a": "1", "big":12345678901234567890}"""u8);
        ChunkCodec.WriteRejected(frames, new Rejection("NOT_AN_OBJECT", "No."), "[1]"u8, isJson: true);
        ChunkCodec.WriteRecord(frames, """{ "a":"x" }"""u8);
        ChunkCodec.WriteRecord(frames, """{"a":null}"""u8);
        ChunkCodec.WriteRecord(frames, """{"a":"""u8);
        var processors = """{"type":"drop","if":{"field":"a","exists":false} },{"type":"convert","tag":"c","options":{"field":"a","type":"long"} }""";

        var result = await Runner(Engine.Config(processors)).RunAsync(Lease(frames, 5, firstRecord: 100), TestContext.Current.CancellationToken);

        Assert.Equal(new RecordTally(1, 1, 3), result.Tally);
        Assert.Equal(1, result.Stored.Count);
        Assert.Equal(100, result.Stored[0].RecordIndex);
        Assert.Equal("""{"a":1,"big":12345678901234567890}""", Text(result.Stored[0].Record));
        Assert.Equal(
            [
                """101 NOT_AN_OBJECT No. [1] True """,
                """102 CONVERSION_FAILED a: "x" is not an integer { "a":"x" } True 1/convert/c""",
                """104 MALFORMED_JSON The record is not a JSON object. {"a": False """,
            ],
            result.Failures.Select(f => $"{f.RecordIndex} {f.Code} {f.Message} {Text(f.Record)} {f.RecordIsJson} {(f.Processor is { } p ? $"{p.Index}/{p.Type}/{p.Tag}" : "")}"));
    }

    [Fact]
    public async Task Run_CountsWhatEachProcessorDid_AndKeepsTheRecordAsItFailed()
    {
        var frames = new ArrayBufferWriter<byte>();
        foreach (var record in new[] { """{"a":"1"}""", """{"a":"x"}""", """{"a":"y","b":1}""", """{"a":"3"}""" }) ChunkCodec.WriteRecord(frames, Encoding.UTF8.GetBytes(record));
        var processors = """
            {"type":"rename","options":{"field":"a","targetField":"c"} },
            {"type":"convert","tag":"handled","if":{"field":"b","exists":true},"ignoreFailure":true,"options":{"field":"c","type":"long"} },
            {"type":"convert","tag":"strict","if":{"field":"b","exists":false},"options":{"field":"c","type":"long"} },
            {"type":"drop","if":{"field":"c","equals":3} }
            """;

        var result = await Runner(Engine.Config(processors)).RunAsync(Lease(frames, 4), TestContext.Current.CancellationToken);

        Assert.Equal(
            ["0 rename  4 0 0", "1 convert handled 1 1 0", "2 convert strict 3 1 0", "3 drop  1 0 1"],
            result.Processors.Select(p => $"{p.Processor.Index} {p.Processor.Type} {p.Processor.Tag} {p.Records} {p.Failed} {p.Dropped}"));
        Assert.All(result.Processors, p => Assert.True(p.TotalMs > 0));
        var failure = Assert.Single(result.Failures);
        Assert.Equal(("""{"a":"x"}""", """{"c":"x"}"""), (Text(failure.Record), Text(failure.RecordAtFailure!.Value)));
    }

    [Fact]
    public async Task Run_WithoutProcessors_DeliversVerbatim()
    {
        var record = """{ "a" : 1.10, "b":"\ud800\u0000", "c" : [ ] }""";
        var frames = new ArrayBufferWriter<byte>();
        ChunkCodec.WriteRecord(frames, Encoding.UTF8.GetBytes(record));

        var result = await Runner(Engine.Config("")).RunAsync(Lease(frames, 1), TestContext.Current.CancellationToken);

        Assert.Equal(record, Text(result.Stored[0].Record));
    }

    [Theory]
    [InlineData("", """{ "id" : 1.10 }""")]
    [InlineData("""{"type":"set","options":{"field":"id","value":"later"} }""", """{ "id" : 1.10 }""")]
    public async Task Run_ChecksRecordsAgainstTheSchemaOfTheSource_BeforeTheFirstProcessor(string processors, string good)
    {
        var frames = new ArrayBufferWriter<byte>();
        ChunkCodec.WriteRecord(frames, Encoding.UTF8.GetBytes(good));
        ChunkCodec.WriteRecord(frames, """{ "id" : "x", "more":true }"""u8);
        var config = $$"""{"source":{"type":"api","options":{"recordSchema":{"properties":{"id":{"type":"number"} },"additionalProperties":false} } },"processors":[{{processors}}],"destination":{"type":"store"} }""";

        var result = await Runner(config).RunAsync(Lease(frames, 2), TestContext.Current.CancellationToken);

        Assert.Equal(new RecordTally(1, 0, 1), result.Tally);
        Assert.Equal(processors.Length == 0 ? good : """{"id":"later"}""", Text(result.Stored[0].Record));
        var failure = Assert.Single(result.Failures);
        Assert.Equal((1, null, "SCHEMA_VIOLATION", """{ "id" : "x", "more":true }""", true, null), (failure.RecordIndex, failure.Processor, failure.Code, Text(failure.Record), failure.RecordIsJson, failure.RecordAtFailure));
        Assert.Equal(["/id TYPE", "/more ADDITIONAL_PROPERTIES"], failure.Details.Select(detail => $"{detail.Field} {detail.Code}"));
        Assert.All(result.Processors, processor => Assert.Equal(1, processor.Records));
    }

    [Fact]
    public async Task Run_KeepsTheDetailsOfAFailure()
    {
        var frames = new ArrayBufferWriter<byte>();
        ChunkCodec.WriteRecord(frames, """{"a":1}"""u8);

        var result = await Runner(Engine.Config(Engine.Step("validate", """{"required":["b","c"]}"""))).RunAsync(Lease(frames, 1), TestContext.Current.CancellationToken);

        var failure = Assert.Single(result.Failures);
        Assert.Equal(new ProcessorRef(0, "validate", null), failure.Processor);
        Assert.Equal(["/b REQUIRED", "/c REQUIRED"], failure.Details.Select(detail => $"{detail.Field} {detail.Code}"));
        Assert.Equal("""{"a":1}""", Text(failure.RecordAtFailure!.Value));
    }

    [Fact]
    public async Task Run_GivesTheContextToTemplates()
    {
        var frames = new ArrayBufferWriter<byte>();
        ChunkCodec.WriteRecord(frames, "{}"u8);
        ChunkCodec.WriteRecord(frames, "{}"u8);
        var lease = Lease(frames, 2, firstRecord: 5);

        var result = await Runner(Engine.Config(Engine.Step("set", """{"field":"a","value":"{{pipeline.name}} {{pipeline.id}} {{batch.id}} {{record.index}} {{now}}"}"""))).RunAsync(lease, TestContext.Current.CancellationToken);

        Assert.Equal($$"""{"a":"orders {{lease.PipelineId}} {{lease.BatchId}} 6 2026-03-04T05:06:07Z"}""", Text(result.Stored[1].Record));
    }

    [Fact]
    public async Task Run_OfManyChunksAtOnce_UsesAnInstanceEach()
    {
        var catalog = new OneType(typeof(Exclusive));
        var runner = Runner(Engine.Config("""{"type":"exclusive"}"""), catalog);
        var frames = new ArrayBufferWriter<byte>();
        for (var i = 0; i < 200; i++) ChunkCodec.WriteRecord(frames, "{}"u8);

        var results = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Task.Run(() => runner.RunAsync(Lease(frames, 200), TestContext.Current.CancellationToken))));

        Assert.All(results, result => Assert.Equal(new RecordTally(200, 0, 0), result.Tally));
    }

    [Fact]
    public async Task Run_CompilesAVersionOnce_WhileItIsUsedByOneWorkerAtATime()
    {
        var versions = new Versions(Engine.Config("""{"type":"drop"}"""));
        var runner = Engine.Runner(versions);
        var frames = new ArrayBufferWriter<byte>();
        ChunkCodec.WriteRecord(frames, "{}"u8);
        var lease = Lease(frames, 1);

        for (var i = 0; i < 3; i++) Assert.Equal(new RecordTally(0, 1, 0), (await runner.RunAsync(lease, TestContext.Current.CancellationToken)).Tally);

        Assert.Equal(1, versions.Reads);
    }

    [Fact]
    public async Task ManyVersions_ArePutOutAndDisposedOf()
    {
        Disposable.Alive = 0;
        var pipelines = new CompiledPipelines(new Versions(Engine.Config("""{"type":"disposable"}""")), new PipelineCompiler(new OneType(typeof(Disposable)), Destinations.DestinationConfig.Destinations), new LostCalls.Registry());
        var first = await pipelines.RentAsync(new OwnerId("o"), Guid.Empty, 0, TestContext.Current.CancellationToken);
        for (var version = 1; version <= CompiledPipelines.MaxVersions + 10; version++)
            pipelines.Return(await pipelines.RentAsync(new OwnerId("o"), Guid.Empty, version, TestContext.Current.CancellationToken));
        pipelines.Return(first);

        Assert.Equal(CompiledPipelines.MaxVersions, Disposable.Alive);
    }

    [Fact]
    public async Task Run_OfAPipelineThatIsGone_OrCannotBeRun_Throws()
    {
        var frames = new ArrayBufferWriter<byte>();
        var gone = await Assert.ThrowsAsync<InvalidOperationException>(() => Runner(null).RunAsync(Lease(frames, 0), TestContext.Current.CancellationToken));
        Assert.Contains("has no version 3", gone.Message, StringComparison.Ordinal);
        var broken = await Assert.ThrowsAsync<InvalidOperationException>(() => Runner(Engine.Config("""{"type":"no"}""")).RunAsync(Lease(frames, 0), TestContext.Current.CancellationToken));
        Assert.Contains("config.processors[0].type", broken.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_StopsWhenItIsCancelled()
    {
        var frames = new ArrayBufferWriter<byte>();
        ChunkCodec.WriteRecord(frames, "{}"u8);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Runner(Engine.Config("")).RunAsync(Lease(frames, 1), new CancellationToken(canceled: true)));
    }

    [Fact]
    public async Task Run_WithAnotherDestination_DeliversBeforeItReturns_AndStoresNothing()
    {
        var compiler = new PipelineCompiler(new BuiltInProcessors(), new OneType(typeof(Collecting)));
        var config = """{"source":{"type":"api"},"processors":[{"type":"drop","if":{"field":"a","equals":1} }],"destination":{"type":"collecting"} }""";
        var runner = Engine.Runner(new Versions(config), compiler);
        var frames = new ArrayBufferWriter<byte>();
        ChunkCodec.WriteRecord(frames, """{"a":1}"""u8);
        ChunkCodec.WriteRecord(frames, """{"a":2}"""u8);
        var lease = Lease(frames, 2, firstRecord: 10);

        var result = await runner.RunAsync(lease, TestContext.Current.CancellationToken);

        Assert.Equal((new RecordTally(1, 1, 0), 0), (result.Tally, result.Stored.Count));
        var (id, name, batch, first, attempt, records) = Assert.IsType<DeliveryChunk>(Collecting.Last.Value);
        Assert.Equal((lease.PipelineId, "orders", lease.BatchId, 10, 2), (id, name, batch, first, attempt));
        Assert.Equal((11, """{"a":2}"""), Assert.Single(records.Select(record => (record.RecordIndex, Text(record.Json)))));
    }

    [Fact]
    public async Task Run_WhenWhatWasMadeIsEnoughForOneCommit_LeavesTheRest()
    {
        var frames = new ArrayBufferWriter<byte>();
        for (var i = 0; i < 100; i++) ChunkCodec.WriteRecord(frames, Encoding.UTF8.GetBytes($$"""{"n":{{i}}}"""));
        var grow = Engine.Step("set", $$"""{"field":"text","value":"{{new string('x', 1_000)}}"}""");
        var runner = Engine.Runner(new Versions(Engine.Config($$"""{{grow}},{"type":"fail","if":{"field":"n","in":[3,25]},"options":{"message":"no"} },{"type":"drop","if":{"field":"n","equals":4} }""")), sizes: new ChunkOptions { ChunkOutputBytes = 20_000 });
        var (lease, indexes, tallies, counted) = (Lease(frames, 100, firstRecord: 1_000), new List<int>(), new List<RecordTally>(), 0L);

        for (var rest = new ChunkRest(1_000, 100, lease.Payload); rest is not null;)
        {
            var result = await runner.RunAsync(lease with { FirstRecord = rest.FirstRecord, RecordCount = rest.RecordCount, Payload = rest.Frames }, TestContext.Current.CancellationToken);
            Assert.Equal(rest.RecordCount - (result.Rest?.RecordCount ?? 0), result.Tally.Processed);
            tallies.Add(result.Tally);
            counted += result.Processors[0].Records;
            indexes.AddRange(Enumerable.Range(0, result.Stored.Count).Select(i => result.Stored[i].RecordIndex).Concat(result.Failures.Select(failure => failure.RecordIndex)));
            rest = result.Rest;
        }

        Assert.Equal(Enumerable.Range(1_000, 100).Where(index => index != 1_004), indexes.Order());
        Assert.Equal([new RecordTally(19, 1, 1), new RecordTally(19, 0, 1), new RecordTally(20, 0, 0), new RecordTally(20, 0, 0), new RecordTally(19, 0, 0)], tallies);
        Assert.Equal(100, counted);
    }

    [Fact]
    public async Task Run_OfALargeChunk_LeavesNothing_ThatWasNotMadeLarger()
    {
        var frames = new ArrayBufferWriter<byte>();
        for (var i = 0; i < 100; i++) ChunkCodec.WriteRecord(frames, Encoding.UTF8.GetBytes($$"""{"text":"{{new string('x', 1_000)}}"}"""));
        var runner = Engine.Runner(new Versions(Engine.Config(Engine.Step("trim", """{"field":"text"}"""))), sizes: new ChunkOptions { ChunkOutputBytes = 1_000 });

        var result = await runner.RunAsync(Lease(frames, 100), TestContext.Current.CancellationToken);

        Assert.Equal((100, null), (result.Stored.Count, result.Rest));
    }

    private static string Text(ReadOnlyMemory<byte> utf8) => Encoding.UTF8.GetString(utf8.Span);

    private static ChunkRunner Runner(string? config, IProcessorCatalog? catalog = null) =>
        Engine.Runner(new Versions(config), catalog is null ? null : new PipelineCompiler(catalog, Destinations.DestinationConfig.Destinations));

    private static ChunkLease Lease(ArrayBufferWriter<byte> frames, int count, int firstRecord = 0) =>
        new(1, "w", 2, new Guid(1, 2, 3, new byte[8]), new Guid(3, 2, 1, new byte[8]), 3, "orders", firstRecord, count, frames.WrittenMemory);

    private sealed class Versions(string? config) : IPipelineVersions
    {
        internal int Reads { get; private set; }

        public Task<PipelineConfig?> FindAsync(Guid pipelineId, int version, CancellationToken ct)
        {
            Reads++;
            return Task.FromResult(config is null ? null : PipelineConfig.Restore(config));
        }
    }

    private sealed class OneType(Type type) : IProcessorCatalog, IDestinationCatalog
    {
        public IReadOnlyDictionary<string, ComponentDescriptor> Types { get; } = new[] { ComponentDescriptor.Of(type) }.ToDictionary(descriptor => descriptor.Type);
    }

    [Processor("exclusive", "1.0")]
    private sealed class Exclusive : IProcessor
    {
        private int _inside;

        public ProcessorResult Process(Record record, ProcessorContext context)
        {
            if (Interlocked.Increment(ref _inside) > 1) return ProcessorResult.Fail("SHARED", "Two workers use one instance.");
            Thread.SpinWait(1_000);
            Interlocked.Decrement(ref _inside);
            return ProcessorResult.Continue;
        }
    }

    [Processor("disposable", "1.0")]
    private sealed class Disposable : IProcessor, IDisposable
    {
        internal static int Alive;

        public Disposable() => Alive++;

        public ProcessorResult Process(Record record, ProcessorContext context) => ProcessorResult.Continue;

        public void Dispose() => Alive--;
    }

    [Destination("collecting", "1.0")]
    private sealed class Collecting : IDestination
    {
        internal static StrongBox Last { get; } = new();

        public ValueTask DeliverAsync(DeliveryChunk chunk, CancellationToken cancellationToken)
        {
            Last.Value = chunk;
            return ValueTask.CompletedTask;
        }
    }

    private sealed class StrongBox
    {
        internal DeliveryChunk? Value { get; set; }
    }
}
