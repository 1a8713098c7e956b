using DataPipeline.Application.Pipelines;
using DataPipeline.Domain.Batches;
using Microsoft.EntityFrameworkCore;

namespace DataPipeline.Infrastructure.Persistence;

internal sealed class PipelineMetricsReader(Database database, TimeProvider clock) : IPipelineMetrics
{
    public async Task<PipelineMetrics> ReadAsync(Guid pipelineId, CancellationToken ct)
    {
        await using var db = database.Open();
        var batches = db.Batches.AsNoTracking().Where(b => b.PipelineId == pipelineId);
        var counters = await db.PipelineCounters.AsNoTracking().SingleOrDefaultAsync(c => c.PipelineId == pipelineId, ct);
        var byStatus = await batches.GroupBy(b => b.Status).Select(g => new { Status = g.Key, Count = g.Count() }).ToDictionaryAsync(g => g.Status, g => g.Count, ct);
        var recent = await batches.Where(b => b.CompletedAt >= RecentStart()).OrderByDescending(b => b.CompletedAt).Take(IPipelineMetrics.MaxRecentBatches)
            .Select(b => new Ended(b.CreatedAt, b.StartedAt, b.CompletedAt!.Value, b.DeliveredCount + b.DroppedCount + b.FailedCount)).ToListAsync(ct);
        var activity = (await ReadActivityAsync(db, [pipelineId], ct))[pipelineId];
        var (delivered, dropped, failed) = counters is null ? (0, 0, 0) : (counters.Delivered, counters.Dropped, counters.Failed);
        return new PipelineMetrics(
            delivered + dropped + failed, delivered, dropped, failed,
            Of(BatchStatus.Pending), Of(BatchStatus.Processing), Of(BatchStatus.Completed), Of(BatchStatus.Failed), Of(BatchStatus.Cancelled),
            LatencyOf(recent), SpeedOf(recent), activity);

        int Of(BatchStatus status) => byStatus.GetValueOrDefault(status);
    }

    public async Task<IReadOnlyDictionary<Guid, PipelineActivity>> ReadActivityAsync(IReadOnlyCollection<Guid> pipelineIds, CancellationToken ct)
    {
        if (pipelineIds.Count == 0) return new Dictionary<Guid, PipelineActivity>();
        await using var db = database.Open();
        return await ReadActivityAsync(db, pipelineIds, ct);
    }

    public async Task<IReadOnlyList<MetricPoint>> ReadSeriesAsync(Guid pipelineId, DateTimeOffset from, TimeSpan step, int count, CancellationToken ct)
    {
        await using var db = database.Open();
        var to = from + (step * count);
        var points = Enumerable.Range(0, count).Select(i => new MetricPoint(from + (step * i), 0, 0, 0, 0, null, null)).ToArray();
        var buckets = db.MetricBuckets.AsNoTracking().Where(b => b.PipelineId == pipelineId && b.StartedAt >= from && b.StartedAt < to);
        await foreach (var bucket in buckets.AsAsyncEnumerable().WithCancellation(ct))
        {
            ref var point = ref points[(int)((bucket.StartedAt - from) / step)];
            point = point with { Delivered = point.Delivered + bucket.Delivered, Dropped = point.Dropped + bucket.Dropped, Failed = point.Failed + bucket.Failed };
        }

        var ended = await db.Batches.AsNoTracking().Where(b => b.PipelineId == pipelineId && b.CompletedAt >= from && b.CompletedAt < to)
            .Select(b => new { b.CreatedAt, CompletedAt = b.CompletedAt!.Value }).ToListAsync(ct);
        foreach (var inStep in ended.GroupBy(b => (int)((b.CompletedAt - from) / step), b => (b.CompletedAt - b.CreatedAt).TotalMilliseconds))
        {
            var ascending = inStep.Order().ToArray();
            points[inStep.Key] = points[inStep.Key] with { Batches = ascending.Length, LatencyP50 = Rank(ascending, 50), LatencyP95 = Rank(ascending, 95) };
        }

        return points;
    }

    public async Task<IReadOnlyList<ProcessorCounts>> ReadProcessorsAsync(Guid pipelineId, int version, CancellationToken ct)
    {
        await using var db = database.Open();
        return await db.ProcessorStatistics.AsNoTracking().Where(s => s.PipelineId == pipelineId && s.Version == version).OrderBy(s => s.ProcessorIndex)
            .Select(s => new ProcessorCounts(s.ProcessorIndex, s.Records, s.Failed, s.Dropped, s.TotalMs)).ToListAsync(ct);
    }

    internal static BatchLatency LatencyOf(IReadOnlyCollection<Ended> batches)
    {
        if (batches.Count == 0) return BatchLatency.None;
        var ascending = batches.Select(b => (b.CompletedAt - b.CreatedAt).TotalMilliseconds).Order().ToArray();
        return new BatchLatency(ascending.Average(), Rank(ascending, 50), Rank(ascending, 95), Rank(ascending, 99), ascending[^1]);
    }

    private static double Rank(double[] ascending, int percent) => ascending[((ascending.Length * percent) + 99) / 100 - 1];

    internal static double? SpeedOf(IReadOnlyCollection<Ended> batches)
    {
        var run = batches.Where(b => b.StartedAt is not null).ToList();
        var seconds = run.Sum(b => (b.CompletedAt - b.StartedAt!.Value).TotalSeconds);
        return seconds > 0 ? run.Sum(b => (long)b.Processed) / seconds : null;
    }

    private async Task<Dictionary<Guid, PipelineActivity>> ReadActivityAsync(AppDbContext db, IReadOnlyCollection<Guid> pipelineIds, CancellationToken ct)
    {
        var since = RecentStart();
        var rows = await db.Pipelines.AsNoTracking().Where(p => pipelineIds.Contains(p.Id)).Select(p => new
        {
            p.Id,
            LastEnd = db.Batches.Where(b => b.PipelineId == p.Id && b.CompletedAt != null).OrderByDescending(b => b.CompletedAt).Select(b => b.CompletedAt).FirstOrDefault(),
            LastStart = db.Batches.Where(b => b.PipelineId == p.Id && b.Status == BatchStatus.Processing).OrderByDescending(b => b.StartedAt).Select(b => b.StartedAt).FirstOrDefault(),
            Failed = db.Batches.Where(b => b.PipelineId == p.Id && b.CompletedAt >= since).OrderByDescending(b => b.CompletedAt).Take(IPipelineMetrics.MaxRecentBatches).Sum(b => (long)b.FailedCount),
            Processed = db.Batches.Where(b => b.PipelineId == p.Id && b.CompletedAt >= since).OrderByDescending(b => b.CompletedAt).Take(IPipelineMetrics.MaxRecentBatches)
                .Sum(b => (long)b.DeliveredCount + b.DroppedCount + b.FailedCount),
        }).ToDictionaryAsync(r => r.Id, ct);
        return pipelineIds.Distinct().ToDictionary(id => id, id => rows.TryGetValue(id, out var row)
            ? new PipelineActivity(Later(row.LastStart, row.LastEnd), row.Processed > 0 ? (double)row.Failed / row.Processed : null)
            : PipelineActivity.None);
    }

    private DateTimeOffset RecentStart() => clock.GetUtcNow() - IPipelineMetrics.RecentWindow;

    private static DateTimeOffset? Later(DateTimeOffset? one, DateTimeOffset? other) => one is null || other > one ? other : one;

    /// <summary>What the figures need of a batch that has ended.</summary>
    internal sealed record Ended(DateTimeOffset CreatedAt, DateTimeOffset? StartedAt, DateTimeOffset CompletedAt, int Processed);
}
