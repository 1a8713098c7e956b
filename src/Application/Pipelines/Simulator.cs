using System.Buffers;
using System.Runtime.InteropServices;
using System.Text.Json;
using DataPipeline.Application.Batches;
using DataPipeline.Application.Batches.Intake;
using DataPipeline.Application.Common;
using DataPipeline.Application.Processing;
using DataPipeline.Domain.Common;
using DataPipeline.Domain.Processing;
using Microsoft.Extensions.Options;

namespace DataPipeline.Application.Pipelines;

/// <summary>Runs records through a configuration for their owner to see. Thread-safe.</summary>
internal sealed class Simulator(PipelineCompiler compiler, IOptions<BatchOptions> limits, TimeProvider clock)
{
    /// <param name="pipeline">The stored pipeline that has the configuration, if one has.</param>
    internal async Task<Result<SimulationResult>> RunAsync(JsonElement config, (Guid Id, string Name)? pipeline, IReadOnlyList<JsonElement> records, bool verbose, CancellationToken ct)
    {
        var compiled = compiler.Compile(config);
        if (!compiled.IsSuccess) return compiled.Error;
        using var steps = compiled.Value;
        var inspector = new RecordInspector(limits.Value);
        var context = new ProcessorContext(clock) { PipelineId = pipeline?.Id, PipelineName = pipeline?.Name };
        var results = new List<SimulatedRecord>(records.Count);
        foreach (var record in records) results.Add(await RunAsync(steps.Steps, record, results.Count, inspector, context, verbose, ct));
        return new SimulationResult(results);
    }

    private static async Task<SimulatedRecord> RunAsync(
        CompiledStep[] steps, JsonElement element, int index, RecordInspector inspector, ProcessorContext context, bool verbose, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        var trace = verbose ? new Trace() : null;
        var json = JsonMarshal.GetRawUtf8Value(element).ToArray();
        if (inspector.Scanner.Scan(json, isFinal: true) != ScanOutcome.Complete) return Failed(new SimulatedError(null, "MALFORMED_JSON", "The record is not valid JSON."));
        if (inspector.Judge(json) is { Reason: var reason }) return Failed(new SimulatedError(null, reason.Code, reason.Message));
        if (!Record.TryParse(json, out var record)) return Failed(new SimulatedError(null, "MALFORMED_JSON", "The record is not a JSON object."));

        context.MoveTo(index);
        var verdict = await RecordRunner.RunAsync(steps, record, context, null, trace, ct);
        return verdict.Ending switch
        {
            Ending.Failed => Failed(ErrorOf(verdict)),
            Ending.Dropped => new SimulatedRecord(index, "dropped", null, null, trace?.Steps),
            _ => new SimulatedRecord(index, "delivered", Json(record), null, trace?.Steps),
        };

        SimulatedRecord Failed(SimulatedError error) => new(index, "failed", null, error, trace?.Steps);
    }

    private static SimulatedError ErrorOf(Verdict failure) => new(failure.Processor, failure.Code!, failure.Message!);

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
            Steps.Add(new SimulatedStep(step.Reference, JsonNamingPolicy.CamelCase.ConvertName(outcome.ToString()), Json(record), failure is { } verdict ? ErrorOf(verdict) : null));
    }
}
