using System.Buffers;
using System.Diagnostics.Metrics;
using System.Text;
using System.Text.Json;
using DataPipeline.Application.Batches;
using DataPipeline.Application.Observability;
using DataPipeline.Application.Pipelines;
using DataPipeline.Application.Processing;
using DataPipeline.Domain.Common;
using DataPipeline.Domain.Processing;
using DataPipeline.Infrastructure.Processors;
using DataPipeline.Infrastructure.Workers;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Record = DataPipeline.Domain.Processing.Record;

namespace DataPipeline.Application.Tests.Processing;

/// <summary>Runs records through configurations as the service does, without a database.</summary>
internal static class Engine
{
    internal static readonly DateTimeOffset Now = new(2026, 3, 4, 5, 6, 7, TimeSpan.Zero);

    internal static readonly IProcessorCatalog Processors = new BuiltInProcessors();

    private static readonly WorkThreads Threads = new();

    private static readonly IMeterFactory Meters = new ServiceCollection().AddMetrics().BuildServiceProvider().GetRequiredService<IMeterFactory>();

    /// <summary>Patient, so that no busy machine fails a record here; what is about the limit has one of its own.</summary>
    internal static readonly PipelineCompiler Compiler = new(Processors, Destinations.DestinationConfig.Destinations, Options.Create(new ProcessingOptions { TimeoutMilliseconds = 120_000 }));

    /// <summary>Runs chunks as the service does.</summary>
    internal static ChunkRunner Runner(IPipelineVersions versions, PipelineCompiler? compiler = null, ChunkOptions? sizes = null, ProcessingOptions? limits = null, TimeProvider? clock = null)
    {
        var processing = Options.Create(limits ?? new ProcessingOptions());
        clock ??= new FakeTimeProvider(Now);
        return new ChunkRunner(new CompiledPipelines(versions, compiler ?? Compiler, new LostCalls.Registry()), Supervisor(processing, clock), Threads, processing, Options.Create(sizes ?? new ChunkOptions()), clock);
    }

    internal static Simulator Simulator(PipelineCompiler? compiler = null, ProcessingOptions? limits = null, TimeProvider? clock = null)
    {
        var processing = Options.Create(limits ?? new ProcessingOptions());
        clock ??= new FakeTimeProvider(Now);
        return new Simulator(compiler ?? Compiler, Supervisor(processing, clock), new LostCalls.Registry(), new SimulationTurns(), Threads, Options.Create(new BatchOptions()), processing, clock);
    }

    private static Supervisor Supervisor(IOptions<ProcessingOptions> limits, TimeProvider clock) => new(Threads, limits, new ServiceMetrics(Meters), clock, NullLogger<Supervisor>.Instance);

    internal static Result<CompiledPipeline> Compile(string processors) => CompileConfig(Config(processors));

    internal static Result<CompiledPipeline> CompileConfig(string config) => Compiler.Compile(JsonElement.Parse(config));

    internal static string Config(string processors) => $$"""{"source":{"type":"api"},"processors":[{{processors}}],"destination":{"type":"store"} }""";

    internal static string Step(string type, string options) => $$"""{"type":"{{type}}","options":{{options}} }""";

    /// <summary>The one fault of a single processor with these options.</summary>
    internal static ErrorDetail Fault(string type, string options)
    {
        var compiled = Compile(Step(type, options));
        Assert.False(compiled.IsSuccess, $"{options} was accepted.");
        return Assert.Single(compiled.Error.Details);
    }

    /// <summary>What becomes of a record: its JSON, <c>dropped</c>, or <c>CODE message</c>.</summary>
    internal static string Run(string processors, string record)
    {
        var (verdict, json) = RunRecord(processors, record);
        return verdict.Ending switch
        {
            Ending.Dropped => "dropped",
            Ending.Failed => $"{verdict.Code} {verdict.Message}",
            _ => json,
        };
    }

    internal static string RunStep(string type, string options, string record) => Run(Step(type, options), record);

    internal static (Verdict Verdict, string Json) RunRecord(string processors, string record, int maxBytes = int.MaxValue)
    {
        var compiled = Compile(processors);
        Assert.True(compiled.IsSuccess, string.Join("\n", compiled.Error?.Details ?? []));
        var parsed = new Record(maxBytes);
        Assert.True(parsed.TryReparse(Encoding.UTF8.GetBytes(record)));
        var context = new ProcessorContext(new FakeTimeProvider(Now)) { PipelineName = "orders", PipelineId = Guid.Empty, BatchId = Guid.Empty };
        context.MoveTo(7);
        var run = RecordRunner.RunAsync(compiled.Value.Steps, parsed, context, null, null, TestContext.Current.CancellationToken);
        return run.IsCompletedSuccessfully ? (run.Result, Json(parsed)) : throw new InvalidOperationException("Nothing in here waits.");
    }

    internal static string Json(Record record)
    {
        var buffer = new ArrayBufferWriter<byte>();
        record.WriteTo(buffer);
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}
