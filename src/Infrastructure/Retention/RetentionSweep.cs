using System.Linq.Expressions;
using DataPipeline.Domain.Batches;
using DataPipeline.Domain.Common;
using DataPipeline.Infrastructure.Persistence;
using DataPipeline.Infrastructure.Persistence.Model;
using DataPipeline.Infrastructure.Persistence.Repositories;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace DataPipeline.Infrastructure.Retention;

/// <summary>
/// Removes what is older than the options allow, and what deleted pipelines have left behind: a few rows at a time, each step committed at once and
/// followed by a pause. Nothing is locked that a worker or a request wants, and where it is interrupted it goes on the next time.
/// </summary>
internal sealed class RetentionSweep(Database database, IIdGenerator ids, IOptions<RetentionOptions> settings, TimeProvider clock)
{
    /// <summary>How many batches are looked up, and at most removed, at once.</summary>
    private const int BatchesAtOnce = 500;

    /// <summary>How many batches a statement may name.</summary>
    private const int BatchesPerStep = 100;

    private readonly RetentionOptions _options = settings.Value;

    /// <returns>What was removed; <c>null</c> where it is not this process' turn.</returns>
    internal async Task<Removed?> RunAsync(CancellationToken ct)
    {
        var turn = new RetentionTurn(database, ids, clock);
        if (!await turn.TryTakeAsync(ct)) return null;
        var run = new Run(database, turn, new Pace(clock), clock, ct);
        var removed = new Removed();
        removed.Others += await run.RemoveSomeAsync("idempotency_keys", "pipeline_id, key", $"expires_at <= {database.Now}");
        await RemoveDeletedPipelinesAsync(run, removed, ct);
        if (Limit(_options.RecordDays) is { } recordLimit)
            await RemoveContentsAsync<DeliveredRecordRow>(run, turn, row => row.RecordsUntil, recordLimit, batch => batch.Delivered, rows => removed.Records += rows, ct);
        if (Limit(_options.ErrorDays) is { } errorLimit)
            await RemoveContentsAsync<BatchErrorRow>(run, turn, row => row.ErrorsUntil, errorLimit, batch => batch.Failed, rows => removed.Failures += rows, ct);
        if (Limit(_options.BatchDays) is { } batchLimit)
        {
            await foreach (var batches in EndedAsync(DateTimeOffset.MinValue, batchLimit, ct)) await RemoveBatchesAsync(run, removed, batches);
            removed.Others += await RemoveVersionsAsync(run, batchLimit, ct);
        }

        if (Limit(_options.MetricDays) is { } metricLimit) removed.Others += await run.RemoveSomeAsync("metric_buckets", "pipeline_id, started_at", "started_at < {0}", metricLimit);
        if (Limit(_options.ApiKeyDays) is { } keyLimit) removed.Others += await RemoveKeysAsync(run, keyLimit, ct);
        await turn.EndAsync(_options.Interval, ct);
        return removed;
    }

    private DateTimeOffset? Limit(int days) => days == 0 ? null : clock.GetUtcNow() - TimeSpan.FromDays(days);

    /// <summary>Removes the rows of batches that ended before <paramref name="limit"/>, from where this got to the last time.</summary>
    private async Task RemoveContentsAsync<TRow>(
        Run run, RetentionTurn turn, Expression<Func<RetentionRow, DateTimeOffset?>> mark, DateTimeOffset limit, Func<EndedBatch, int> count, Action<long> removed, CancellationToken ct)
        where TRow : class, IRowOfRecord
    {
        await foreach (var batches in EndedAsync(await turn.ReadMarkAsync(mark, ct), limit, ct))
        {
            removed(await run.RemoveRowsAsync<TRow>(batches, count));
            await turn.SetMarkAsync(mark, batches[^1].CompletedAt!.Value, ct);
        }
    }

    private static async Task RemoveBatchesAsync(Run run, Removed removed, IReadOnlyList<EndedBatch> batches)
    {
        removed.Records += await run.RemoveRowsAsync<DeliveredRecordRow>(batches, batch => batch.Delivered);
        removed.Failures += await run.RemoveRowsAsync<BatchErrorRow>(batches, batch => batch.Failed);
        foreach (var ids in batches.Select(batch => batch.Id).Chunk(BatchesPerStep)) removed.Batches += await run.StepAsync((db, ct) => db.Batches.Where(batch => ids.Contains(batch.Id)).ExecuteDeleteAsync(ct));
    }

    private async Task RemoveDeletedPipelinesAsync(Run run, Removed removed, CancellationToken ct)
    {
        List<Guid> deleted;
        await using (var db = database.Open()) deleted = await db.Pipelines.Where(pipeline => pipeline.OwnerId == PipelineRepository.Nobody).OrderBy(pipeline => pipeline.Id).Select(pipeline => pipeline.Id).ToListAsync(ct);
        foreach (var id in deleted)
        {
            await foreach (var batches in BatchesOfAsync(id, ct)) await RemoveBatchesAsync(run, removed, batches);
            foreach (var (table, key) in PipelineRows) removed.Others += await run.RemoveSomeAsync(table, key, "pipeline_id = {0}", id);
            removed.Pipelines += await run.StepAsync((db, stop) => db.Pipelines.Where(pipeline => pipeline.Id == id).ExecuteDeleteAsync(stop));
        }
    }

    /// <summary>What a pipeline has besides its batches. The single row of its counters goes with it.</summary>
    private static readonly (string Table, string Key)[] PipelineRows =
        [("idempotency_keys", "pipeline_id, key"), ("metric_buckets", "pipeline_id, started_at"), ("processor_statistics", "pipeline_id, version, processor_index"), ("pipeline_versions", "pipeline_id, version")];

    /// <summary>
    /// A version can get no batch once it is not the present one: a submission holds the pipeline's row, so that the change to the next version waits for its commit.
    /// One that is seen here to have neither is therefore done with.
    /// </summary>
    private async Task<int> RemoveVersionsAsync(Run run, DateTimeOffset limit, CancellationToken ct)
    {
        await using var reading = database.Open();
        var unused = await (from version in reading.PipelineVersions
                            where version.CreatedAt == null || version.CreatedAt < limit
                            where reading.Pipelines.Any(pipeline => pipeline.Id == version.PipelineId && pipeline.Version > version.Version)
                            where !reading.Batches.Any(batch => batch.PipelineId == version.PipelineId && batch.PipelineVersion == version.Version)
                            orderby version.PipelineId, version.Version
                            select new { version.PipelineId, version.Version }).Take(Pace.MaxRows).ToListAsync(ct);
        var removed = 0;
        foreach (var old in unused)
        {
            removed += await run.StepAsync((db, stop) => db.ProcessorStatistics.Where(row => row.PipelineId == old.PipelineId && row.Version == old.Version).ExecuteDeleteAsync(stop));
            removed += await run.StepAsync((db, stop) => db.PipelineVersions.Where(row => row.PipelineId == old.PipelineId && row.Version == old.Version).ExecuteDeleteAsync(stop));
        }

        return removed;
    }

    /// <summary>A bootstrap key that was revoked stays: while the configuration names it, its row is all that keeps it from coming back.</summary>
    private static async Task<int> RemoveKeysAsync(Run run, DateTimeOffset limit, CancellationToken ct) =>
        await run.StepAsync((db, _) => db.ApiKeys.Where(key => !key.IsBootstrap && (key.RevokedAt < limit || key.ExpiresAt < limit)).ExecuteDeleteAsync(ct));

    /// <summary>The batches that ended at <paramref name="from"/> or later and not after <paramref name="to"/>, oldest first.</summary>
    private async IAsyncEnumerable<IReadOnlyList<EndedBatch>> EndedAsync(DateTimeOffset from, DateTimeOffset to, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken ct)
    {
        for (var last = Guid.Empty; ;)
        {
            var (since, after) = (from, last);
            var batches = await ReadAsync(
                found => found.Where(batch => batch.CompletedAt >= since && batch.CompletedAt <= to && (batch.CompletedAt > since || batch.Id > after)).OrderBy(batch => batch.CompletedAt).ThenBy(batch => batch.Id), ct);
            if (batches.Count > 0) yield return batches;
            if (batches.Count < BatchesAtOnce) yield break;
            (from, last) = (batches[^1].CompletedAt!.Value, batches[^1].Id);
        }
    }

    private async IAsyncEnumerable<IReadOnlyList<EndedBatch>> BatchesOfAsync(Guid pipelineId, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken ct)
    {
        for (var last = Guid.Empty; ;)
        {
            var after = last;
            var batches = await ReadAsync(found => found.Where(batch => batch.PipelineId == pipelineId && batch.Id > after).OrderBy(batch => batch.Id), ct);
            if (batches.Count > 0) yield return batches;
            if (batches.Count < BatchesAtOnce) yield break;
            last = batches[^1].Id;
        }
    }

    private async Task<List<EndedBatch>> ReadAsync(Func<IQueryable<Batch>, IQueryable<Batch>> query, CancellationToken ct)
    {
        await using var db = database.Open();
        return await query(db.Batches.AsNoTracking()).Take(BatchesAtOnce).Select(batch => new EndedBatch(batch.Id, batch.CompletedAt, batch.RecordCount, batch.DeliveredCount, batch.FailedCount)).ToListAsync(ct);
    }

    /// <summary>How much was removed.</summary>
    internal sealed record Removed
    {
        internal int Pipelines { get; set; }

        internal int Batches { get; set; }

        internal long Records { get; set; }

        internal long Failures { get; set; }

        /// <summary>Rows of keys, versions, statistics and counts.</summary>
        internal int Others { get; set; }

        internal bool Anything => Pipelines + Batches + Records + Failures + Others > 0;
    }

    /// <param name="Delivered">How many rows of delivered records it has at most.</param>
    /// <param name="Failed">How many rows of failures it has at most.</param>
    private sealed record EndedBatch(Guid Id, DateTimeOffset? CompletedAt, int Records, int Delivered, int Failed);

    /// <summary>The steps of one turn.</summary>
    private sealed class Run(Database database, RetentionTurn turn, Pace pace, TimeProvider clock, CancellationToken ct)
    {
        /// <returns>How many rows were removed.</returns>
        internal async Task<int> StepAsync(Func<AppDbContext, CancellationToken, Task<int>> remove)
        {
            int rows;
            TimeSpan time;
            using (await database.EnterWriteAsync(ct))
            {
                var start = clock.GetTimestamp();
                await using var db = database.Open();
                rows = await remove(db, ct);
                time = clock.GetElapsedTime(start);
            }

            await pace.PauseAfterAsync(time, rows, ct);
            await turn.KeepAsync(ct);
            return rows;
        }

        /// <summary>Removes rows by their primary key, as many at once as the pace allows, until none is left that fits the condition.</summary>
        internal async Task<int> RemoveSomeAsync(string table, string key, string condition, params object[] values)
        {
            for (var removed = 0; ;)
            {
                var limit = pace.Rows;
                var sql = $"DELETE FROM {table} WHERE ({key}) IN (SELECT {key} FROM {table} WHERE {condition} LIMIT {limit})";
                var rows = await StepAsync((db, stop) => db.Database.ExecuteSqlRawAsync(sql, values, stop));
                removed += rows;
                if (rows < limit) return removed;
            }
        }

        /// <summary>Removes the rows of <paramref name="batches"/>: of several small ones together, of a large one part by part.</summary>
        /// <param name="count">How many rows a batch has at most.</param>
        internal async Task<long> RemoveRowsAsync<TRow>(IReadOnlyList<EndedBatch> batches, Func<EndedBatch, int> count)
            where TRow : class, IRowOfRecord
        {
            long removed = 0;
            var (together, rows) = (new List<Guid>(), 0);
            foreach (var batch in batches.Where(batch => count(batch) > 0))
            {
                if (count(batch) > pace.Rows)
                {
                    removed += await RemovePartsAsync<TRow>(batch);
                    continue;
                }

                if (rows + count(batch) > pace.Rows || together.Count == BatchesPerStep) await RemoveTogetherAsync();
                together.Add(batch.Id);
                rows += count(batch);
            }

            if (together.Count > 0) await RemoveTogetherAsync();
            return removed;

            async Task RemoveTogetherAsync()
            {
                var ids = together.ToArray();
                removed += await StepAsync((db, stop) => db.Set<TRow>().Where(row => ids.Contains(row.BatchId)).ExecuteDeleteAsync(stop));
                together.Clear();
                rows = 0;
            }
        }

        private async Task<long> RemovePartsAsync<TRow>(EndedBatch batch)
            where TRow : class, IRowOfRecord
        {
            await using (var db = database.Open())
            {
                // Of what went to another destination nothing is stored.
                if (!await db.Set<TRow>().AnyAsync(row => row.BatchId == batch.Id, ct)) return 0;
            }

            long removed = 0;
            for (int first = 0, next; first < batch.Records; first = next)
            {
                (var from, next) = (first, first + pace.Rows);
                var to = next;
                removed += await StepAsync((db, stop) => db.Set<TRow>().Where(row => row.BatchId == batch.Id && row.RecordIndex >= from && row.RecordIndex < to).ExecuteDeleteAsync(stop));
            }

            return removed;
        }
    }
}
