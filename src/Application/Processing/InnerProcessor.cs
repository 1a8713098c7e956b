using System.Diagnostics;
using DataPipeline.Domain.Processing;

namespace DataPipeline.Application.Processing;

/// <summary>
/// A processor with its whole frame (<c>if</c>, <c>ignoreFailure</c>, <c>onFailure</c>) as an option of another one, which runs it any number of times for a
/// record. Belongs to the processor whose option it is: it is used by one thread at a time and disposed of with it.
/// </summary>
public sealed class InnerProcessor : IDisposable
{
    /// <summary>How deep processors may lie in each other.</summary>
    public const int MaxDepth = 8;

    /// <summary>How often the processors that lie in one may be run for a record, all together: loops in loops multiply.</summary>
    public const int MaxRuns = 1_000_000;

    private readonly CompiledStep[] _steps;
    private readonly Nesting _nesting;

    internal InnerProcessor(CompiledStep step, Nesting nesting) => (_steps, _nesting) = ([step], nesting);

    /// <summary>To be called before the first run for a record.</summary>
    public void Begin()
    {
        if (_nesting.Depth == 1) _nesting.Budget.Begin();
    }

    /// <summary>Runs the processor. What its frame has not handled is the result, and the record then as it was before.</summary>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was set.</exception>
    public ValueTask<ProcessorResult> ProcessAsync(Record record, ProcessorContext context, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (_nesting.Budget.FindExcess() is { } excess) return new(excess);
        var run = RecordRunner.RunAsync(_steps, record, context, null, null, cancellationToken);
        return run.IsCompletedSuccessfully ? new(ResultOf(run.Result)) : AwaitAsync(run);
    }

    public void Dispose() => _steps[0].Dispose();

    private static async ValueTask<ProcessorResult> AwaitAsync(ValueTask<Verdict> run) => ResultOf(await run);

    private static ProcessorResult ResultOf(Verdict verdict) => verdict.Ending switch
    {
        Ending.Passed => ProcessorResult.Continue,
        Ending.Terminated => ProcessorResult.Terminate,
        Ending.Dropped => ProcessorResult.Drop,
        _ => verdict.Failure,
    };

    /// <param name="Depth">In how many processors the inner one lies, itself not counted.</param>
    /// <param name="Budget">Shared by all that lie in the same outermost one.</param>
    internal sealed record Nesting(int Depth, Budget Budget);

    /// <summary>How often, and for how long, inner processors may be run for one record.</summary>
    internal sealed class Budget(TimeSpan timeout)
    {
        private int _runs;
        private long _begun;

        internal void Begin() => (_runs, _begun) = (0, Stopwatch.GetTimestamp());

        /// <returns>What the run that is about to begin fails with, where it is one too many.</returns>
        internal ProcessorResult? FindExcess()
        {
            if (++_runs > MaxRuns) return ProcessorResult.Fail("TOO_MANY_ELEMENTS", $"More than {MaxRuns} elements would have to be processed for this record.");
            if (Stopwatch.GetElapsedTime(_begun) > timeout) return ProcessorResult.Fail(RecordRunner.TimedOut, $"The elements took longer than {timeout.TotalMilliseconds:0} ms.");
            return null;
        }
    }
}
