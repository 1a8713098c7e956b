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
    internal static IAsyncEnumerable<SimulationInput> Of(IReadOnlyList<JsonElement> records) =>
        records.Select((record, index) => new SimulationInput(index, JsonMarshal.GetRawUtf8Value(record).ToArray(), null)).ToAsyncEnumerable();

    /// <summary>What was no JSON when it was submitted keeps the reason it failed for: no configuration changes that.</summary>
    internal static SimulationInput Of(RecordFailure failure) =>
        new(failure.RecordIndex, failure.Record, failure.RecordIsJson ? null : new SimulatedError(failure.Processor, failure.Code, failure.Message));
}

/// <summary>What an owner wants to see.</summary>
/// <param name="Records">At most <see cref="Simulation.MaxRecords"/>, read one after the other.</param>
internal sealed record SimulationTask(OwnerId Owner, JsonElement Config, SimulationScene Scene, IAsyncEnumerable<SimulationInput> Records, bool Verbose);

/// <summary>Runs records through a configuration for their owner to see, as many as take no more than a bounded time and make no more than a bounded answer. Thread-safe.</summary>
internal sealed class Simulator(
    PipelineCompiler compiler, Supervisor supervisor, LostCalls.Registry lost, SimulationTurns turns, IWorkThreads threads, IOptions<BatchOptions> limits, IOptions<ProcessingOptions> processing, TimeProvider clock)
{
    internal async Task<Result<SimulationResult>> RunAsync(SimulationTask task, CancellationToken ct)
    {
        var compiled = compiler.Compile(task.Config);
        if (!compiled.IsSuccess) return compiled.Error;
        var first = compiled.Value;
        using var time = new CancellationTokenSource(Simulation.MaxTime, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, time.Token);
        try
        {
            using var turn = await turns.TakeAsync(task.Owner, either.Token);
            await using var progress = new Progress(task.Records, either.Token);
            var account = lost.NewAccount(task.Owner);
            return await supervisor.RunAsync(watch => PassAsync(Interlocked.Exchange(ref first, null) ?? compiler.Compile(task.Config).Value!, task, progress, account, watch), either.Token);
        }
        catch (OperationCanceledException) when (time.IsCancellationRequested && !ct.IsCancellationRequested)
        {
            return Simulation.TookTooLong();
        }
        finally
        {
            Interlocked.Exchange(ref first, null)?.Dispose();
        }
    }

    private async Task<Result<SimulationResult>> PassAsync(CompiledPipeline pipeline, SimulationTask task, Progress progress, LostCalls account, CallWatch watch)
    {
        using var owned = pipeline;
        watch.Attach(pipeline, account);
        var inspector = new RecordInspector(limits.Value);
        var context = new ProcessorContext(clock) { PipelineId = task.Scene.PipelineId, PipelineName = task.Scene.PipelineName, BatchId = task.Scene.BatchId };
        while (await threads.ReturnFrom(progress.HasNextAsync()))
        {
            var answer = new Answer(Simulation.MaxAnswerBytes - progress.AnsweredBytes);
            watch.BeginRecord();
            var result = await RunAsync(pipeline, progress.Next, inspector, context, task.Verbose ? [] : null, answer, watch.Token);
            if (answer.IsTooLong) return Simulation.AnswersTooMuch(task.Verbose);
            progress.Settle(result, answer.Bytes);
        }

        return new SimulationResult(progress.Results);
    }

    private async Task<SimulatedRecord> RunAsync(
        CompiledPipeline pipeline, SimulationInput input, RecordInspector inspector, ProcessorContext context, List<SimulatedStep>? steps, Answer answer, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        var (index, json, rejection) = input;
        if (rejection is not null) return Failed(rejection);
        if (inspector.Scanner.Scan(json.Span, isFinal: true) != ScanOutcome.Complete) return Failed(new SimulatedError(null, "MALFORMED_JSON", "The record is not valid JSON."));
        if (inspector.Judge(json.Span) is { Reason: var reason }) return Failed(new SimulatedError(null, reason.Code, reason.Message));
        var record = new Record(processing.Value.MaxRecordBytes);
        if (!record.TryReparse(json)) return Failed(new SimulatedError(null, "MALFORMED_JSON", "The record is not a JSON object."));

        if (pipeline.RecordSchema?.Check(record) is { Outcome: ProcessorOutcome.Fail } violation) return Failed(ErrorOf(new Verdict(Ending.Failed, null, violation)));
        context.MoveTo(index);
        var verdict = await RecordRunner.RunAsync(pipeline.Steps, record, context, null, steps is null ? null : new Trace(steps, answer), ct);
        return verdict.Ending switch
        {
            Ending.Failed => Failed(ErrorOf(verdict)),
            Ending.Dropped => new SimulatedRecord(index, SimulatedOutcome.Dropped, null, null, steps),
            _ => new SimulatedRecord(index, SimulatedOutcome.Delivered, answer.Json(record), null, steps),
        };

        SimulatedRecord Failed(SimulatedError error) => new(index, SimulatedOutcome.Failed, null, error, steps);
    }

    private static SimulatedError ErrorOf(Verdict failure) => new(failure.Processor, failure.Code!, failure.Message!) { Details = failure.Failure.Details is { Count: > 0 } details ? details : null };

    private sealed class Trace(List<SimulatedStep> steps, Answer answer) : IStepObserver
    {
        public void After(CompiledStep step, StepOutcome outcome, Record record, Verdict? failure)
        {
            if (answer.IsTooLong) return;
            steps.Add(new SimulatedStep(step.Reference, outcome, answer.Json(record), failure is { } verdict ? ErrorOf(verdict) : null));
        }
    }

    /// <summary>What the answer about one record holds of it.</summary>
    private sealed class Answer(long room)
    {
        internal long Bytes { get; private set; }

        internal bool IsTooLong => Bytes > room;

        internal RawJson Json(Record record)
        {
            var buffer = new ArrayBufferWriter<byte>();
            record.WriteTo(buffer);
            Bytes += buffer.WrittenCount;
            return new RawJson(buffer.WrittenMemory);
        }
    }

    /// <summary>How far the simulation has come, whichever pass it is that is at it.</summary>
    private sealed class Progress(IAsyncEnumerable<SimulationInput> records, CancellationToken ct) : IAsyncDisposable
    {
        private readonly IAsyncEnumerator<SimulationInput> _records = records.GetAsyncEnumerator(ct);
        private readonly List<SimulatedRecord> _results = [];
        private bool _hasNext;

        internal IReadOnlyList<SimulatedRecord> Results => _results;

        internal long AnsweredBytes { get; private set; }

        internal SimulationInput Next => _records.Current;

        public ValueTask DisposeAsync() => _records.DisposeAsync();

        internal async ValueTask<bool> HasNextAsync() => _hasNext || (_hasNext = await _records.MoveNextAsync());

        internal void Settle(SimulatedRecord result, long bytes)
        {
            _results.Add(result);
            AnsweredBytes += bytes;
            _hasNext = false;
        }
    }
}
