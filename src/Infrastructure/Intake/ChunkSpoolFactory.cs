using System.Threading.RateLimiting;
using DataPipeline.Application.Batches;
using DataPipeline.Domain.Common;
using Microsoft.Extensions.Options;

namespace DataPipeline.Infrastructure.Intake;

/// <summary>An owner waits for its own share first and then for what all share: however many requests it has waiting, it takes part in the second line with its share alone.</summary>
internal sealed class ChunkSpoolFactory : IChunkSpoolFactory, IDisposable
{
    /// <summary>How many requests may wait for each one that is being read; the server holds a little of the body of each.</summary>
    private const int WaitingForEach = 16;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly TimeProvider _clock;
    private readonly PartitionedRateLimiter<OwnerId> _rooms;

    public ChunkSpoolFactory(IOptions<BatchOptions> limits, TimeProvider clock)
    {
        _clock = clock;
        var all = limits.Value.MaxConcurrentSubmissions;
        var own = Math.Max(1, all / 2);
        _rooms = PartitionedRateLimiter.CreateChained(
            PartitionedRateLimiter.Create<OwnerId, OwnerId>(owner => RateLimitPartition.GetConcurrencyLimiter(owner, _ => Limit(own))),
            PartitionedRateLimiter.Create<OwnerId, int>(_ => RateLimitPartition.GetConcurrencyLimiter(0, _ => Limit(all))));

        static ConcurrencyLimiterOptions Limit(int permits) => new() { PermitLimit = permits, QueueLimit = permits * WaitingForEach, QueueProcessingOrder = QueueProcessingOrder.OldestFirst };
    }

    public async ValueTask<IChunkSpool?> CreateAsync(OwnerId owner, CancellationToken ct)
    {
        using var patience = new CancellationTokenSource(Patience, _clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, patience.Token);
        try
        {
            var room = await _rooms.AcquireAsync(owner, cancellationToken: either.Token);
            if (room.IsAcquired) return new ChunkSpool(room);
            room.Dispose();
            return null;
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested && !ct.IsCancellationRequested)
        {
            return null;
        }
    }

    public void Dispose() => _rooms.Dispose();
}
