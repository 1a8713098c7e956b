using System.Diagnostics.CodeAnalysis;
using DataPipeline.Domain.Processing;

namespace DataPipeline.Application.Processing;

/// <summary>What the processors of plugins in one compiled pipeline are called through.</summary>
internal sealed class PluginCalls
{
    /// <summary>Whether there are any.</summary>
    internal bool IsUsed { get; set; }

    /// <summary>Set while records pass through the pipeline.</summary>
    internal CallWatch? Watch { get; set; }
}

/// <summary>
/// Calls processors of plugins, which may do anything: keep the record, take for ever, answer nonsense. Belongs to one pass over records and to the thread that is
/// at it; another thread looks, now and then, whether a call is late. A call that is late is cancelled; one that does not end then either is given up, and the pass
/// with it: what comes back from it later finds nothing to do.
/// </summary>
/// <param name="pass">Cancelled when the pass is to end.</param>
/// <param name="before">The watch of the pass that was given up and that this one goes on from; <c>null</c> for the first.</param>
internal sealed class CallWatch(TimeSpan timeout, TimeSpan grace, IWorkThreads threads, TimeProvider clock, CancellationTokenSource pass, CallWatch? before) : IDisposable
{
    private const long Outside = 0;
    private const long Inside = 1;
    private const long Late = 2;
    private const long Lost = 3;
    private const int PhaseBits = 2;
    private const long PhaseMask = (1 << PhaseBits) - 1;

    private readonly TaskCompletionSource _givenUp = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private DetachedCancellation _cancellation = new(pass.Token);
    private HashSet<int> _lostCalls = before is null ? [] : [.. before._lostCalls, before._callOfRecord];
    private bool _goesOnWithARecord = before is not null;
    private int _callOfRecord;
    private long _call;
    private long _begun;
    private CompiledStep? _step;

    /// <summary>The number of the present call and, in the lowest bits, its phase: one who has looked at a call cannot take the next one for it.</summary>
    private long _state;
    private ITimer? _looks;

    internal CancellationToken Token => pass.Token;

    /// <summary>Completes when a call is given up.</summary>
    internal Task GivenUp => _givenUp.Task;

    /// <summary>The processor that is being called; <c>null</c> between the calls.</summary>
    internal CompiledStep? Called => (Volatile.Read(ref _state) & PhaseMask) == Outside ? null : _step;

    /// <summary>Where calls that are given up are counted.</summary>
    internal LostCalls? Account { get; private set; }

    /// <summary>Begins to look after the calls of a pipeline.</summary>
    internal void Attach(CompiledPipeline pipeline, LostCalls account)
    {
        if (pipeline.Plugins is not { } calls) return;
        Account = account;
        calls.Watch = this;
        var interval = TimeSpan.FromMilliseconds(Math.Clamp(timeout.TotalMilliseconds / 20, 5, 250));
        _looks = clock.CreateTimer(_ => Look(), null, interval, interval);
    }

    /// <summary>To be called before the processors of each record. In the one that a pass goes on with, calls that were given up fail without being made again.</summary>
    internal void BeginRecord()
    {
        _callOfRecord = 0;
        if (!_goesOnWithARecord && _lostCalls.Count > 0) _lostCalls = [];
        _goesOnWithARecord = false;
    }

    /// <summary>Has a processor of a plugin change the record, or say what is to become of it. What it keeps of either, and does to it later, changes nothing here.</summary>
    /// <exception cref="OperationCanceledException">The pass was cancelled or given up.</exception>
    [SuppressMessage("Design", "CA1031", Justification = "Whatever a plugin throws is that record's failure, not the chunk's.")]
    internal async ValueTask<ProcessorResult> CallAsync(CompiledStep step, Record record, ProcessorContext context)
    {
        pass.Token.ThrowIfCancellationRequested();
        if (_lostCalls.Contains(++_callOfRecord)) return TimedOut(step);
        if (Account!.IsFull) return ProcessorResult.Fail(RecordRunner.TimedOut, $"{step.Reference.Type} was not called: calls of plugins by this pipeline have not come back.");
        var (lent, surroundings) = (record.Lend(), context.Lend());
        var hasWaited = false;
        ProcessorResult answer;
        Begin(step);
        try
        {
            if (step.Processor is { } processor)
            {
                answer = processor.Process(lent, surroundings);
            }
            else
            {
                var task = step.AsyncProcessor!.ProcessAsync(lent, surroundings, _cancellation.Token);
                hasWaited = !task.IsCompleted;
                answer = await task;
            }
        }
        catch (Exception e)
        {
            answer = RecordRunner.Crash(step, e);
        }

        var wasLate = End();
        pass.Token.ThrowIfCancellationRequested();
        if (hasWaited) await threads.Enter();
        if (wasLate) return TimedOut(step);
        if (answer.Outcome is not (ProcessorOutcome.Continue or ProcessorOutcome.Terminate)) return PluginAnswer.Clean(answer);
        if (lent.IsTooLarge) record.Refuse();
        else record.TakeOver(lent);
        return answer;
    }

    public void Dispose()
    {
        _looks?.Dispose();
        _cancellation.Dispose();
    }

    private ProcessorResult TimedOut(CompiledStep step) => ProcessorResult.Fail(RecordRunner.TimedOut, $"{step.Reference.Type} took longer than {timeout.TotalMilliseconds:0} ms.");

    private void Begin(CompiledStep step)
    {
        _step = step;
        _begun = clock.GetTimestamp();
        Volatile.Write(ref _state, StateOf(++_call, Inside));
    }

    /// <returns>Whether the call took too long.</returns>
    private bool End()
    {
        if (Moves(StateOf(_call, Inside), Outside)) return false;
        if (!Moves(StateOf(_call, Late), Outside))
        {
            // The record is in other hands by now; all that is left to do here is to leave.
            pass.Cancel();
            throw new OperationCanceledException(pass.Token);
        }

        _cancellation.Dispose();
        _cancellation = new DetachedCancellation(pass.Token);
        return true;
    }

    private void Look()
    {
        var state = Volatile.Read(ref _state);
        var (begun, cancellation) = (Volatile.Read(ref _begun), Volatile.Read(ref _cancellation));
        if (Volatile.Read(ref _state) != state) return;
        var elapsed = clock.GetElapsedTime(begun);
        switch (state & PhaseMask)
        {
            case Inside when elapsed >= timeout && Moves(state, Late):
                cancellation.Cancel();
                break;
            case Late when elapsed >= timeout + grace && Moves(state, Lost):
                _looks?.Dispose();
                _givenUp.SetResult();
                break;
        }
    }

    private bool Moves(long state, long phase) => Interlocked.CompareExchange(ref _state, StateOf(state >> PhaseBits, phase), state) == state;

    private static long StateOf(long call, long phase) => (call << PhaseBits) | phase;
}
