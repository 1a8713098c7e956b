using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using DataPipeline.Application.Batches;
using DataPipeline.Application.Common;
using DataPipeline.Application.Processing;
using DataPipeline.Domain.Batches;
using DataPipeline.Domain.Common;
using DataPipeline.Domain.Pipelines;
using DataPipeline.Domain.Processing;
using DataPipeline.Infrastructure.Persistence.Queue;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace DataPipeline.WebApi.IntegrationTests.Persistence;

public sealed class SqliteQueueTests(PersistenceFixture fixture) : QueueTests(DatabaseKind.Sqlite, fixture);

public sealed class PostgresQueueTests(PersistenceFixture fixture) : QueueTests(DatabaseKind.Postgres, fixture)
{
    [Fact]
    public async Task AClaim_IsAsCheap_HoweverMuchPausedPipelinesHaveWaiting()
    {
        var pipeline = await Host.CreatePipelineAsync();
        await Host.SubmitAsync(pipeline, [.. Enumerable.Repeat(1, 5_000)]);
        await Host.ChangePipelineAsync(pipeline, p => p.Stop(PersistenceHost.Now));
        await Host.Database.WriteAsync("VACUUM ANALYZE batch_chunks", [], Stop);
        await using var source = NpgsqlDataSource.Create(Host.ConnectionString);
        await using var connection = await source.OpenConnectionAsync(Stop);
        await using var claim = new NpgsqlCommand($"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {PostgresBatchQueue.Claim}", connection);
        foreach (var value in (object[])["w", 10, PersistenceHost.Lease, PersistenceHost.Now, Array.Empty<Guid>(), Array.Empty<string>()]) claim.Parameters.Add(new NpgsqlParameter { Value = value });

        var plan = JsonElement.Parse((string)(await claim.ExecuteScalarAsync(Stop))!)[0].GetProperty("Plan");

        Assert.InRange(plan.GetProperty("Shared Hit Blocks").GetInt64() + plan.GetProperty("Shared Read Blocks").GetInt64(), 1, 50);
    }
}

public abstract class QueueTests(DatabaseKind kind, PersistenceFixture fixture) : PersistenceTests(kind, fixture)
{
    private static readonly OwnerId Other = new("other");

    [Fact]
    public async Task Claim_GivesTheChunksInOrder_WithTheirRecords()
    {
        var pipeline = await Host.CreatePipelineAsync();
        var batch = await Host.SubmitAsync(pipeline, 2, 3);

        var chunks = await Host.Queue.ClaimAsync("w", 5, PersistenceHost.Lease, Stop);

        Assert.Equal([(0, 2), (2, 3)], chunks.Select(c => (c.FirstRecord, c.RecordCount)));
        Assert.All(chunks, c => Assert.Equal(("w", 1, batch.Id, pipeline.Id, 1, "orders"), (c.Worker, c.Attempt, c.BatchId, c.PipelineId, c.PipelineVersion, c.PipelineName)));
        var payload = chunks[1].Payload;
        Assert.Equal("""{"n":2}""", Encoding.UTF8.GetString(ChunkCodec.ReadNext(ref payload).Content.Span));
    }

    [Fact]
    public async Task Claim_MarksTheBatchAsBegun()
    {
        var batch = await Host.SubmitAsync(await Host.CreatePipelineAsync(), 1);

        await Host.ClaimOneAsync();

        var begun = await Host.FindAsync(batch);
        Assert.Equal(BatchStatus.Processing, begun.Status);
        Assert.NotNull(begun.StartedAt);
    }

    [Fact]
    public async Task Claim_TakesNoMoreThanAsked_AndNothingThatIsInHand()
    {
        await Host.SubmitAsync(await Host.CreatePipelineAsync(), 1, 1, 1);

        Assert.Equal(2, (await Host.Queue.ClaimAsync("a", 2, PersistenceHost.Lease, Stop)).Count);
        Assert.Single(await Host.Queue.ClaimAsync("b", 2, PersistenceHost.Lease, Stop));
        Assert.Empty(await Host.Queue.ClaimAsync("b", 2, PersistenceHost.Lease, Stop));
    }

    [Fact]
    public async Task Claim_WhenAnotherOwnerHasALargeBacklog_ServesASmallBatchNext()
    {
        await Host.SubmitAsync(await Host.CreatePipelineAsync(), [.. Enumerable.Repeat(1, 50)]);
        await Host.ClaimOneAsync();
        await Host.ClaimOneAsync();
        var small = await Host.SubmitAsync(await Host.CreatePipelineAsync(Other), 1);

        var next = await Host.Queue.ClaimAsync("w", 2, PersistenceHost.Lease, Stop);

        Assert.Contains(next, c => c.BatchId == small.Id);
    }

    [Fact]
    public async Task Claim_ServesOwnersInTurn()
    {
        var one = await Host.SubmitAsync(await Host.CreatePipelineAsync(), 1, 1, 1, 1);
        var two = await Host.SubmitAsync(await Host.CreatePipelineAsync(Other), 1, 1, 1, 1);

        var order = (await Host.Queue.ClaimAsync("w", 8, PersistenceHost.Lease, Stop)).Select(c => c.BatchId);

        Assert.Equal([one.Id, two.Id, one.Id, two.Id, one.Id, two.Id, one.Id, two.Id], order);
    }

    [Fact]
    public async Task Claim_WhenAnOwnerWasIdle_GivesItNoAdvanceOverOthers()
    {
        var busy = await Host.CreatePipelineAsync();
        await Host.SubmitAsync(busy, [.. Enumerable.Repeat(1, 20)]);
        for (var i = 0; i < 10; i++) await Host.ClaimOneAsync();
        var late = await Host.SubmitAsync(await Host.CreatePipelineAsync(Other), [.. Enumerable.Repeat(1, 20)]);

        var next = await Host.Queue.ClaimAsync("w", 8, PersistenceHost.Lease, Stop);

        Assert.InRange(next.Count(c => c.BatchId == late.Id), 3, 5);
    }

    [Fact]
    public async Task Claim_PassesOverWhatItIsToldTo()
    {
        var one = await Host.CreatePipelineAsync();
        var two = await Host.CreatePipelineAsync(name: "invoices");
        var three = await Host.CreatePipelineAsync(Other);
        foreach (var pipeline in new[] { one, two, three }) await Host.SubmitAsync(pipeline, 1, 1);

        Assert.Empty(await Claim([one.Id, two.Id], [Other, new OwnerId("nobody")]));
        Assert.Equal([three.Id, three.Id], await Claim([one.Id, two.Id], []));
        Assert.Equal([two.Id, two.Id], await Claim([one.Id], [Other]));
        Assert.Equal([one.Id, one.Id], await Claim([], []));

        async Task<IEnumerable<Guid>> Claim(Guid[] pipelines, OwnerId[] owners) => (await Host.Queue.ClaimAsync("w", 5, PersistenceHost.Lease, new ClaimExceptions(pipelines, owners), Stop)).Select(c => c.PipelineId);
    }

    [Fact]
    public async Task Claim_KnowsWhoseTheChunkIs()
    {
        await Host.SubmitAsync(await Host.CreatePipelineAsync(Other), 1);
        Assert.Equal((Other, 0), (await Host.ClaimOneAsync()) is { } chunk ? (chunk.Owner, chunk.Part) : default);
    }

    [Fact]
    public async Task Commit_OfAPartOfAChunk_LeavesTheRestAsAChunkOfItsOwn()
    {
        var batch = await Host.SubmitAsync(await Host.CreatePipelineAsync(), 3, 5);
        Assert.Equal(0, (await Host.ClaimOneAsync())!.FirstRecord);
        var chunk = (await Host.ClaimOneAsync())!;

        Assert.Equal(CommitOutcome.LeftWork, await Host.Queue.CommitAsync(chunk, PersistenceHost.FirstOf(chunk, 2), Stop));
        Assert.Equal(CommitOutcome.LeaseLost, await Host.Queue.CommitAsync(chunk, PersistenceHost.FirstOf(chunk, 2), Stop));
        Assert.Empty(await Host.Queue.RenewAsync("w", [chunk], PersistenceHost.Lease, Stop));

        Assert.Equal((2, BatchStatus.Processing), (await Host.FindAsync(batch)) is var under ? (under.ProcessedCount, under.Status) : default);
        var rest = (await Host.ClaimOneAsync())!;
        Assert.Equal((chunk.Ordinal, 1, 5, 3, 1), (rest.Ordinal, rest.Part, rest.FirstRecord, rest.RecordCount, rest.Attempt));
        Assert.NotEqual(chunk.ChunkId, rest.ChunkId);
        var payload = rest.Payload;
        Assert.Equal("""{"n":5}""", Encoding.UTF8.GetString(ChunkCodec.ReadNext(ref payload).Content.Span));
        Assert.Equal(CommitOutcome.Committed, await Host.Queue.CommitAsync(rest, PersistenceHost.ResultOf(rest), Stop));
        Assert.Equal(Enumerable.Range(3, 5), (await Host.Store.ReadRecordsAsync(batch.Id, -1, 100, Stop)).Select(r => r.RecordIndex));
    }

    [Fact]
    public async Task TheRestOfAChunk_HasItsTurnBehindTheOwnersOthers_AndNobodyElses()
    {
        await Host.SubmitAsync(await Host.CreatePipelineAsync(), 4, 1);
        var chunk = (await Host.ClaimOneAsync())!;
        var other = await Host.SubmitAsync(await Host.CreatePipelineAsync(Other), 1, 1, 1, 1);

        await Host.Queue.CommitAsync(chunk, PersistenceHost.FirstOf(chunk, 1), Stop);

        var order = await Host.Queue.ClaimAsync("w", 6, PersistenceHost.Lease, Stop);
        Assert.Equal([4, 1], order.Where(c => c.BatchId != other.Id).Select(c => c.FirstRecord));
        Assert.InRange(order.ToList().FindIndex(c => c.Part == 1), 2, 4);
    }

    [Fact]
    public async Task Commit_OfAPartThatEndsTheBatch_LeavesNothing()
    {
        var batch = await Host.SubmitAsync(await Host.CreatePipelineAsync(), 4);
        var chunk = (await Host.ClaimOneAsync())!;
        var failed = PersistenceHost.ResultOf(chunk with { RecordCount = 2 }, failed: 2, policy: new ErrorPolicy(1, null)) with { Rest = PersistenceHost.FirstOf(chunk, 2).Rest };

        Assert.Equal(CommitOutcome.BatchEnded, await Host.Queue.CommitAsync(chunk, failed, Stop));

        Assert.Equal(BatchStatus.Failed, (await Host.FindAsync(batch)).Status);
        Assert.Equal(0, await Host.CountChunksAsync(batch));
    }

    [Fact]
    public async Task ASlice_EndsWithTheElementThatPassesItsBytes()
    {
        var batch = await Host.SubmitAsync(await Host.CreatePipelineAsync(), 8);
        var chunk = (await Host.ClaimOneAsync())!;
        await Host.Queue.CommitAsync(chunk, PersistenceHost.ResultOf(chunk, failed: 4), Stop);
        var (recordBytes, failureBytes) = (PersistenceHost.Bytes(PersistenceHost.Delivered(0)).Length, PersistenceHost.Bytes("""{"n":0}""").Length);

        await AssertSlicesAsync(size => Host.Store.ReadRecordsAsync(batch.Id, -1, size, Stop), record => record.RecordIndex, 4, recordBytes);
        await AssertSlicesAsync(size => Host.Store.ReadFailuresAsync(batch.Id, -1, size, Stop), failure => failure.Failure.RecordIndex, 0, failureBytes);

        static async Task AssertSlicesAsync<T>(Func<SliceSize, Task<Slice<T>>> read, Func<T, int> indexOf, int first, int bytes)
        {
            foreach (var (count, most, expected, hasMore) in new[] { (9, 1L, 1, true), (9, bytes, 1, true), (9, bytes + 1L, 2, true), (2, long.MaxValue, 2, true), (4, long.MaxValue, 4, false), (9, 3L * bytes, 3, true), (9, (3L * bytes) + 1, 4, false) })
            {
                var slice = await read(new SliceSize(count, most));
                Assert.Equal((hasMore, first, expected), (slice.HasMore, indexOf(slice.Items[0]), slice.Items.Count));
                Assert.Equal(Enumerable.Range(first, expected), slice.Items.Select(indexOf));
            }
        }
    }

    [Fact]
    public async Task Claim_WhenThePipelineIsPaused_TakesNothingUntilItIsStartedAgain()
    {
        var pipeline = await Host.CreatePipelineAsync();
        await Host.SubmitAsync(pipeline, 1, 1);
        var inHand = await Host.ClaimOneAsync();
        await Host.ChangePipelineAsync(pipeline, p => p.Stop(PersistenceHost.Now));

        Assert.Null(await Host.ClaimOneAsync());
        Assert.Equal(CommitOutcome.Committed, await Host.Queue.CommitAsync(inHand!, PersistenceHost.ResultOf(inHand!), Stop));

        await Host.ChangePipelineAsync(pipeline, p => p.Start(PersistenceHost.Now));
        Assert.NotNull(await Host.ClaimOneAsync());
    }

    [Fact]
    public async Task WhatAPausedPipelineHadWaiting_LinesUpInItsOrder_WithTheOthers_WhenItIsStartedAgain()
    {
        var paused = await Host.CreatePipelineAsync();
        var first = await Host.SubmitAsync(paused, [.. Enumerable.Repeat(1, 10)]);
        var second = await Host.SubmitAsync(paused, [.. Enumerable.Repeat(1, 10)]);
        await Host.ChangePipelineAsync(paused, p => p.Stop(PersistenceHost.Now));
        var busy = await Host.CreatePipelineAsync(Other);
        await Host.SubmitAsync(busy, [.. Enumerable.Repeat(1, 40)]);
        Assert.Equal(30, (await Host.Queue.ClaimAsync("w", 30, PersistenceHost.Lease, Stop)).Count);

        await Host.ChangePipelineAsync(paused, p => p.Start(PersistenceHost.Now));
        var next = await Host.Queue.ClaimAsync("w", 8, PersistenceHost.Lease, Stop);
        var rest = await Host.Queue.ClaimAsync("w", 100, PersistenceHost.Lease, Stop);

        Assert.Equal((4, 4), (next.Count(c => c.PipelineId == paused.Id), next.Count(c => c.PipelineId == busy.Id)));
        var started = next.Concat(rest).Where(c => c.PipelineId == paused.Id);
        Assert.Equal(Enumerable.Range(0, 10).Select(i => (first.Id, i)).Concat(Enumerable.Range(0, 10).Select(i => (second.Id, i))), started.Select(c => (c.BatchId, c.Ordinal)));
    }

    [Fact]
    public async Task WhatAPausedPipelineHasWaiting_HoldsUpNeitherClaimsNorTurns()
    {
        var paused = await Host.CreatePipelineAsync();
        await Host.SubmitAsync(paused, [.. Enumerable.Repeat(1, 5)]);
        await Host.ChangePipelineAsync(paused, p => p.Stop(PersistenceHost.Now));
        var sibling = await Host.CreatePipelineAsync(name: "sibling");
        var batch = await Host.SubmitAsync(sibling, 1, 1);

        var claimed = await Host.Queue.ClaimAsync("w", 10, PersistenceHost.Lease, Stop);
        await Host.ChangePipelineAsync(sibling, p => p.Stop(PersistenceHost.Now));
        await Host.ChangePipelineAsync(sibling, p => p.Start(PersistenceHost.Now));

        Assert.Equal([(batch.Id, 0), (batch.Id, 1)], claimed.Select(c => (c.BatchId, c.Ordinal)));
        await using var db = Host.Database.Open();
        Assert.Equal([true, true, true, true, true], await db.BatchChunks.Where(c => c.PipelineId == paused.Id).Select(c => c.Round >= Rounds.Held).ToListAsync(Stop));
        Assert.All(await db.BatchChunks.Where(c => c.PipelineId == sibling.Id).Select(c => c.Round).ToListAsync(Stop), round => Assert.InRange(round, 0, 10));
    }

    [Fact]
    public async Task WhatIsHeldOfAPipelineThatIsActive_IsLinedUp()
    {
        var pipeline = await Host.CreatePipelineAsync();
        await Host.SubmitAsync(pipeline, 1, 1);
        await Host.ChangePipelineAsync(pipeline, p => p.Stop(PersistenceHost.Now));
        Assert.Equal(0, await Host.Queue.ReleaseForgottenAsync(Stop));
        await Host.Database.WriteAsync("UPDATE pipelines SET status = 'active'", [], Stop); // As a process does that knows of no holding.
        Assert.Null(await Host.ClaimOneAsync());

        Assert.Equal(1, await Host.Queue.ReleaseForgottenAsync(Stop));

        Assert.Equal([0, 1], (await Host.Queue.ClaimAsync("w", 10, PersistenceHost.Lease, Stop)).Select(c => c.Ordinal));
    }

    [Fact]
    public async Task ConcurrentWorkers_ClaimNoChunkTwice_AndCommitEachRecordOnce()
    {
        var pipelines = new[] { await Host.CreatePipelineAsync(), await Host.CreatePipelineAsync(Other) };
        var batches = new List<Batch>();
        foreach (var pipeline in pipelines)
        {
            for (var i = 0; i < 3; i++) batches.Add(await Host.SubmitAsync(pipeline, [.. Enumerable.Repeat(2, 10)]));
        }

        var claimed = new ConcurrentBag<long>();
        var ended = new ConcurrentBag<Guid>();
        await Task.WhenAll(Enumerable.Range(0, 6).Select(w => Task.Run(async () =>
        {
            while (await Host.Queue.ClaimAsync($"w{w}", 3, PersistenceHost.Lease, Stop) is { Count: > 0 } chunks)
            {
                foreach (var chunk in chunks)
                {
                    claimed.Add(chunk.ChunkId);
                    var outcome = await Host.Queue.CommitAsync(chunk, PersistenceHost.ResultOf(chunk, failed: 1), Stop);
                    Assert.NotEqual(CommitOutcome.LeaseLost, outcome);
                    if (outcome == CommitOutcome.BatchEnded) ended.Add(chunk.BatchId);
                }
            }
        })));

        Assert.Equal(60, claimed.Count);
        Assert.Equal(60, claimed.Distinct().Count());
        Assert.Equal(batches.Select(b => b.Id).Order(), ended.Order());
        foreach (var batch in batches)
        {
            var end = await Host.FindAsync(batch);
            Assert.Equal((BatchStatus.Completed, 10, 10), (end.Status, end.DeliveredCount, end.FailedCount));
            var indexes = (await Host.Store.ReadRecordsAsync(batch.Id, -1, 100, Stop)).Select(r => r.RecordIndex).Concat((await Host.Store.ReadFailuresAsync(batch.Id, -1, 100, Stop)).Select(f => f.Failure.RecordIndex));
            Assert.Equal(Enumerable.Range(0, 20), indexes.Order());
        }

        var metrics = await Host.Metrics.ReadAsync(pipelines[0].Id, Stop);
        Assert.Equal((60, 30, 30, 3), (metrics.RecordsProcessed, metrics.RecordsDelivered, metrics.RecordsFailed, metrics.CompletedBatches));
    }

    [Fact]
    public async Task Commit_KeepsRecordsAndFailuresAsTheyWere()
    {
        var batch = await Host.SubmitAsync(await Host.CreatePipelineAsync(), 4);
        var chunk = (await Host.ClaimOneAsync())!;

        Assert.Equal(CommitOutcome.BatchEnded, await Host.Queue.CommitAsync(chunk, PersistenceHost.ResultOf(chunk, failed: 2, dropped: 0), Stop));

        var records = await Host.Store.ReadRecordsAsync(batch.Id, -1, 10, Stop);
        Assert.Equal([(2, PersistenceHost.Delivered(2)), (3, PersistenceHost.Delivered(3))], records.Select(r => (r.RecordIndex, Encoding.UTF8.GetString(r.Record.Span))));
        Assert.Equal(3, Assert.Single(await Host.Store.ReadRecordsAsync(batch.Id, 2, 10, Stop)).RecordIndex);
        Assert.Equal(2, Assert.Single(await Host.Store.ReadRecordsAsync(batch.Id, -1, 1, Stop)).RecordIndex);
        var failures = await Host.Store.ReadFailuresAsync(batch.Id, -1, 10, Stop);
        var failure = failures[0].Failure;
        Assert.Equal((0, new ProcessorRef(1, "convert", "amount"), "CONVERSION_FAILED", true), (failure.RecordIndex, failure.Processor, failure.Code, failure.RecordIsJson));
        Assert.Equal("""{"n":0}""", Encoding.UTF8.GetString(failure.Record.Span));
        Assert.StartsWith("record 0 is ", failure.Message, StringComparison.Ordinal);
        Assert.Equal([new FailureDetail("/n/Zoë", "TYPE", "Not \0 \"this\"."), new FailureDetail("", "REQUIRED", "")], failure.Details);
        Assert.Empty(failures[1].Failure.Details);
        Assert.Equal(1, Assert.Single(await Host.Store.ReadFailuresAsync(batch.Id, 0, 10, Stop)).Failure.RecordIndex);
        var end = await Host.FindAsync(batch);
        Assert.Equal((BatchStatus.Completed, 2, 0, 2), (end.Status, end.DeliveredCount, end.DroppedCount, end.FailedCount));
        Assert.NotNull(end.CompletedAt);
        Assert.Equal(0, await Host.CountChunksAsync(batch));
    }

    [Fact]
    public async Task Commit_WithALargeRecord_KeepsItWhole()
    {
        var batch = await Host.SubmitAsync(await Host.CreatePipelineAsync(), 1);
        var chunk = (await Host.ClaimOneAsync())!;
        var large = PersistenceHost.Bytes($$"""{"text":"{{new string('ü', 400_000)}}"}""");
        var stored = new DeliveredRecords();
        System.Buffers.BuffersExtensions.Write(stored.Buffer, large);
        stored.Add(0);

        await Host.Queue.CommitAsync(chunk, new ChunkResult(new RecordTally(1, 0, 0), stored, [], ErrorPolicy.Unbounded), Stop);

        Assert.True(Assert.Single(await Host.Store.ReadRecordsAsync(batch.Id, -1, 1, Stop)).Record.Span.SequenceEqual(large));
    }

    [Fact]
    public async Task Commit_Twice_ChangesNothingTheSecondTime()
    {
        var batch = await Host.SubmitAsync(await Host.CreatePipelineAsync(), 2, 2);
        var chunk = (await Host.ClaimOneAsync())!;

        Assert.Equal(CommitOutcome.Committed, await Host.Queue.CommitAsync(chunk, PersistenceHost.ResultOf(chunk), Stop));
        Assert.Equal(CommitOutcome.LeaseLost, await Host.Queue.CommitAsync(chunk, PersistenceHost.ResultOf(chunk), Stop));
        Assert.Equal(CommitOutcome.LeaseLost, await Host.Queue.CommitAsync(chunk, PersistenceHost.ResultOf(chunk, dropped: 2), Stop));

        Assert.Equal(2, (await Host.FindAsync(batch)).ProcessedCount);
    }

    [Fact]
    public async Task Commit_OfRecordsThatClashAmongThemselves_IsAnError()
    {
        await Host.SubmitAsync(await Host.CreatePipelineAsync(), 2);
        var chunk = (await Host.ClaimOneAsync())!;
        var stored = new DeliveredRecords();
        for (var i = 0; i < 2; i++)
        {
            System.Buffers.BuffersExtensions.Write(stored.Buffer, "{}"u8);
            stored.Add(0);
        }

        await Assert.ThrowsAnyAsync<Exception>(() => Host.Queue.CommitAsync(chunk, new ChunkResult(new RecordTally(2, 0, 0), stored, [], ErrorPolicy.Unbounded), Stop));
    }

    [Fact]
    public async Task Commit_AfterTheLeaseWasTakenByAnother_ChangesNothing()
    {
        var batch = await Host.SubmitAsync(await Host.CreatePipelineAsync(), 2);
        var lost = (await Host.ClaimOneAsync("a"))!;
        await Host.ExpireLeasesAsync();
        Assert.Equal(1, (await Host.Queue.ReclaimExpiredAsync(5, Stop)).Ready);
        var taken = (await Host.ClaimOneAsync("b"))!;

        Assert.Equal(2, taken.Attempt);
        Assert.Equal(CommitOutcome.LeaseLost, await Host.Queue.CommitAsync(lost, PersistenceHost.ResultOf(lost, failed: 1), Stop));
        Assert.Empty(await Host.Queue.RenewAsync("a", [lost], PersistenceHost.Lease, Stop));
        await Host.Queue.GiveBackAsync(lost, TimeSpan.Zero, Stop);
        await Host.Queue.RetryLaterAsync(lost, TimeSpan.Zero, Stop);
        await Host.Queue.FailBatchAsync(lost, BatchErrors.ProcessingFailed("no"), Stop);

        Assert.Null(await Host.ClaimOneAsync());
        Assert.Equal(CommitOutcome.BatchEnded, await Host.Queue.CommitAsync(taken, PersistenceHost.ResultOf(taken), Stop));
        Assert.Equal((BatchStatus.Completed, 2, 0), (await Host.FindAsync(batch)) is var end ? (end.Status, end.DeliveredCount, end.FailedCount) : default);
    }

    [Fact]
    public async Task Commit_AfterTheLeaseRanOut_StandsWhereNobodyTookTheChunk()
    {
        await Host.SubmitAsync(await Host.CreatePipelineAsync(), 1);
        var chunk = (await Host.ClaimOneAsync())!;
        await Host.ExpireLeasesAsync();

        Assert.Equal(CommitOutcome.BatchEnded, await Host.Queue.CommitAsync(chunk, PersistenceHost.ResultOf(chunk), Stop));
    }

    [Fact]
    public async Task Commit_PastTheErrorPolicy_FailsTheBatchWithItsOtherChunks()
    {
        var batch = await Host.SubmitAsync(await Host.CreatePipelineAsync(), 4, 4, 4);
        var first = (await Host.ClaimOneAsync())!;
        var second = (await Host.ClaimOneAsync())!;

        Assert.Equal(CommitOutcome.BatchEnded, await Host.Queue.CommitAsync(first, PersistenceHost.ResultOf(first, failed: 3, policy: new ErrorPolicy(2, null)), Stop));

        Assert.Equal(CommitOutcome.BatchOver, await Host.Queue.CommitAsync(second, PersistenceHost.ResultOf(second), Stop));
        Assert.Null(await Host.ClaimOneAsync());
        var end = await Host.FindAsync(batch);
        Assert.Equal((BatchStatus.Failed, "ERROR_THRESHOLD_EXCEEDED", 4), (end.Status, end.Error!.Code, end.ProcessedCount));
        Assert.Equal(0, await Host.CountChunksAsync(batch));
    }

    [Fact]
    public async Task Commit_WhenEveryRecordFailed_FailsTheBatch()
    {
        var batch = await Host.SubmitAsync(await Host.CreatePipelineAsync(), 1, 1);
        for (var i = 0; i < 2; i++)
        {
            var chunk = (await Host.ClaimOneAsync())!;
            await Host.Queue.CommitAsync(chunk, PersistenceHost.ResultOf(chunk, failed: 1), Stop);
        }

        Assert.Equal("ALL_RECORDS_FAILED", (await Host.FindAsync(batch)).Error!.Code);
    }

    [Fact]
    public async Task Commit_AfterTheBatchWasCancelled_ChangesNothing()
    {
        var batch = await Host.SubmitAsync(await Host.CreatePipelineAsync(), 1, 1);
        var chunk = (await Host.ClaimOneAsync())!;

        var cancelled = await Host.Store.ChangeAsync(batch.Id, b => Assert.True(b.Cancel(PersistenceHost.Now).IsSuccess), Stop);

        Assert.Equal(BatchStatus.Cancelled, cancelled!.Status);
        Assert.Equal(CommitOutcome.BatchOver, await Host.Queue.CommitAsync(chunk, PersistenceHost.ResultOf(chunk), Stop));
        Assert.Null(await Host.ClaimOneAsync());
        Assert.Equal((BatchStatus.Cancelled, 0), (await Host.FindAsync(batch)) is var end ? (end.Status, end.ProcessedCount) : default);
        Assert.Empty(await Host.Store.ReadRecordsAsync(batch.Id, -1, 10, Stop));
    }

    [Fact]
    public async Task Renew_KeepsTheChunkFromBeingPutBack()
    {
        await Host.SubmitAsync(await Host.CreatePipelineAsync(), 1, 1);
        var chunks = await Host.Queue.ClaimAsync("w", 2, PersistenceHost.Lease, Stop);
        await Host.ExpireLeasesAsync();

        Assert.Equal([chunks[0].ChunkId], await Host.Queue.RenewAsync("w", [chunks[0]], PersistenceHost.Lease, Stop));

        Assert.Equal(1, (await Host.Queue.ReclaimExpiredAsync(5, Stop)).Ready);
        Assert.Equal(chunks[1].ChunkId, (await Host.ClaimOneAsync())!.ChunkId);
    }

    [Fact]
    public async Task Claim_GivesTheNameThePipelineHadAtTheBatchsVersion_AndEachChunkItsPlace()
    {
        var pipeline = await Host.CreatePipelineAsync(name: "before");
        await Host.SubmitAsync(pipeline, 1, 1);
        await Host.ChangePipelineAsync(pipeline, p => p.Redefine("after", null, p.Config, PersistenceHost.Now) ? Result.Success : throw new InvalidOperationException());

        var chunks = await Host.Queue.ClaimAsync("w", 5, PersistenceHost.Lease, Stop);

        Assert.Equal([("before", 0), ("before", 1)], chunks.Select(c => (c.PipelineName, c.Ordinal)));
        Assert.All(chunks, c => Assert.Null(c.End));
    }

    [Fact]
    public async Task WhereTheDestinationWantsToKnow_TheLastCommitMakesAChunkOfTheEnd_WhichCompletesTheBatch_AlsoOfAPausedPipeline()
    {
        var pipeline = await Host.CreatePipelineAsync();
        var batch = await Host.SubmitAsync(pipeline, 2, 3);
        var outcomes = new List<CommitOutcome>();
        foreach (var chunk in await Host.Queue.ClaimAsync("w", 5, PersistenceHost.Lease, Stop))
            outcomes.Add(await Host.Queue.CommitAsync(chunk, PersistenceHost.ResultOf(chunk, failed: 1) with { EndsWithDestination = true }, Stop));
        await Host.ChangePipelineAsync(pipeline, p => p.Stop(PersistenceHost.Now));

        var end = await Host.ClaimOneAsync();

        Assert.Equal([CommitOutcome.Committed, CommitOutcome.LeftWork], outcomes);
        Assert.Equal((BatchStatus.Processing, 5), (await Host.FindAsync(batch)) is var open ? (open.Status, open.ProcessedCount) : default);
        Assert.Equal((new RecordTally(3, 0, 2), ChunkLease.EndOrdinal, 0, 0), (end!.End!.Value, end.Ordinal, end.RecordCount, end.Payload.Length));
        var nothing = new ChunkResult(default, new DeliveredRecords(), [], ErrorPolicy.Unbounded);
        Assert.Equal(CommitOutcome.BatchEnded, await Host.Queue.CommitAsync(end, nothing, Stop));
        Assert.Equal(CommitOutcome.BatchOver, await Host.Queue.CommitAsync(end, nothing, Stop));
        Assert.Equal((BatchStatus.Completed, 5), (await Host.FindAsync(batch)) is var ended ? (ended.Status, ended.ProcessedCount) : default);
        Assert.Equal(0, await Host.CountChunksAsync(batch));
    }

    [Fact]
    public async Task TheEndOfABatch_ThatACrashCutOff_IsPutBack_AndOfOneThatIsCancelled_Goes()
    {
        var batch = await Host.SubmitAsync(await Host.CreatePipelineAsync(), 1);
        var chunk = (await Host.ClaimOneAsync())!;
        await Host.Queue.CommitAsync(chunk, PersistenceHost.ResultOf(chunk) with { EndsWithDestination = true }, Stop);
        Assert.NotNull((await Host.ClaimOneAsync("dead"))!.End);

        await Host.ExpireLeasesAsync();
        Assert.Equal(1, (await Host.Queue.ReclaimExpiredAsync(5, Stop)).Ready);
        Assert.Equal((2, new RecordTally(1, 0, 0)), (await Host.ClaimOneAsync()) is { } again ? (again.Attempt, again.End!.Value) : default);
        await Host.Store.ChangeAsync(batch.Id, b => Assert.True(b.Cancel(PersistenceHost.Now).IsSuccess), Stop);

        Assert.Equal(0, await Host.CountChunksAsync(batch));
    }

    [Fact]
    public async Task GiveBack_MakesTheChunkReadyAtOnce_AndTheAttemptDoesNotCount()
    {
        await Host.SubmitAsync(await Host.CreatePipelineAsync(), 1);
        await Host.Queue.GiveBackAsync((await Host.ClaimOneAsync())!, TimeSpan.Zero, Stop);

        Assert.Equal(1, (await Host.ClaimOneAsync("another"))!.Attempt);
    }

    [Fact]
    public async Task RetryLater_MakesTheChunkReadyAfterTheDelay_AndTheAttemptCounts()
    {
        await Host.SubmitAsync(await Host.CreatePipelineAsync(), 1);
        await Host.Queue.RetryLaterAsync((await Host.ClaimOneAsync())!, TimeSpan.FromMilliseconds(400), Stop);

        Assert.Null(await Host.ClaimOneAsync());
        var again = await Eventually.NotNullAsync(() => Host.ClaimOneAsync());
        Assert.Equal(2, again.Attempt);
    }

    [Fact]
    public async Task FailBatch_EndsItWithTheReason()
    {
        var batch = await Host.SubmitAsync(await Host.CreatePipelineAsync(), 1, 1);

        await Host.Queue.FailBatchAsync((await Host.ClaimOneAsync())!, BatchErrors.ProcessingFailed("because"), Stop);

        var end = await Host.FindAsync(batch);
        Assert.Equal((BatchStatus.Failed, new BatchError("PROCESSING_FAILED", "because")), (end.Status, end.Error));
        Assert.Equal(0, await Host.CountChunksAsync(batch));
    }

    [Fact]
    public async Task Reclaim_WhenTheLastAttemptRanOut_FailsTheBatch()
    {
        var batch = await Host.SubmitAsync(await Host.CreatePipelineAsync(), 1, 1);
        await Host.ClaimOneAsync();
        await Host.ExpireLeasesAsync();

        var reclaimed = await Host.Queue.ReclaimExpiredAsync(1, Stop);

        Assert.Equal(0, reclaimed.Ready);
        Assert.Equal([batch.Id], reclaimed.EndedBatches);
        Assert.Equal("PROCESSING_FAILED", (await Host.FindAsync(batch)).Error!.Code);
        Assert.Null(await Host.ClaimOneAsync());
    }

    [Fact]
    public async Task Reclaim_LeavesLeasesThatHold()
    {
        await Host.SubmitAsync(await Host.CreatePipelineAsync(), 1);
        await Host.ClaimOneAsync();

        Assert.Equal(0, (await Host.Queue.ReclaimExpiredAsync(1, Stop)).Ready);
        Assert.Null(await Host.ClaimOneAsync());
    }

    [Fact]
    public async Task CancelsAndCommitsAtOnce_LeaveEachBatchWithOneAccount()
    {
        var pipeline = await Host.CreatePipelineAsync();
        var batches = new List<Batch>();
        for (var i = 0; i < 12; i++) batches.Add(await Host.SubmitAsync(pipeline, 2, 2, 2, 2));

        var working = Enumerable.Range(0, 4).Select(w => Task.Run(async () =>
        {
            while (await Host.Queue.ClaimAsync($"w{w}", 2, PersistenceHost.Lease, Stop) is { Count: > 0 } chunks)
            {
                foreach (var chunk in chunks) await Host.Queue.CommitAsync(chunk, PersistenceHost.ResultOf(chunk), Stop);
            }
        }));
        var cancelling = batches.Where((_, i) => i % 2 == 0).Select(b => Task.Run(() => Host.Store.ChangeAsync(b.Id, batch => _ = batch.Cancel(PersistenceHost.Now), Stop)));
        await Task.WhenAll(working.Concat(cancelling));

        foreach (var batch in batches)
        {
            var end = await Host.FindAsync(batch);
            Assert.True(end.IsFinished, $"{end.Status}");
            Assert.Equal(end.DeliveredCount, (await Host.Store.ReadRecordsAsync(batch.Id, -1, 100, Stop)).Count);
        }
    }
}
