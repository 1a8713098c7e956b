using System.Diagnostics.CodeAnalysis;
using DataPipeline.Application.Common;
using DataPipeline.Domain.Batches;
using DataPipeline.Domain.Processing;

namespace DataPipeline.Application.Processing;

/// <summary>How a record came out of a list of processors.</summary>
internal enum Ending : byte
{
    /// <summary>It passed them all.</summary>
    Passed,

    /// <summary>It is delivered without having met those that follow.</summary>
    Terminated,

    Dropped,
    Failed,
}

/// <param name="Processor">Where it failed; <c>null</c> where it did not, or before the first processor.</param>
/// <param name="Failure">What it failed with; of one that did not, it says nothing.</param>
internal readonly record struct Verdict(Ending Ending, ProcessorRef? Processor = null, ProcessorResult Failure = default)
{
    /// <summary><c>null</c> unless it failed.</summary>
    internal string? Code => Failure.Code;

    /// <summary><c>null</c> unless it failed.</summary>
    internal string? Message => Failure.Message;
}

/// <summary>What a single processor did.</summary>
public enum StepOutcome
{
    /// <summary>The record goes on, changed or not.</summary>
    Ok,

    /// <summary>Its condition did not hold.</summary>
    Skipped,

    /// <summary>The record ended there, on purpose.</summary>
    Dropped,

    /// <summary>It failed, and so did the record unless <c>onFailure</c> took it up.</summary>
    Failed,

    /// <summary>It failed, and the record goes on as it was before.</summary>
    Ignored,
}

/// <summary>Looks on while a record goes from processor to processor.</summary>
internal interface IStepObserver
{
    /// <param name="failure">The failure, where there was one, even if it was handled or ignored.</param>
    void After(CompiledStep step, StepOutcome outcome, Record record, Verdict? failure);
}

/// <summary>Leads a record through processors, with all that their frames ask for.</summary>
internal static class RecordRunner
{
    internal const string Crashed = "PROCESSOR_CRASHED";
    internal const string TimedOut = "PROCESSOR_TIMEOUT";
    internal const int MaxMessageLength = 2_000;

    /// <param name="tallies">Where each step is counted, in their order; <c>null</c> where nobody counts.</param>
    /// <exception cref="OperationCanceledException"><paramref name="ct"/> was set.</exception>
    internal static async ValueTask<Verdict> RunAsync(CompiledStep[] steps, Record record, ProcessorContext context, StepTally[]? tallies, IStepObserver? observer, CancellationToken ct)
    {
        for (var i = 0; i < steps.Length; i++)
        {
            ct.ThrowIfCancellationRequested();
            var step = steps[i];
            if (step.If is { } condition && !condition.Holds(record))
            {
                observer?.After(step, StepOutcome.Skipped, record, null);
                continue;
            }

            var tally = tallies?[i];
            var begun = tally?.Begin() ?? 0;
            var before = step.IsAtomic ? default : record.Snapshot();
            var result = step.Plugins is { } plugins
                ? await plugins.Watch!.CallAsync(step, record, context)
                : step.Processor is { } processor ? Process(step, processor, record, context) : await ProcessAsync(step, record, context, ct);
            if (record.EndRefusal() && result.Outcome != ProcessorOutcome.Drop) result = ProcessorResult.TooLarge(record.MaxBytes);
            tally?.End(begun, result.Outcome);
            switch (result.Outcome)
            {
                case ProcessorOutcome.Continue:
                    observer?.After(step, StepOutcome.Ok, record, null);
                    continue;
                case ProcessorOutcome.Terminate:
                    observer?.After(step, StepOutcome.Ok, record, null);
                    return new Verdict(Ending.Terminated);
                case ProcessorOutcome.Drop:
                    observer?.After(step, StepOutcome.Dropped, record, null);
                    return new Verdict(Ending.Dropped);
            }

            if (!step.IsAtomic) record.TakeBack(before);
            if (result.Message!.Length > MaxMessageLength) result = ProcessorResult.Fail(result.Code!, Excerpt.Of(result.Message, MaxMessageLength), result.Details);
            var failure = new Verdict(Ending.Failed, step.Reference, result);
            var verdict = await HandleAsync(step, failure, record, context, ct);
            observer?.After(step, OutcomeOf(step, verdict), record, verdict.Ending == Ending.Failed ? verdict : failure);
            if (verdict.Ending != Ending.Passed) return verdict;
        }

        return default;
    }

    private static async ValueTask<Verdict> HandleAsync(CompiledStep step, Verdict failure, Record record, ProcessorContext context, CancellationToken ct)
    {
        if (step.OnFailure is not { } handlers) return step.IgnoreFailure ? default : failure;
        var outer = context.Failure;
        context.Handle(new ProcessorFailure(failure.Code!, failure.Message!, step.Reference.Type, step.Reference.Tag));
        var verdict = await RunAsync(handlers, record, context, null, null, ct);
        context.Handle(outer);
        return verdict;
    }

    private static StepOutcome OutcomeOf(CompiledStep step, Verdict verdict) => verdict.Ending switch
    {
        Ending.Dropped => StepOutcome.Dropped,
        Ending.Passed when step.OnFailure is null => StepOutcome.Ignored,
        _ => StepOutcome.Failed,
    };

    [SuppressMessage("Design", "CA1031", Justification = "Whatever a processor throws is that record's failure, not the chunk's.")]
    private static ProcessorResult Process(CompiledStep step, IProcessor processor, Record record, ProcessorContext context)
    {
        try
        {
            return processor.Process(record, context);
        }
        catch (Exception e)
        {
            return Crash(step, e);
        }
    }

    [SuppressMessage("Design", "CA1031", Justification = "Whatever a processor throws is that record's failure, not the chunk's.")]
    private static async ValueTask<ProcessorResult> ProcessAsync(CompiledStep step, Record record, ProcessorContext context, CancellationToken ct)
    {
        try
        {
            return await step.AsyncProcessor!.ProcessAsync(record, context, ct);
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            throw;
        }
        catch (Exception e)
        {
            return Crash(step, e);
        }
    }

    internal static ProcessorResult Crash(CompiledStep step, Exception e) => ProcessorResult.Fail(Crashed, $"{step.Reference.Type} crashed: {e.GetType().Name}: {e.Message}");
}
