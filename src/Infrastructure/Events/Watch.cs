using System.Globalization;
using System.Runtime.CompilerServices;
using DataPipeline.Application.Events;
using DataPipeline.Domain.Batches;
using DataPipeline.Domain.Common;

namespace DataPipeline.Infrastructure.Events;

/// <summary>What one stream has not been told yet: of each thing only the newest state, so that a slow reader costs no more memory than there are things that change.</summary>
/// <param name="subject">The id of the batch or pipeline.</param>
internal abstract class Watch(EventHub hub, OwnerId owner, Guid keyId, Guid subject, TimeSpan keepAlive) : IWatch
{
    private readonly SemaphoreSlim _changed = new(0, 1);
    private bool _isOver;

    internal OwnerId Owner => owner;

    internal Guid KeyId => keyId;

    internal Guid Subject => subject;

    /// <summary>Whether it is told of changes already. The hub's to set.</summary>
    internal bool HasJoined { get; set; }

    protected Lock Gate { get; } = new();

    public async IAsyncEnumerable<IReadOnlyList<WatchEvent>> ReadAsync([EnumeratorCancellation] CancellationToken ct)
    {
        await foreach (var missed in ReadMissedAsync(hub, ct)) yield return missed;
        while (true)
        {
            var (told, isOver) = Take();
            if (told.Count > 0) yield return told;
            if (isOver) yield break;
            if (!await _changed.WaitAsync(keepAlive, ct)) yield return [];
        }
    }

    public void Dispose() => hub.Leave(this); // The semaphore holds nothing that has to be let go of, and the hub may still signal it.

    internal void End()
    {
        lock (Gate)
        {
            _isOver = true;
            Signal();
        }
    }

    /// <param name="at">When the state was looked for.</param>
    internal abstract void Tell(Batch batch, DateTimeOffset at);

    /// <summary>What happened before the watch has joined, where that can be more than fits into it.</summary>
    protected virtual IAsyncEnumerable<IReadOnlyList<WatchEvent>> ReadMissedAsync(EventHub looked, CancellationToken ct) => AsyncEnumerable.Empty<IReadOnlyList<WatchEvent>>();

    /// <summary>Called under the gate.</summary>
    protected abstract IReadOnlyList<WatchEvent> TakeEvents();

    /// <summary>To be called under the gate.</summary>
    protected void Signal()
    {
        if (_changed.CurrentCount == 0) _changed.Release();
    }

    private (IReadOnlyList<WatchEvent> Told, bool IsOver) Take()
    {
        lock (Gate) return (TakeEvents(), _isOver);
    }
}

/// <summary>A batch until its end. The ids are the batch's positions.</summary>
internal sealed class SingleBatchWatch(EventHub hub, OwnerId owner, Guid keyId, Guid batchId, long? known, TimeSpan keepAlive) : Watch(hub, owner, keyId, batchId, keepAlive)
{
    private long? _known = known;
    private Batch? _batch;

    internal override void Tell(Batch batch, DateTimeOffset at)
    {
        lock (Gate)
        {
            var position = BatchEvent.PositionOf(batch);
            if (position != _known)
            {
                (_known, _batch) = (position, batch);
                Signal();
            }
        }

        if (batch.IsFinished) End();
    }

    protected override IReadOnlyList<WatchEvent> TakeEvents()
    {
        if (_batch is not { } batch) return [];
        _batch = null;
        return [new BatchEvent(BatchEvent.PositionOf(batch).ToString(CultureInfo.InvariantCulture), batch)];
    }
}

/// <summary>A pipeline and its batches. The ids are times: what ended before them has been told.</summary>
internal sealed class WholePipelineWatch(EventHub hub, OwnerId owner, Guid keyId, Guid pipelineId, DateTimeOffset? since, TimeSpan keepAlive) : Watch(hub, owner, keyId, pipelineId, keepAlive)
{
    /// <summary>A reader who is further behind is cut off, and goes on from the last event it has.</summary>
    internal const int MaxPending = 2_000;

    private readonly OrderedDictionary<Guid, Batch> _batches = [];
    private PipelineState? _pipeline;
    private bool _isCutOff;
    private string? _told = since is { } time ? EventTime.ToId(time) : null;
    private DateTimeOffset _lookedAt = since ?? DateTimeOffset.MinValue;

    internal override void Tell(Batch batch, DateTimeOffset at)
    {
        lock (Gate)
        {
            if (_isCutOff) return;
            if (_batches.Count < MaxPending || _batches.ContainsKey(batch.Id))
            {
                _batches[batch.Id] = batch;
                Advance(at);
                return;
            }

            _isCutOff = true;
            _batches.Clear();
            _pipeline = null;
        }

        End();
    }

    internal void Tell(PipelineState pipeline, DateTimeOffset at)
    {
        lock (Gate)
        {
            if (_isCutOff) return;
            _pipeline = pipeline;
            Advance(at);
        }
    }

    protected override async IAsyncEnumerable<IReadOnlyList<WatchEvent>> ReadMissedAsync(EventHub looked, [EnumeratorCancellation] CancellationToken ct)
    {
        if (since is not { } from) yield break;
        (DateTimeOffset At, Guid Id) last = (from - EventHub.ResumeOverlap, Guid.Empty);
        while (await looked.ReadEndedOrJoinAsync(this, last.At, last.Id, ct) is { Count: > 0 } ended)
        {
            last = (ended[^1].CompletedAt!.Value, ended[^1].Id);
            yield return [.. ended.Select(batch => new BatchEvent(Told(batch.CompletedAt!.Value), batch))];
        }
    }

    protected override IReadOnlyList<WatchEvent> TakeEvents()
    {
        var count = _batches.Count + (_pipeline is null ? 0 : 1);
        if (count == 0) return [];
        var events = new List<WatchEvent>(count);
        if (_pipeline is { } pipeline) events.Add(new PipelineEvent(NextId(), pipeline));
        foreach (var batch in _batches.Values) events.Add(new BatchEvent(NextId(), batch));
        _pipeline = null;
        _batches.Clear();
        return events;

        // What was found at the same time goes on from the same time: only the last of it says that all has been told.
        string? NextId()
        {
            if (events.Count == count - 1) Told(_lookedAt);
            return _told;
        }
    }

    private string? Told(DateTimeOffset at)
    {
        var id = EventTime.ToId(at);
        if (string.CompareOrdinal(id, _told) > 0) _told = id;
        return _told;
    }

    private void Advance(DateTimeOffset at)
    {
        if (at > _lookedAt) _lookedAt = at;
        Signal();
    }
}
