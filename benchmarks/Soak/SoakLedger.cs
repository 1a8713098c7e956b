using System.Collections.Concurrent;

namespace DataPipeline.Benchmarks.Soak;

/// <summary>What was accepted and what became of it, and everything that was not as it should be. Thread-safe.</summary>
internal sealed class SoakLedger
{
    private const int FaultsKept = 20;
    private readonly ConcurrentQueue<string> _faults = new();
    private readonly ConcurrentQueue<Guid> _done = new();
    private long _accepted;
    private long _accounted;
    private long _cancelled;
    private int _batches;
    private int _faultCount;

    internal int Batches => Volatile.Read(ref _batches);

    internal long Accepted => Interlocked.Read(ref _accepted);

    /// <summary>Records that were delivered, dropped or captured as failed.</summary>
    internal long Accounted => Interlocked.Read(ref _accounted);

    /// <summary>Records that were not processed, since their batch was cancelled or failed before.</summary>
    internal long NotProcessed => Interlocked.Read(ref _cancelled);

    internal int FaultCount => Volatile.Read(ref _faultCount);

    /// <summary>The first of the faults.</summary>
    internal IEnumerable<string> Faults => _faults;

    internal void Accept(int records)
    {
        Interlocked.Increment(ref _batches);
        Interlocked.Add(ref _accepted, records);
    }

    internal void Account(int processed, int notProcessed)
    {
        Interlocked.Add(ref _accounted, processed);
        Interlocked.Add(ref _cancelled, notProcessed);
    }

    /// <summary>Nothing more is asked of the batch: it may become old.</summary>
    internal void Finish(Guid batch) => _done.Enqueue(batch);

    internal IReadOnlyList<Guid> TakeFinished()
    {
        var taken = new List<Guid>();
        while (_done.TryDequeue(out var batch)) taken.Add(batch);
        return taken;
    }

    internal void Fault(string what)
    {
        if (Interlocked.Increment(ref _faultCount) <= FaultsKept) _faults.Enqueue(what);
    }
}
