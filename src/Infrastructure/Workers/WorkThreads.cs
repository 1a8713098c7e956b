using System.Diagnostics;
using DataPipeline.Application.Processing;

namespace DataPipeline.Infrastructure.Workers;

/// <summary>As many threads as there is work at once; they are kept for a while for the work that comes next.</summary>
internal sealed class WorkThreads : IWorkThreads, IDisposable
{
    /// <summary>For how long a thread may be at a piece of work before it steps back: from then on the others' work comes first, so that one that computes for ever costs them little.</summary>
    internal static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan TimeBetweenLooks = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan IdleTime = TimeSpan.FromSeconds(30);

    private readonly object _gate = new();
    private readonly Queue<Action> _waiting = new();
    private readonly HashSet<WorkThread> _busy = [];
    private readonly Timer _looks;
    private int _idle;
    private bool _isDisposed;

    public WorkThreads() => _looks = new Timer(_ => LookForSlow(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

    public void Run(Action work)
    {
        lock (_gate)
        {
            _waiting.Enqueue(work);
            if (_idle >= _waiting.Count)
            {
                Monitor.Pulse(_gate);
                return;
            }
        }

        new Thread(Live) { IsBackground = true, Name = "work" }.Start();
    }

    /// <summary>Threads that are still at work end with it, or with the process.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _isDisposed = true;
            _looks.Dispose();
        }
    }

    private void Live()
    {
        var thread = new WorkThread();
        while (!thread.HasSteppedBack && TakeFor(thread) is { } work)
        {
            work();
            lock (_gate) _busy.Remove(thread);
        }
    }

    /// <returns>The next piece of work, or <c>null</c> where none came for long.</returns>
    private Action? TakeFor(WorkThread thread)
    {
        lock (_gate)
        {
            _idle++;
            while (_waiting.Count == 0 && Monitor.Wait(_gate, IdleTime)) { }
            _idle--;
            if (!_waiting.TryDequeue(out var work)) return null;
            thread.Begin();
            _busy.Add(thread);
            if (_busy.Count == 1) LookSoon();
            return work;
        }
    }

    private void LookForSlow()
    {
        lock (_gate)
        {
            foreach (var thread in _busy) thread.StepBackAfter(Patience);
            if (_busy.Count > 0) LookSoon();
        }
    }

    private void LookSoon()
    {
        if (!_isDisposed) _looks.Change(TimeBetweenLooks, Timeout.InfiniteTimeSpan);
    }

    private sealed class WorkThread
    {
        private readonly Thread _thread = Thread.CurrentThread;
        private readonly uint _systemId = OperatingSystem.IsLinux() ? LinuxThreads.IdOfCurrent() : 0;
        private long _begun;

        /// <summary>For good, since few processes may raise what they have lowered.</summary>
        internal bool HasSteppedBack { get; private set; }

        internal void Begin() => _begun = Stopwatch.GetTimestamp();

        internal void StepBackAfter(TimeSpan patience)
        {
            if (HasSteppedBack || Stopwatch.GetElapsedTime(_begun) < patience) return;
            HasSteppedBack = true;
            if (OperatingSystem.IsLinux()) LinuxThreads.StepBack(_systemId);
            else _thread.Priority = ThreadPriority.BelowNormal;
        }
    }
}
