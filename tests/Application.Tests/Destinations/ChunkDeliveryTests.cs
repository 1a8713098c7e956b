using System.Buffers;
using DataPipeline.Application.Batches;
using DataPipeline.Application.Pipelines;
using DataPipeline.Application.Processing;
using DataPipeline.Application.Tests.Processing;
using DataPipeline.Domain.Batches;
using DataPipeline.Domain.Pipelines;
using DataPipeline.Domain.Processing;
using DataPipeline.Infrastructure.Processors;

namespace DataPipeline.Application.Tests.Destinations;

/// <summary>What the engine makes of what a destination does.</summary>
public sealed class ChunkDeliveryTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task TheDelivery_KnowsTheChunksPlace()
    {
        var places = new List<(int, int)>();
        var result = await RunAsync(new Scripted { Deliver = (chunk, _) => places.Add((chunk.Ordinal, chunk.Part)) }, Lease() with { Ordinal = 3, Part = 1 });

        Assert.Equal([(3, 1)], places);
        Assert.True(result.EndsWithDestination);
    }

    [Fact]
    public async Task TheEndOfABatch_IsTold_WithItsCounts()
    {
        var told = new List<DeliveredBatch>();
        var end = Lease() with { Ordinal = ChunkLease.EndOrdinal, End = new RecordTally(5, 3, 2) };

        var result = await RunAsync(new Scripted { Complete = told.Add }, end);

        Assert.Equal([new DeliveredBatch(end.PipelineId, "orders", end.BatchId, 10, 5, 3, 2)], told);
        Assert.Equal((default, 0, false), (result.Tally, result.Failures.Count, result.EndsWithDestination));
    }

    [Fact]
    public async Task ARefusal_StaysTheRefusalItIs()
    {
        var refusal = new DeliveryException("full") { IsPermanent = true };
        Assert.Same(refusal, await Assert.ThrowsAsync<DeliveryException>(() => RunAsync(new Scripted { Deliver = (_, _) => throw refusal }, Lease())));
        Assert.Same(refusal, await Assert.ThrowsAsync<DeliveryException>(() => RunAsync(new Scripted { Complete = _ => throw refusal }, Lease() with { End = default(RecordTally) })));
    }

    [Fact]
    public async Task AnyOtherException_IsOne_ThatTellsTheOwnerNothing()
    {
        foreach (var failure in new Exception[] { new InvalidOperationException("secret"), new TaskCanceledException("a time-out of its own") })
        {
            var refusal = await Assert.ThrowsAsync<DeliveryException>(() => RunAsync(new Scripted { Deliver = (_, _) => throw failure }, Lease()));
            Assert.Equal((failure, false, "The destination failed unexpectedly."), (refusal.InnerException, refusal.IsPermanent, refusal.Message));
        }
    }

    [Fact]
    public async Task ACancelledDelivery_IsNoFailure()
    {
        using var cancelled = new CancellationTokenSource();
        var destination = new Scripted
        {
            Deliver = (_, ct) =>
            {
                cancelled.Cancel();
                Assert.True(ct.WaitHandle.WaitOne(TimeSpan.FromSeconds(20)));
                ct.ThrowIfCancellationRequested();
            },
        };

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => RunAsync(destination, Lease(), ct: cancelled.Token));
    }

    private static ChunkLease Lease()
    {
        var frames = new ArrayBufferWriter<byte>();
        ChunkCodec.WriteRecord(frames, "{}"u8);
        return new ChunkLease(1, "w", 1, new Guid(1, 2, 3, new byte[8]), new Guid(3, 2, 1, new byte[8]), 1, "orders", 0, 1, frames.WrittenMemory);
    }

    private static Task<ChunkResult> RunAsync(Scripted destination, ChunkLease chunk, CancellationToken? ct = null) =>
        Engine.Runner(new Versions(), new PipelineCompiler(new BuiltInProcessors(), destination), clock: TimeProvider.System).RunAsync(chunk, ct ?? Stop);

    private sealed class Versions : IPipelineVersions
    {
        public Task<PipelineConfig?> FindAsync(Guid pipelineId, int version, CancellationToken ct) => Task.FromResult<PipelineConfig?>(PipelineConfig.Of(DestinationConfig.Of("scripted", "{}")));
    }

    private sealed class Scripted : ICompletingDestination, IDestinationCatalog
    {
        internal Action<DeliveryChunk, CancellationToken> Deliver { get; init; } = (_, _) => { };

        internal Action<DeliveredBatch> Complete { get; init; } = _ => { };

        public IReadOnlyDictionary<string, ComponentDescriptor> Types => new Dictionary<string, ComponentDescriptor>
        {
            ["scripted"] = new("scripted", "1.0", "", typeof(NoOptions), _ => this, IsAtomic: false),
        };

        public ValueTask DeliverAsync(DeliveryChunk chunk, CancellationToken cancellationToken)
        {
            Deliver(chunk, cancellationToken);
            return ValueTask.CompletedTask;
        }

        public ValueTask CompleteAsync(DeliveredBatch batch, CancellationToken cancellationToken)
        {
            Complete(batch);
            return ValueTask.CompletedTask;
        }
    }
}
