using CsCheck;
using DataPipeline.Domain.Batches;
using DataPipeline.Domain.Pipelines;

namespace DataPipeline.Domain.Tests.Batches;

public sealed class BatchTests
{
    private static readonly DateTimeOffset Later = Some.Noon.AddMinutes(1);

    [Fact]
    public void Submit_TakesThePipelinesVersionAndOwner()
    {
        var pipeline = Some.Pipeline(PipelineStatus.Active);
        pipeline.Redefine("renamed", null, pipeline.Config, Later);

        var batch = Batch.Submit(Guid.Empty, pipeline, 3, null, Later).Value;

        Assert.Equal((pipeline.Id, pipeline.OwnerId, 2, 3, BatchStatus.Pending), (batch.PipelineId, batch.OwnerId, batch.PipelineVersion, batch.RecordCount, batch.Status));
    }

    [Theory]
    [InlineData(PipelineStatus.Created, 1, "PIPELINE_NOT_ACTIVE")]
    [InlineData(PipelineStatus.Paused, 1, "PIPELINE_NOT_ACTIVE")]
    [InlineData(PipelineStatus.Active, 0, "VALIDATION_FAILED")]
    public void Submit_RefusesWhatCannotRun(PipelineStatus status, int records, string refusal) =>
        Assert.Equal(refusal, Batch.Submit(Guid.Empty, Some.Pipeline(status), records, null, Later).Error?.Code);

    [Theory]
    [InlineData(8, 1, 1, BatchStatus.Completed, null)]
    [InlineData(0, 10, 0, BatchStatus.Completed, null)]
    [InlineData(0, 1, 9, BatchStatus.Completed, null)]
    [InlineData(0, 0, 10, BatchStatus.Failed, "ALL_RECORDS_FAILED")]
    [InlineData(5, 2, 0, BatchStatus.Processing, null)]
    public void Advance_EndsTheBatchWithItsLastRecord(int delivered, int dropped, int failed, BatchStatus status, string? error)
    {
        var batch = Some.Batch(10);

        batch.Advance(new RecordTally(delivered, dropped, failed), ErrorPolicy.Unbounded, Later);

        Assert.Equal((status, error), (batch.Status, batch.Error?.Code));
        Assert.Equal((delivered, dropped, failed, delivered + dropped + failed), (batch.DeliveredCount, batch.DroppedCount, batch.FailedCount, batch.ProcessedCount));
        Assert.Equal(batch.IsFinished ? Later : null, batch.CompletedAt);
        Assert.Equal(Later, batch.StartedAt);
    }

    [Fact]
    public void Advance_PastTheErrorPolicysBound_FailsTheBatchBeforeItsLastRecord()
    {
        var batch = Some.Batch(100);

        batch.Advance(new RecordTally(6, 0, 4), new ErrorPolicy(3, null), Later);

        Assert.Equal((BatchStatus.Failed, "ERROR_THRESHOLD_EXCEEDED"), (batch.Status, batch.Error?.Code));
        Assert.Equal(10, batch.ProcessedCount);
    }

    [Fact]
    public void Advance_WhenEveryRecordFailed_SaysSo_WhateverTheBound()
    {
        var batch = Some.Batch(10);

        batch.Advance(new RecordTally(0, 0, 10), new ErrorPolicy(3, null), Later);

        Assert.Equal("ALL_RECORDS_FAILED", batch.Error?.Code);
    }

    [Fact]
    public void Advance_BeyondTheRecordCount_IsABug() =>
        Assert.Throws<InvalidOperationException>(() => Some.Batch(10).Advance(new RecordTally(11, 0, 0), ErrorPolicy.Unbounded, Later));

    [Fact]
    public void Complete_EndsABatchWhoseLastRecordDidNot()
    {
        var batch = Some.Batch(10);
        batch.Advance(new RecordTally(8, 1, 1), ErrorPolicy.Unbounded, Some.Noon, completes: false);
        Assert.Equal((BatchStatus.Processing, null), (batch.Status, batch.CompletedAt));

        batch.Complete(Later);

        Assert.Equal((BatchStatus.Completed, Later), (batch.Status, batch.CompletedAt));
        Assert.Throws<InvalidOperationException>(() => batch.Complete(Later));
    }

    [Fact]
    public void Complete_WithRecordsLeft_IsABug()
    {
        var batch = Some.Batch(10);
        batch.Advance(new RecordTally(8, 1, 0), ErrorPolicy.Unbounded, Later, completes: false);
        Assert.Throws<InvalidOperationException>(() => batch.Complete(Later));
    }

    [Fact]
    public void Advance_WhenEveryRecordFailed_EndsTheBatch_AlsoWhereItDoesNotComplete()
    {
        var batch = Some.Batch(10);
        batch.Advance(new RecordTally(0, 0, 10), ErrorPolicy.Unbounded, Later, completes: false);
        Assert.Equal(BatchStatus.Failed, batch.Status);
    }

    [Theory]
    [InlineData(BatchStatus.Pending, BatchStatus.Processing)]
    [InlineData(BatchStatus.Processing, BatchStatus.Processing)]
    [InlineData(BatchStatus.Completed, BatchStatus.Completed)]
    [InlineData(BatchStatus.Failed, BatchStatus.Failed)]
    [InlineData(BatchStatus.Cancelled, BatchStatus.Cancelled)]
    public void Begin_StartsAPendingBatchAndNoOther(BatchStatus from, BatchStatus to)
    {
        var batch = Some.Batch(10, from);
        var started = batch.StartedAt;

        batch.Begin(Later);

        Assert.Equal(to, batch.Status);
        Assert.Equal(from == BatchStatus.Pending ? Later : started, batch.StartedAt);
    }

    [Theory]
    [InlineData(BatchStatus.Pending, BatchStatus.Cancelled, null)]
    [InlineData(BatchStatus.Processing, BatchStatus.Cancelled, null)]
    [InlineData(BatchStatus.Completed, BatchStatus.Completed, "BATCH_FINISHED")]
    [InlineData(BatchStatus.Failed, BatchStatus.Failed, "BATCH_FINISHED")]
    [InlineData(BatchStatus.Cancelled, BatchStatus.Cancelled, "BATCH_FINISHED")]
    public void Cancel_EndsWhatHasNotEnded(BatchStatus from, BatchStatus to, string? refusal)
    {
        var batch = Some.Batch(10, from);

        Assert.Equal(refusal, batch.Cancel(Later).Error?.Code);

        Assert.Equal(to, batch.Status);
    }

    [Theory]
    [InlineData(BatchStatus.Pending, BatchStatus.Failed)]
    [InlineData(BatchStatus.Processing, BatchStatus.Failed)]
    [InlineData(BatchStatus.Completed, BatchStatus.Completed)]
    [InlineData(BatchStatus.Cancelled, BatchStatus.Cancelled)]
    public void Fail_EndsWhatHasNotEnded(BatchStatus from, BatchStatus to)
    {
        var batch = Some.Batch(10, from);

        batch.Fail(BatchErrors.DestinationFailed("the receiver answered 410"), Later);

        Assert.Equal(to, batch.Status);
        Assert.Equal(to == BatchStatus.Failed ? "DESTINATION_FAILED" : null, batch.Error?.Code);
    }

    [Theory]
    [InlineData(BatchStatus.Completed)]
    [InlineData(BatchStatus.Failed)]
    [InlineData(BatchStatus.Cancelled)]
    public void Advance_AfterTheEnd_IsABug(BatchStatus ended) =>
        Assert.Throws<InvalidOperationException>(() => Some.Batch(10, ended).Advance(new RecordTally(1, 0, 0), ErrorPolicy.Unbounded, Later));

    [Theory]
    [InlineData(BatchStatus.Pending, "BATCH_NOT_FINISHED")]
    [InlineData(BatchStatus.Processing, "BATCH_NOT_FINISHED")]
    [InlineData(BatchStatus.Completed, "VALIDATION_FAILED")]
    [InlineData(BatchStatus.Failed, null)]
    [InlineData(BatchStatus.Cancelled, "VALIDATION_FAILED")]
    public void EnsureRetryable_WantsAnEndAndAFailure(BatchStatus status, string? refusal) =>
        Assert.Equal(refusal, Some.Batch(10, status).EnsureRetryable().Error?.Code);

    /// <summary>Whatever the chunks and their outcomes, the account adds up and the end comes once.</summary>
    [Fact]
    public void TheAccountAddsUp_ForAnySequenceOfChunks() =>
        Gen.Select(Gen.Select(Gen.Int[0, 50], Gen.Int[0, 50], Gen.Int[0, 50]).Array[1, 20], Gen.Int[0, 300].Nullable(), Gen.Double[0, 100].Nullable()).Sample((chunks, maxFailed, maxPercent) =>
        {
            var total = chunks.Sum(c => c.Item1 + c.Item2 + c.Item3);
            if (total == 0) return;
            var batch = Some.Batch(total);
            foreach (var (delivered, dropped, failed) in chunks)
            {
                if (batch.IsFinished) break;
                batch.Advance(new RecordTally(delivered, dropped, failed), new ErrorPolicy(maxFailed, maxPercent), Later);
                Assert.Equal(batch.ProcessedCount, batch.DeliveredCount + batch.DroppedCount + batch.FailedCount);
            }

            Assert.True(batch.IsFinished);
            if (batch.Status == BatchStatus.Completed) Assert.Equal(total, batch.ProcessedCount);
            else Assert.NotNull(batch.Error);
        });
}
