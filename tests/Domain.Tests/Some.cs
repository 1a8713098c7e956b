using System.Text.Json;
using DataPipeline.Domain.Batches;
using DataPipeline.Domain.Common;
using DataPipeline.Domain.Pipelines;

namespace DataPipeline.Domain.Tests;

/// <summary>Valid things to start a test from.</summary>
internal static class Some
{
    internal static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    internal static PipelineConfig Config(string json = """{"source":{"type":"api"},"processors":[],"destination":{"type":"store"}}""") => PipelineConfig.Of(JsonElement.Parse(json));

    internal static Pipeline Pipeline(PipelineStatus status = PipelineStatus.Created)
    {
        var pipeline = Domain.Pipelines.Pipeline.Create(new Guid("01970000-0000-7000-8000-000000000001"), new OwnerId("team-a"), "orders", null, Config(), Noon);
        if (status != PipelineStatus.Created) Assert.True(pipeline.Start(Noon).IsSuccess);
        if (status == PipelineStatus.Paused) Assert.True(pipeline.Stop(Noon).IsSuccess);
        return pipeline;
    }

    internal static Batch Batch(int records = 10, BatchStatus status = BatchStatus.Pending)
    {
        var batch = Domain.Batches.Batch.Submit(new Guid("01970000-0000-7000-8000-000000000002"), Pipeline(PipelineStatus.Active), records, null, Noon).Value;
        switch (status)
        {
            case BatchStatus.Processing: batch.Begin(Noon); break;
            case BatchStatus.Completed: batch.Advance(new RecordTally(records, 0, 0), ErrorPolicy.Unbounded, Noon); break;
            case BatchStatus.Failed: batch.Advance(new RecordTally(0, 0, records), ErrorPolicy.Unbounded, Noon); break;
            case BatchStatus.Cancelled: Assert.True(batch.Cancel(Noon).IsSuccess); break;
        }

        Assert.Equal(status, batch.Status);
        return batch;
    }
}
