using System.Buffers;
using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using DataPipeline.Application.Batches;
using DataPipeline.Application.Pipelines;
using DataPipeline.Application.Processing;
using DataPipeline.Domain.Batches;
using DataPipeline.Domain.Pipelines;
using DataPipeline.Domain.Processing;
using Microsoft.Extensions.Time.Testing;
using Record = DataPipeline.Domain.Processing.Record;

namespace DataPipeline.Application.Tests.Processing;

/// <summary>What processors of plugins do wrong costs the records they do it to, and nothing else.</summary>
public sealed class PluginCallTests
{
    private const string TimedOut = "PROCESSOR_TIMEOUT";
    private static readonly FieldPath Id = FieldPath.Parse("id");
    private static readonly FieldPath Field = FieldPath.Parse("field");

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static TheoryData<string> Forms => ["sync", "async"];

    [Theory]
    [MemberData(nameof(Forms))]
    public async Task ACallThatNeverComesBack_FailsItsRecord_AndItsInstanceIsNotUsedAgain(string form)
    {
        using var plugin = new Plugin { Hangs = id => id == 2 };

        var result = await RunAsync(plugin, form, Records(5));

        Assert.Equal((new RecordTally(4, 0, 1), "2 PROCESSOR_TIMEOUT custom took longer than 100 ms."), (result.Tally, Failures(result)));
        Assert.Equal([0, 1, 3, 4], Delivered(result).Select(record => record.Index));
        Assert.Equal((2, 0), (plugin.Instances, plugin.Disposed));
        plugin.Release();
        await Eventually(() => plugin.Disposed == 1, "the instance that came back is disposed of");
    }

    [Fact]
    public async Task ACallThatIsCancelledInTime_FailsItsRecord_AndItsInstanceIsUsedOn()
    {
        using var plugin = new Plugin { HangsUntilCancelled = id => id is 1 or 2 };

        var result = await RunAsync(plugin, "async", Records(4));

        Assert.Equal((new RecordTally(2, 0, 2), "1 PROCESSOR_TIMEOUT custom took longer than 100 ms.; 2 PROCESSOR_TIMEOUT custom took longer than 100 ms."), (result.Tally, Failures(result)));
        Assert.Equal(1, plugin.Instances);
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public async Task ACallThatWasGivenUp_IsAFailureLikeAnyOther(string form)
    {
        using var plugin = new Plugin { Hangs = id => id == 1 };
        var steps = $$$"""
            {"type":"set","options":{"field":"before","value":1} },
            {"type":"{{{form}}}","tag":"t","onFailure":[{"type":"set","options":{"field":"why","value":"{{failure.code}} {{failure.processor.tag}}"} }]},
            {"type":"set","options":{"field":"after","value":1} }
            """;

        var result = await RunAsync(plugin, steps, Records(2), isType: false);

        Assert.Equal("""{"id":1,"before":1,"why":"PROCESSOR_TIMEOUT t","after":1}""", Delivered(result)[1].Json);
        Assert.Equal(["0 2 0", "1 2 1", "2 2 0"], result.Processors.Select(p => $"{p.Processor.Index} {p.Records} {p.Failed}"));
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public async Task SeveralCallsOfARecord_MayBeGivenUp(string form)
    {
        using var plugin = new Plugin { Hangs = _ => true };
        var hanging = $$"""{"type":"{{form}}","ignoreFailure":true}""";

        var result = await RunAsync(plugin, $"{hanging},{hanging}", Records(1), isType: false);

        Assert.Equal("""{"id":0}""", Delivered(result).Single().Json);
        Assert.Equal((2, 6), (plugin.Calls.Count, plugin.Instances));
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public async Task APluginThatHangsAtEveryRecord_IsSoonNotCalledAnyMore_UntilItComesBack(string form)
    {
        using var plugin = new Plugin { Hangs = _ => true };
        var runner = Runner(plugin, Engine.Config($$"""{"type":"{{form}}"}"""));
        var watch = Stopwatch.StartNew();

        var result = await runner.RunAsync(Lease(Records(200)), Stop);

        Assert.Equal(new RecordTally(0, 0, 200), result.Tally);
        Assert.All(result.Failures, failure => Assert.Equal(TimedOut, failure.Code));
        Assert.Equal("custom was not called: calls of plugins by this pipeline have not come back.", result.Failures[^1].Message);
        Assert.Equal(LostCalls.MaxOfVersion, plugin.Calls.Count(call => call.Hung));
        Assert.InRange(watch.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(20));

        plugin.Hangs = _ => false;
        plugin.Release();
        await EventuallyAsync(async () => (await runner.RunAsync(Lease(Records(5)), Stop)).Tally.Delivered == 5, "records pass again");
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public async Task WorkThatIsCancelled_IsLeft_EvenIfAPluginDoesNotNotice(string form)
    {
        using var plugin = new Plugin { Hangs = _ => true };
        using var stop = new CancellationTokenSource();
        var running = Runner(plugin, Engine.Config($$"""{"type":"{{form}}"}"""), timeoutMs: 600_000).RunAsync(Lease(Records(1)), stop.Token);
        await Eventually(() => !plugin.Calls.IsEmpty, "the plugin is called");

        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running.WaitAsync(TimeSpan.FromSeconds(20), Stop));
    }

    [Fact]
    public async Task ADestinationThatDoesNotNotice_IsLeft()
    {
        using var plugin = new Plugin();
        using var stop = new CancellationTokenSource();
        var destination = new Hanging();
        var config = """{"source":{"type":"api"},"processors":[],"destination":{"type":"hanging"} }""";
        var running = Engine.Runner(new Versions(config), new PipelineCompiler(plugin, destination), clock: TimeProvider.System).RunAsync(Lease(Records(1)), stop.Token);
        await destination.Called.Task.WaitAsync(TimeSpan.FromSeconds(20), Stop);

        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running.WaitAsync(TimeSpan.FromSeconds(20), Stop));
        destination.Release.Set();
    }

    [Fact]
    public async Task ADestinationThatKeepsRecords_NeverSeesAnothers()
    {
        using var plugin = new Plugin();
        var destination = new Keeping();
        var runner = Engine.Runner(new Versions("""{"source":{"type":"api"},"processors":[],"destination":{"type":"keeping"} }"""), new PipelineCompiler(plugin, destination), clock: TimeProvider.System);

        for (var i = 0; i < 20; i++) await runner.RunAsync(Lease([$$"""{"chunk":{{i}}}"""]), Stop);

        Assert.Equal(Enumerable.Range(0, 20).Select(i => $$"""{"chunk":{{i}}}"""), destination.Kept.Select(record => Encoding.UTF8.GetString(record.Span)));
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public async Task AProcessorThatSpins_IsGivenUp(string form)
    {
        var isOver = false;
        using var plugin = new Plugin
        {
            Act = (record, _) =>
            {
                while (record.Get(Id) == RecordValue.From(0) && !Volatile.Read(ref isOver)) { }
                return ProcessorResult.Continue;
            },
        };

        var result = await RunAsync(plugin, form, Records(3));
        Volatile.Write(ref isOver, true);

        Assert.Equal((new RecordTally(2, 0, 1), "0 PROCESSOR_TIMEOUT custom took longer than 100 ms."), (result.Tally, Failures(result)));
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public async Task ARecordThatIsKept_AndWrittenToLater_ChangesNoOther(string form)
    {
        var kept = new ConcurrentQueue<(Record Record, ProcessorContext Context)>();
        using var isOver = new CancellationTokenSource();
        using var plugin = new Plugin
        {
            Act = (record, context) =>
            {
                record.TrySet(Field, RecordValue.From("mine"));
                kept.Enqueue((record, context));
                return ProcessorResult.Continue;
            },
        };
        var writing = Task.Run(
            () =>
            {
                for (var i = 0; !isOver.IsCancellationRequested; i++)
                {
                    // The last one may be with the processor still.
                    foreach (var (record, context) in kept.SkipLast(1).ToList())
                    {
                        record.TrySet(Field, RecordValue.From("another's"));
                        record.TrySet(FieldPath.Of($"f{i % 50}"), RecordValue.From(i));
                        record.Remove(Id);
                        context.MoveTo(-1);
                        context.Handle(new ProcessorFailure("X", "Y", "Z", null));
                    }
                }
            },
            Stop);
        var steps = $$$"""{"type":"{{{form}}}"},{"type":"set","options":{"field":"index","value":"{{record.index}}{{failure.code}}"} }""";

        var result = await Runner(plugin, Engine.Config(steps), timeoutMs: 30_000).RunAsync(Lease(Records(500)), Stop); // The writing keeps a processor busy: nothing is late here that takes long.
        await isOver.CancelAsync();
        await writing;

        Assert.Equal(Enumerable.Range(0, 500).Select(i => $$"""{"id":{{i}},"field":"mine","index":"{{i}}"}"""), Delivered(result).Select(record => record.Json));
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public async Task WhatAFailingProcessorChanged_IsTakenBack(string form)
    {
        using var plugin = new Plugin
        {
            Act = (record, _) =>
            {
                record.Remove(Id);
                record.TrySet(Field, RecordValue.From(1));
                throw new InvalidOperationException("Later.");
            },
        };

        var result = await RunAsync(plugin, $$"""{"type":"{{form}}","ignoreFailure":true}""", Records(1), isType: false);

        Assert.Equal("""{"id":0}""", Delivered(result).Single().Json);
    }

    [Theory]
    [InlineData("lower-case", "m", "PROCESSOR_FAILED", "lower-case: m")]
    [InlineData("with space", "m", "PROCESSOR_FAILED", "with space: m")]
    [InlineData("lower_case_9", "m", "lower_case_9", "m")]
    [InlineData("ÄÖ\ud800\0", "m\ud800\0", "PROCESSOR_FAILED", "ÄÖ\ud800\0: m\ud800\0")]
    public async Task ACodeThatIsNone_BecomesOne(string code, string message, string expectedCode, string expectedMessage)
    {
        using var plugin = new Plugin { Act = (_, _) => ProcessorResult.Fail(code, message, [new FailureDetail("/a", code, message)]) };

        var failure = Assert.Single((await RunAsync(plugin, "sync", Records(1))).Failures);

        Assert.Equal((expectedCode, expectedMessage), (failure.Code, failure.Message));
        Assert.Equal(new FailureDetail("/a", expectedCode, message), Assert.Single(failure.Details));
    }

    [Fact]
    public async Task LongAnswers_AreCut()
    {
        var text = new string('x', 10_000_000);
        using var plugin = new Plugin { Act = (_, _) => ProcessorResult.Fail(text, text, [new FailureDetail(text, text, text), new FailureDetail(null!, null!, null!)]) };

        var failure = Assert.Single((await RunAsync(plugin, "sync", Records(1))).Failures);

        Assert.Equal("PROCESSOR_FAILED", failure.Code);
        Assert.Equal(RecordRunner.MaxMessageLength + 1, failure.Message.Length);
        Assert.Equal([1_001, 0], failure.Details.Select(detail => detail.Field.Length));
        Assert.Equal([RecordRunner.MaxMessageLength + 1, 0], failure.Details.Select(detail => detail.Message.Length));
        Assert.All(failure.Details, detail => Assert.Equal("PROCESSOR_FAILED", detail.Code));
    }

    [Fact]
    public async Task AnAnswerOfNoKnownOutcome_IsAFailure()
    {
        using var plugin = new Plugin { Act = (_, _) => System.Runtime.CompilerServices.Unsafe.BitCast<(nint, nint), ProcessorResult>((0, 77)) };

        var failure = Assert.Single((await RunAsync(plugin, "sync", Records(1))).Failures);

        Assert.Equal(("PROCESSOR_FAILED", ": "), (failure.Code, failure.Message));
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public async Task ARecordThatIsMadeTooLarge_FailsAsItWas(string form)
    {
        using var plugin = new Plugin
        {
            Act = (record, _) =>
            {
                Assert.Equal(4 << 20, record.MaxBytes);
                record.TrySet(Field, RecordValue.From(new string('x', 300_000_000)));
                return ProcessorResult.Continue;
            },
        };

        var failure = Assert.Single((await Runner(plugin, Engine.Config($$"""{"type":"{{form}}"}"""), timeoutMs: 60_000).RunAsync(Lease(Records(1)), Stop)).Failures);

        Assert.Equal(("RECORD_TOO_LARGE", """{"id":0}"""), (failure.Code, Encoding.UTF8.GetString(failure.RecordAtFailure!.Value.Span)));
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public async Task ACallThatNeverComesBack_MayLieInALoop(string form)
    {
        using var plugin = new Plugin { Hangs = id => id == 1 };
        var loop = $$"""{"type":"foreach","options":{"field":"n","processor":{"type":"{{form}}","ignoreFailure":true} } }""";

        var result = await RunAsync(plugin, loop, ["""{"id":0,"n":[1,2]}""", """{"id":1,"n":[3,4]}""", """{"id":2,"n":[5,6]}"""], isType: false);

        Assert.Equal(["""{"id":0,"n":[1,2]}""", """{"id":1,"n":[3,4]}""", """{"id":2,"n":[5,6]}"""], Delivered(result).Select(record => record.Json));
        Assert.Equal((2, 3), (plugin.Calls.Count(call => call.Hung), plugin.Instances));
    }

    [Fact]
    public async Task ALoopThatTakesTooLong_FailsItsRecord()
    {
        var loop = """{"type":"foreach","options":{"field":"n","processor":{"type":"script","ignoreFailure":true,"options":{"source":"while (true) {}"} } } }""";
        var runner = Engine.Runner(new Versions(Engine.Config(loop)), new PipelineCompiler(Engine.Processors, Destinations.DestinationConfig.Destinations, Microsoft.Extensions.Options.Options.Create(Limits(200))), clock: TimeProvider.System);

        var failure = Assert.Single((await runner.RunAsync(Lease([$$"""{"n":[{{string.Join(',', Enumerable.Range(0, 10_000))}}]}"""]), Stop)).Failures);

        Assert.Equal(TimedOut, failure.Code);
        Assert.EndsWith("The elements took longer than 200 ms.", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Simulations_TellWhatIsGivenUp()
    {
        using var plugin = new Plugin { Hangs = id => id == 1 };
        var simulator = Engine.Simulator(new PipelineCompiler(plugin, Destinations.DestinationConfig.Destinations), Limits(100), TimeProvider.System);
        var records = Enumerable.Range(0, 3).Select(i => System.Text.Json.JsonElement.Parse($$"""{"id":{{i}} }""")).ToList();

        var result = await simulator.RunAsync(
            new SimulationTask(new Domain.Common.OwnerId("o"), System.Text.Json.JsonElement.Parse(Engine.Config("""{"type":"sync"}""")), SimulationScene.OfConfig, SimulationInput.Of(records), Verbose: true), Stop);

        Assert.Equal([SimulatedOutcome.Delivered, SimulatedOutcome.Failed, SimulatedOutcome.Delivered], result.Value!.Results.Select(record => record.Outcome));
        Assert.Equal((TimedOut, 1), (result.Value.Results[1].Error!.Code, result.Value.Results[1].Steps!.Count));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Simulations_TakeABoundedTime(bool notices)
    {
        using var plugin = new Plugin { HangsUntilCancelled = _ => notices, Hangs = _ => true };
        var clock = new FakeTimeProvider();
        var simulator = Engine.Simulator(new PipelineCompiler(plugin, Destinations.DestinationConfig.Destinations), Limits(600_000), clock);
        var task = new SimulationTask(
            new Domain.Common.OwnerId("o"), System.Text.Json.JsonElement.Parse(Engine.Config("""{"type":"async"}""")), SimulationScene.OfConfig, SimulationInput.Of([System.Text.Json.JsonElement.Parse("""{"id":1}""")]), Verbose: false);
        var running = simulator.RunAsync(task, Stop);

        await Eventually(
            () =>
            {
                clock.Advance(TimeSpan.FromSeconds(1));
                return running.IsCompleted;
            },
            "the simulation has ended");

        Assert.Equal(("SIMULATION_TOO_LARGE", "The simulation takes more than 30 s; try fewer records."), ((await running).Error!.Code, (await running).Error!.Message));
    }

    private static async Task<ChunkResult> RunAsync(Plugin plugin, string typeOrSteps, string[] records, bool isType = true) =>
        await Runner(plugin, Engine.Config(isType ? $$"""{"type":"{{typeOrSteps}}"}""" : typeOrSteps)).RunAsync(Lease(records), Stop);

    private static ChunkRunner Runner(Plugin plugin, string config, int timeoutMs = 100) =>
        Engine.Runner(new Versions(config), new PipelineCompiler(plugin, Destinations.DestinationConfig.Destinations), limits: Limits(timeoutMs), clock: TimeProvider.System);

    private static ProcessingOptions Limits(int timeoutMs) => new() { TimeoutMilliseconds = timeoutMs };

    private static string[] Records(int count) => [.. Enumerable.Range(0, count).Select(i => $$"""{"id":{{i}}}""")];

    private static ChunkLease Lease(string[] records)
    {
        var frames = new ArrayBufferWriter<byte>();
        foreach (var record in records) ChunkCodec.WriteRecord(frames, Encoding.UTF8.GetBytes(record));
        return new ChunkLease(1, "w", 1, new Guid(1, 2, 3, new byte[8]), new Guid(3, 2, 1, new byte[8]), 1, "orders", 0, records.Length, frames.WrittenMemory) { Owner = new Domain.Common.OwnerId("o") };
    }

    private static List<(int Index, string Json)> Delivered(ChunkResult result) => [.. Enumerable.Range(0, result.Stored.Count).Select(i => (result.Stored[i].RecordIndex, Encoding.UTF8.GetString(result.Stored[i].Record.Span)))];

    private static string Failures(ChunkResult result) => string.Join("; ", result.Failures.Select(failure => $"{failure.RecordIndex} {failure.Code} {failure.Message}"));

    private static Task Eventually(Func<bool> condition, string what) => EventuallyAsync(() => Task.FromResult(condition()), what);

    private static async Task EventuallyAsync(Func<Task<bool>> condition, string what)
    {
        for (var watch = Stopwatch.StartNew(); !await condition(); await Task.Delay(10, Stop)) Assert.True(watch.Elapsed < TimeSpan.FromSeconds(20), $"Not in time: {what}.");
    }

    private sealed class Versions(string config) : IPipelineVersions
    {
        public Task<PipelineConfig?> FindAsync(Guid pipelineId, int version, CancellationToken ct) => Task.FromResult<PipelineConfig?>(PipelineConfig.Restore(config));
    }

    /// <summary>A plugin with a processor in both forms, and the built-in processors beside it.</summary>
    private sealed class Plugin : IProcessorCatalog, IDisposable
    {
        private readonly ManualResetEventSlim _release = new();
        private readonly TaskCompletionSource _releaseLater = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _instances;
        private int _disposed;

        public IReadOnlyDictionary<string, ComponentDescriptor> Types => new Dictionary<string, ComponentDescriptor>(Engine.Processors.Types)
        {
            ["sync"] = Type(() => new Sync(this)),
            ["async"] = Type(() => new Async(this)),
        };

        internal Func<long, bool> Hangs { get; set; } = _ => false;

        internal Func<long, bool> HangsUntilCancelled { get; init; } = _ => false;

        internal Func<Record, ProcessorContext, ProcessorResult> Act { get; init; } = (_, _) => ProcessorResult.Continue;

        internal ConcurrentQueue<(long Id, bool Hung)> Calls { get; } = new();

        internal int Instances => _instances;

        internal int Disposed => _disposed;

        public void Dispose() => Release();

        internal void Release()
        {
            _release.Set();
            _releaseLater.TrySetResult();
        }

        private static ComponentDescriptor Type(Func<object> create) =>
            new("custom", "1.0", "", typeof(NoOptions), _ => create(), IsAtomic: false) { Plugin = new PluginIdentity("Test", "1.0") };

        private bool Call(Record record)
        {
            var id = long.Parse(record.Get(Id).NumberText, System.Globalization.CultureInfo.InvariantCulture);
            var hangs = Hangs(id);
            Calls.Enqueue((id, hangs));
            return hangs;
        }

        private sealed class Sync : IProcessor, IDisposable
        {
            private readonly Plugin _plugin;

            internal Sync(Plugin plugin)
            {
                _plugin = plugin;
                Interlocked.Increment(ref plugin._instances);
            }

            public ProcessorResult Process(Record record, ProcessorContext context)
            {
                if (_plugin.Call(record)) _plugin._release.Wait(CancellationToken.None);
                return _plugin.Act(record, context);
            }

            public void Dispose()
            {
                Interlocked.Increment(ref _plugin._disposed);
                throw new InvalidOperationException("Not quietly.");
            }
        }

        private sealed class Async : IAsyncProcessor, IDisposable
        {
            private readonly Plugin _plugin;

            internal Async(Plugin plugin)
            {
                _plugin = plugin;
                Interlocked.Increment(ref plugin._instances);
            }

            public async ValueTask<ProcessorResult> ProcessAsync(Record record, ProcessorContext context, CancellationToken cancellationToken)
            {
                if (_plugin.HangsUntilCancelled(long.Parse(record.Get(Id).NumberText, System.Globalization.CultureInfo.InvariantCulture))) await Task.Delay(Timeout.Infinite, cancellationToken);
                if (_plugin.Call(record)) await _plugin._releaseLater.Task;
                else await Task.Yield();
                return _plugin.Act(record, context);
            }

            public void Dispose()
            {
                Interlocked.Increment(ref _plugin._disposed);
                throw new InvalidOperationException("Not quietly.");
            }
        }
    }

    private sealed class Keeping : IDestination, IDestinationCatalog
    {
        public IReadOnlyDictionary<string, ComponentDescriptor> Types =>
            new Dictionary<string, ComponentDescriptor> { ["keeping"] = new("keeping", "1.0", "", typeof(NoOptions), _ => this, IsAtomic: false) { Plugin = new PluginIdentity("Test", "1.0") } };

        internal List<ReadOnlyMemory<byte>> Kept { get; } = [];

        public ValueTask DeliverAsync(DeliveryChunk chunk, CancellationToken cancellationToken)
        {
            Kept.AddRange(chunk.Records.Select(record => record.Json));
            return ValueTask.CompletedTask;
        }
    }

    private sealed class Hanging : IDestination, IDestinationCatalog
    {
        public IReadOnlyDictionary<string, ComponentDescriptor> Types => new Dictionary<string, ComponentDescriptor> { ["hanging"] = new("hanging", "1.0", "", typeof(NoOptions), _ => this, IsAtomic: false) };

        internal TaskCompletionSource Called { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        internal ManualResetEventSlim Release { get; } = new();

        public ValueTask DeliverAsync(DeliveryChunk chunk, CancellationToken cancellationToken)
        {
            Called.SetResult();
            Release.Wait(CancellationToken.None);
            return ValueTask.CompletedTask;
        }
    }
}
