using DataPipeline.Application.Batches;

namespace DataPipeline.Infrastructure.Persistence.Signals;

/// <summary>Signals within the process: all there is where one process has the database to itself.</summary>
internal class BatchSignals : IBatchSignals, IDisposable
{
    private readonly SemaphoreSlim _work = new(0, 1);
    private readonly Lock _gate = new();
    private readonly Dictionary<Guid, (TaskCompletionSource Ended, int Waiting)> _ends = [];

    public virtual void WorkArrived() => Wake();

    public virtual void BatchEnded(Guid batchId) => WakeWaitersFor(batchId);

    public Task WaitForWorkAsync(TimeSpan atMost, CancellationToken ct) => _work.WaitAsync(atMost, ct);

    public async Task WaitForEndAsync(Guid batchId, TimeSpan atMost, CancellationToken ct)
    {
        Task ended;
        lock (_gate)
        {
            if (!_ends.TryGetValue(batchId, out var entry)) entry.Ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _ends[batchId] = entry with { Waiting = entry.Waiting + 1 };
            ended = entry.Ended.Task;
        }

        await ended.WaitAsync(atMost, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!ended.IsCompleted) StopWaiting(batchId);
        ct.ThrowIfCancellationRequested();
    }

    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing)
    {
        if (disposing) _work.Dispose();
    }

    protected void Wake()
    {
        lock (_gate)
        {
            if (_work.CurrentCount == 0) _work.Release();
        }
    }

    protected void WakeWaitersFor(Guid batchId)
    {
        lock (_gate)
        {
            if (_ends.Remove(batchId, out var entry)) entry.Ended.SetResult();
        }
    }

    private void StopWaiting(Guid batchId)
    {
        lock (_gate)
        {
            if (!_ends.TryGetValue(batchId, out var entry)) return;
            if (entry.Waiting == 1) _ends.Remove(batchId);
            else _ends[batchId] = entry with { Waiting = entry.Waiting - 1 };
        }
    }
}
