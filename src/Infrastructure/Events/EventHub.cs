using DataPipeline.Application.Events;
using DataPipeline.Application.Observability;
using DataPipeline.Domain.Batches;
using DataPipeline.Domain.Common;
using DataPipeline.Infrastructure.Persistence;
using DataPipeline.Infrastructure.Persistence.Repositories;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace DataPipeline.Infrastructure.Events;

/// <summary>
/// Makes one query a second, however many watch, and none while nobody does. Whoever joins reads the present state by the same query; all these reads take turns,
/// so that what a watch is told never goes back.
/// </summary>
internal sealed class EventHub(Database database, ServiceMetrics metrics, IOptions<EventsOptions> settings, IHostApplicationLifetime lifetime, TimeProvider clock, ILogger<EventHub> logger)
    : BackgroundService, IEventHub
{
    /// <summary>How far back an end may be dated by another process' clock and still be new. A batch that was seen at work is followed by its id, however late its end is committed.</summary>
    private static readonly TimeSpan Overlap = TimeSpan.FromSeconds(10);

    /// <summary>The same where nobody followed the batches: a commit may also take as long as its statements may.</summary>
    internal static readonly TimeSpan ResumeOverlap = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ReadTimeout = TimeSpan.FromSeconds(5);

    /// <summary>Every so many turns the query is for the keys instead.</summary>
    private const int TurnOfKeys = 4;

    /// <summary>How many batches one who joins is told of at once: of those that wait, further ones when they begin.</summary>
    private const int MaxAtJoining = 1_000;
    private const int PageOfEnded = 200;

    private readonly EventsOptions _options = settings.Value;
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly Lock _gate = new();
    private readonly HashSet<Watch> _watches = [];

    // What those who have joined have been told, and until when all ends are known. Used in turns.
    private readonly Dictionary<Guid, PipelineState> _pipelines = [];
    private Dictionary<Guid, Batch> _batches = [];
    private DateTimeOffset _lookedAt;

    public override void Dispose()
    {
        _turn.Dispose();
        base.Dispose();
    }

    public async Task<Result<IWatch>> WatchBatchAsync(OwnerId owner, Guid keyId, Guid batchId, long? known, CancellationToken ct) =>
        await OpenAsync(new SingleBatchWatch(this, owner, keyId, batchId, known, _options.KeepAlive), joins: true, ct);

    public async Task<Result<IWatch>> WatchPipelineAsync(OwnerId owner, Guid keyId, Guid pipelineId, DateTimeOffset? since, CancellationToken ct) =>
        await OpenAsync(new WholePipelineWatch(this, owner, keyId, pipelineId, since, _options.KeepAlive), joins: since is null, ct);

    /// <summary>A page of the pipeline's batches that ended after another, in the order of their ends; where there is none, the watch has joined.</summary>
    internal async Task<IReadOnlyList<Batch>> ReadEndedOrJoinAsync(WholePipelineWatch watch, DateTimeOffset after, Guid lastId, CancellationToken ct)
    {
        await _turn.WaitAsync(ct);
        try
        {
            await using var db = database.Open();
            var ended = await db.LivingBatches
                .Where(batch => batch.PipelineId == watch.Subject && (batch.CompletedAt > after || (batch.CompletedAt == after && batch.Id > lastId)))
                .OrderBy(batch => batch.CompletedAt).ThenBy(batch => batch.Id).Take(PageOfEnded).ToListAsync(ct);
            if (ended.Count == 0) await JoinAsync(watch, hasResumed: true, ct);
            return ended;
        }
        finally
        {
            _turn.Release();
        }
    }

    internal void Leave(Watch watch)
    {
        lock (_gate)
        {
            if (_watches.Remove(watch)) metrics.EventStreamClosed();
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // The server waits for answers that are under way before it stops, and these would go on for ever.
        await using var stopping = lifetime.ApplicationStopping.Register(() =>
        {
            foreach (var watch in Watches()) watch.End();
        });
        var hasFailed = false;
        for (var turn = 1; !stoppingToken.IsCancellationRequested; turn++)
        {
            await Task.Delay(Interval, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            using var timeout = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
            timeout.CancelAfter(ReadTimeout);
            try
            {
                if (turn % TurnOfKeys == 0) await EndThoseOfInvalidKeysAsync(timeout.Token);
                else await LookAsync(timeout.Token);
                if (hasFailed) EventsLog.LooksAgain(logger);
                hasFailed = false;
            }
            catch (Exception) when (stoppingToken.IsCancellationRequested)
            {
                return; // Shutdown: who watched goes on elsewhere.
            }
            catch (Exception failure)
            {
                if (!hasFailed) EventsLog.LookFailed(logger, failure);
                hasFailed = true;
            }
        }
    }

    private async Task<Result<IWatch>> OpenAsync(Watch watch, bool joins, CancellationToken ct)
    {
        lock (_gate)
        {
            if (_watches.Count >= _options.MaxStreams) return WatchErrors.NoRoom();
            if (_watches.Count(other => other.Owner == watch.Owner) >= _options.MaxStreamsPerOwner) return WatchErrors.TooMany(_options.MaxStreamsPerOwner);
            _watches.Add(watch);
            metrics.EventStreamOpened();
        }

        try
        {
            if (lifetime.ApplicationStopping.IsCancellationRequested) watch.End();
            if (joins) await JoinInTurnAsync(watch, ct);
            return Result<IWatch>.Success(watch);
        }
        catch
        {
            watch.Dispose();
            throw;
        }
    }

    private async Task JoinInTurnAsync(Watch watch, CancellationToken ct)
    {
        await _turn.WaitAsync(ct);
        try
        {
            await JoinAsync(watch, hasResumed: false, ct);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Tells the watch how things are, and lets it be told what changes. In turn.</summary>
    private async Task JoinAsync(Watch watch, bool hasResumed, CancellationToken ct)
    {
        var (now, joined) = (clock.GetUtcNow(), Joined());
        if (joined.Length == 0) ForgetAll(now);
        var ofBatch = watch is SingleBatchWatch;
        var late = _lookedAt - Overlap;
        var found = await ReadAsync(ofBatch ? [watch.Subject] : [], ofBatch ? [] : [watch.Subject], DateTimeOffset.UnixEpoch, late, MaxAtJoining, ct);
        Tell([.. found.Where(row => row.Batch is not { Status: BatchStatus.Pending } waiting || waiting.CreatedAt >= late)], joined, now); // The others know what waits for longer.
        foreach (var (pipeline, batch) in found)
        {
            if (watch is WholePipelineWatch whole && !_pipelines.ContainsKey(pipeline.Id)) _pipelines[pipeline.Id] = pipeline;
            if (batch is not null && (ofBatch || hasResumed || !batch.IsFinished)) watch.Tell(batch, now);
        }

        if (found.Count == 0) watch.End(); // It was deleted in this moment.
        else if (watch is WholePipelineWatch whole) whole.Tell(found[0].Pipeline, now);
        watch.HasJoined = true;
    }

    private async Task LookAsync(CancellationToken ct)
    {
        await _turn.WaitAsync(ct);
        try
        {
            var (now, joined) = (clock.GetUtcNow(), Joined());
            if (joined.Length == 0)
            {
                ForgetAll(now);
                return;
            }

            var pipelines = joined.OfType<WholePipelineWatch>().Select(watch => watch.Subject).ToHashSet();
            var batches = joined.OfType<SingleBatchWatch>().Select(watch => watch.Subject).ToHashSet();
            batches.UnionWith(_batches.Values.Where(batch => batch.Status == BatchStatus.Processing && pipelines.Contains(batch.PipelineId)).Select(batch => batch.Id));
            var found = await ReadAsync([.. batches], [.. pipelines], _lookedAt - Overlap, _lookedAt - Overlap, int.MaxValue, ct);
            Tell(found, joined, now);
            Forget(found);
            foreach (var watch in joined.Where(watch => !(watch is SingleBatchWatch ? _batches.ContainsKey(watch.Subject) : _pipelines.ContainsKey(watch.Subject)))) watch.End();
            _lookedAt = now;
        }
        finally
        {
            _turn.Release();
        }
    }

    private async Task EndThoseOfInvalidKeysAsync(CancellationToken ct)
    {
        var watches = Watches();
        if (watches.Length == 0) return;
        var (keys, now) = (watches.Select(watch => watch.KeyId).Distinct().ToArray(), clock.GetUtcNow());
        await using var db = database.Open();
        var valid = await db.ApiKeys.AsNoTracking()
            .Where(key => EF.Parameter(keys).Contains(key.Id) && key.RevokedAt == null && (key.ExpiresAt == null || key.ExpiresAt > now)).Select(key => key.Id).ToHashSetAsync(ct);
        foreach (var watch in watches.Where(watch => !valid.Contains(watch.KeyId))) watch.End();
    }

    /// <summary>In one statement: these batches; and of these pipelines their state, the batches at work, and those that were accepted or have ended of late.</summary>
    private async Task<IReadOnlyList<(PipelineState Pipeline, Batch? Batch)>> ReadAsync(
        Guid[] batchIds, Guid[] pipelineIds, DateTimeOffset acceptedSince, DateTimeOffset endedSince, int atMost, CancellationToken ct)
    {
        await using var db = database.Open();
        var open = from pipeline in db.Pipelines
                   where EF.Parameter(pipelineIds).Contains(pipeline.Id)
                   from batch in db.Batches
                       .Where(batch => batch.PipelineId == pipeline.Id && (batch.Status == BatchStatus.Processing || (batch.Status == BatchStatus.Pending && batch.CreatedAt >= acceptedSince))).DefaultIfEmpty()
                   select new { PipelineId = pipeline.Id, BatchId = (Guid?)batch.Id };
        var ended = from batch in db.Batches
                    where EF.Parameter(pipelineIds).Contains(batch.PipelineId) && batch.CompletedAt >= endedSince
                    select new { batch.PipelineId, BatchId = (Guid?)batch.Id };
        var single = from batch in db.Batches
                     where EF.Parameter(batchIds).Contains(batch.Id)
                     select new { batch.PipelineId, BatchId = (Guid?)batch.Id };
        var rows = await (from row in open.Union(ended).Union(single).Take(atMost)
                          join pipeline in db.Pipelines on row.PipelineId equals pipeline.Id
                          where pipeline.OwnerId != PipelineRepository.Nobody
                          join batch in db.Batches on row.BatchId equals batch.Id into found
                          from batch in found.DefaultIfEmpty()
                          select new { pipeline.Id, pipeline.Name, pipeline.Status, pipeline.Version, pipeline.UpdatedAt, Batch = batch }).AsNoTracking().ToListAsync(ct);
        return rows.ConvertAll(row => (new PipelineState(row.Id, row.Name, row.Status, row.Version, row.UpdatedAt), (Batch?)row.Batch));
    }

    /// <summary>Tells those who have joined what of this they have not been told.</summary>
    private void Tell(IReadOnlyList<(PipelineState Pipeline, Batch? Batch)> found, Watch[] joined, DateTimeOffset at)
    {
        var watches = joined.ToLookup(watch => watch.Subject);
        foreach (var (pipeline, batch) in found)
        {
            if (_pipelines.TryGetValue(pipeline.Id, out var told) && told != pipeline)
            {
                _pipelines[pipeline.Id] = pipeline;
                foreach (var watch in watches[pipeline.Id]) ((WholePipelineWatch)watch).Tell(pipeline, at);
            }

            if (batch is null || (_batches.TryGetValue(batch.Id, out var before) && BatchEvent.PositionOf(before) >= BatchEvent.PositionOf(batch))) continue;
            _batches[batch.Id] = batch;
            foreach (var watch in watches[batch.Id].Concat(watches[batch.PipelineId])) watch.Tell(batch, at);
        }
    }

    /// <summary>What was not found any more has gone, or ended so long ago that it is not looked for again.</summary>
    private void Forget(IReadOnlyList<(PipelineState Pipeline, Batch? Batch)> found)
    {
        var batches = new Dictionary<Guid, Batch>();
        foreach (var (_, batch) in found)
        {
            if (batch is not null) batches[batch.Id] = _batches[batch.Id];
        }

        _batches = batches;
        var pipelines = found.Select(row => row.Pipeline.Id).ToHashSet();
        foreach (var gone in _pipelines.Keys.Where(id => !pipelines.Contains(id)).ToList()) _pipelines.Remove(gone);
    }

    private void ForgetAll(DateTimeOffset now)
    {
        _batches.Clear();
        _pipelines.Clear();
        _lookedAt = now;
    }

    private Watch[] Joined() => [.. Watches().Where(watch => watch.HasJoined)];

    private Watch[] Watches()
    {
        lock (_gate) return [.. _watches];
    }
}
