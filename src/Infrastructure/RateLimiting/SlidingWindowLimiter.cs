using System.Collections.Concurrent;
using DataPipeline.Application.RateLimiting;
using Microsoft.Extensions.Options;

namespace DataPipeline.Infrastructure.RateLimiting;

/// <summary>
/// Counts within this process. A window is cut into segments; a segment counts in full until the last moment it covers is a window ago,
/// so that a permit comes back up to one segment late and never early.
/// </summary>
internal sealed class SlidingWindowLimiter(IOptions<RateLimitingOptions> options, TimeProvider clock) : IRequestLimiter
{
    internal const int Segments = 60;

    private readonly long _segmentTicks = Math.Max(1, TimeSpan.FromSeconds(options.Value.WindowSeconds).Ticks / Segments);
    private readonly ConcurrentDictionary<string, Window> _windows = new(StringComparer.Ordinal);
    private readonly long _start = clock.GetTimestamp();
    private long _lastSweep;

    internal int Partitions => _windows.Count;

    public ValueTask<RateLimitDecision> AcquireAsync(string partition, int limit, CancellationToken ct)
    {
        var now = clock.GetElapsedTime(_start).Ticks;
        var segment = now / _segmentTicks;
        Sweep(segment);
        while (true)
        {
            var window = _windows.GetOrAdd(partition, _ => new Window());
            lock (window)
            {
                if (!window.IsRemoved) return ValueTask.FromResult(window.Acquire(segment, now, limit, _segmentTicks));
            }
        }
    }

    /// <summary>Once a window, lets go of those that have counted nothing for a window.</summary>
    private void Sweep(long segment)
    {
        var last = Interlocked.Read(ref _lastSweep);
        if (segment - last <= Segments || Interlocked.CompareExchange(ref _lastSweep, segment, last) != last) return;
        foreach (var (partition, window) in _windows)
        {
            lock (window)
            {
                if (!window.IsIdle(segment)) continue;
                window.IsRemoved = true;
                _windows.TryRemove(partition, out _);
            }
        }
    }

    private sealed class Window
    {
        // One more than a window has: the oldest still counts while the newest fills.
        private readonly int[] _counts = new int[Segments + 1];
        private long _newest;
        private int _total;

        internal bool IsRemoved { get; set; }

        internal bool IsIdle(long segment) => segment - _newest > Segments;

        internal RateLimitDecision Acquire(long segment, long now, int limit, long segmentTicks)
        {
            Forget(segment);
            if (_total >= limit) return new(false, 0, FreeAfter(_total - limit + 1, now, segmentTicks), FreeAfter(_total, now, segmentTicks));
            _counts[Slot(segment)]++;
            _total++;
            var remaining = limit - _total;
            return new(true, remaining, remaining > 0 ? TimeSpan.Zero : FreeAfter(1, now, segmentTicks), FreeAfter(_total, now, segmentTicks));
        }

        private static int Slot(long segment) => (int)(segment % (Segments + 1));

        private void Forget(long segment)
        {
            for (var expired = Math.Max(_newest + 1, segment - Segments); expired <= segment; expired++)
            {
                _total -= _counts[Slot(expired)];
                _counts[Slot(expired)] = 0;
            }

            _newest = Math.Max(_newest, segment);
        }

        /// <summary>In what time <paramref name="permits"/> of those taken are free again.</summary>
        private TimeSpan FreeAfter(int permits, long now, long segmentTicks)
        {
            for (var segment = _newest - Segments; segment <= _newest; segment++)
            {
                if (segment < 0) continue;
                permits -= _counts[Slot(segment)];
                if (permits <= 0) return TimeSpan.FromTicks(((segment + Segments + 1) * segmentTicks) - now);
            }

            return TimeSpan.Zero;
        }
    }
}
