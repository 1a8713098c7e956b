using System.Buffers;
using System.Runtime.InteropServices;
using System.Text.Json;
using DataPipeline.Application.Batches;
using DataPipeline.Application.Batches.Intake;
using DataPipeline.Application.Common;
using DataPipeline.Application.Processing;
using DataPipeline.Domain.Batches;
using DataPipeline.Domain.Common;
using DataPipeline.Domain.Processing;
using Microsoft.Extensions.Options;

namespace DataPipeline.Application.Pipelines;

/// <summary>What records see around them in a simulation; <c>null</c> for what there is none of.</summary>
internal sealed record SimulationScene(Guid? PipelineId, string? PipelineName, Guid? BatchId)
{
    internal static readonly SimulationScene OfConfig = new(null, null, null);
}

/// <summary>A record to simulate.</summary>
/// <param name="RecordIndex">What the answer calls it.</param>
/// <param name="Json">UTF-8; whatever it is, it is at worst this record's failure.</param>
/// <param name="Rejection">Why it is no record, where that is known.</param>
internal readonly record struct SimulationInput(int RecordIndex, ReadOnlyMemory<byte> Json, SimulatedError? Rejection)
{
    internal static IReadOnlyList<SimulationInput> Of(IReadOnlyList<JsonElement> records) =>
        [.. records.Select((record, index) => new SimulationInput(index, JsonMarshal.GetRawUtf8Value(record).ToArray(), null))];

    /// <summary>What was no JSON when it was submitted keeps the reason it failed for: no configuration changes that.</summary>
    internal static SimulationInput Of(RecordFailure failure) =>
        new(failure.RecordIndex, failure.Record, failure.RecordIsJson ? null : new SimulatedError(failure.Processor, failure.Code, failure.Message));
}

/// <summary>Runs records through a configuration for their owner to see. Thread-safe.</summary>
internal sealed class Simulator(PipelineCompiler compiler, IOptions<BatchOptions> limits, IOptions<ProcessingOptions> processing, TimeProvider clock)
{
    internal async Task<Result<SimulationResult>> RunAsync(JsonElement config, SimulationScene scene, IReadOnlyList<SimulationInput> records, bool verbose, CancellationToken ct)
    {
        var compiled = compiler.Compile(config);
        if (!compiled.IsSuccess) return compiled.Error;
        using var pipeline = compiled.Value;
        var inspector = new RecordInspector(limits.Value);
        var context = new ProcessorContext(clock) { PipelineId = scene.PipelineId, PipelineName = scene.PipelineName, BatchId = scene.BatchId };
        var results = new List<SimulatedRecord>(records.Count);
        foreach (var record in records) results.Add(await RunAsync(pipeline, record, inspector, context, verbose, ct));
        return new SimulationResult(results);
    }

    private async Task<SimulatedRecord> RunAsync(
        CompiledPipeline pipeline, SimulationInput input, RecordInspector inspector, ProcessorContext context, bool verbose, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        var trace = verbose ? new Trace() : null;
        var (index, json, rejection) = input;
        if (rejection is not null) return Failed(rejection);
        if (inspector.Scanner.Scan(json.Span, isFinal: true) != ScanOutcome.Complete) return Failed(new SimulatedError(null, "MALFORMED_JSON", "The record is not valid JSON."));
        if (inspector.Judge(json.Span) is { Reason: var reason }) return Failed(new SimulatedError(null, reason.Code, reason.Message));
        var record = new Record(processing.Value.MaxRecordBytes);
        if (!record.TryReparse(json)) return Failed(new SimulatedError(null, "MALFORMED_JSON", "The record is not a JSON object."));

        if (pipeline.RecordSchema?.Check(record) is { Outcome: ProcessorOutcome.Fail } violation) return Failed(ErrorOf(new Verdict(Ending.Failed, null, violation)));
        context.MoveTo(index);
        var verdict = await RecordRunner.RunAsync(pipeline.Steps, record, context, null, trace, ct);
        return verdict.Ending switch
        {
            Ending.Failed => Failed(ErrorOf(verdict)),
            Ending.Dropped => new SimulatedRecord(index, SimulatedOutcome.Dropped, null, null, trace?.Steps),
            _ => new SimulatedRecord(index, SimulatedOutcome.Delivered, Json(record), null, trace?.Steps),
        };

        SimulatedRecord Failed(SimulatedError error) => new(index, SimulatedOutcome.Failed, null, error, trace?.Steps);
    }

    private static SimulatedError ErrorOf(Verdict failure) => new(failure.Processor, failure.Code!, failure.Message!) { Details = failure.Failure.Details is { Count: > 0 } details ? details : null };

    private static RawJson Json(Record record)
    {
        var buffer = new ArrayBufferWriter<byte>();
        record.WriteTo(buffer);
        return new RawJson(buffer.WrittenMemory);
    }

    private sealed class Trace : IStepObserver
    {
        internal List<SimulatedStep> Steps { get; } = [];

        public void After(CompiledStep step, StepOutcome outcome, Record record, Verdict? failure) =>
            Steps.Add(new SimulatedStep(step.Reference, outcome, Json(record), failure is { } verdict ? ErrorOf(verdict) : null));
    }
}
