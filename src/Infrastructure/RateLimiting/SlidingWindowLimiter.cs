using System.Collections.Concurrent;
using DataPipeline.Application.RateLimiting;

namespace DataPipeline.Infrastructure.RateLimiting;

/// <summary>
/// Counts within this process. A window is cut into segments; a segment counts in full until the last moment it covers is a window ago,
/// so that a permit comes back up to one segment late and never early.
/// </summary>
internal sealed class SlidingWindowLimiter(TimeProvider clock) : IRateLimiter
{
    internal const int Segments = 60;
    private static readonly TimeSpan SweepInterval = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<(string Partition, TimeSpan Length), Window> _windows = new();
    private readonly long _start = clock.GetTimestamp();
    private long _lastSweep;

    internal int Partitions => _windows.Count;

    /// <summary>The length of a segment in <paramref name="units"/>, of which a window has so many. Rounded up: 60 segments must not be shorter than the window.</summary>
    internal static long SegmentOf(long units) => (units + Segments - 1) / Segments;

    public ValueTask<RateLimitDecision> AcquireAsync(string partition, RateLimit limit, int permits, CancellationToken ct) => ValueTask.FromResult(Acquire(partition, limit, permits));

    internal RateLimitDecision Acquire(string partition, RateLimit limit, int permits) => Use(partition, limit, (window, now) => window.Acquire(now, limit.Permits, permits));

    /// <returns>How many permits were given within the last window for certain, and the present moment.</returns>
    internal (int Permits, long Moment) Given(string partition, RateLimit limit) => Use(partition, limit, static (window, now) => (window.GivenForCertain(now), now));

    /// <summary>Notes permits that somebody else has given, unless they are more than the limit for certain.</summary>
    /// <param name="moment">When they were given at the earliest, as <see cref="Given"/> told it.</param>
    internal bool TryNote(string partition, RateLimit limit, int permits, long moment) => Use(partition, limit, (window, now) => window.TryNote(now, moment, limit.Permits, permits));

    private T Use<T>(string partition, RateLimit limit, Func<Window, long, T> use)
    {
        var now = clock.GetElapsedTime(_start).Ticks;
        Sweep(now);
        while (true)
        {
            var window = _windows.GetOrAdd((partition, limit.Window), key => new Window(key.Length));
            lock (window)
            {
                if (!window.IsRemoved) return use(window, now);
            }
        }
    }

    /// <summary>Lets go of those that have counted nothing for a window.</summary>
    private void Sweep(long now)
    {
        var last = Interlocked.Read(ref _lastSweep);
        if (now - last <= SweepInterval.Ticks || Interlocked.CompareExchange(ref _lastSweep, now, last) != last) return;
        foreach (var (key, window) in _windows)
        {
            lock (window)
            {
                if (!window.IsIdle(now)) continue;
                window.IsRemoved = true;
                _windows.TryRemove(key, out _);
            }
        }
    }

    private sealed class Window(TimeSpan length)
    {
        // One more than a window has: the oldest still counts while the newest fills.
        private readonly int[] _counts = new int[Segments + 1];
        private readonly long _segmentTicks = SegmentOf(length.Ticks);
        private long _newest;
        private int _total;

        internal bool IsRemoved { get; set; }

        internal bool IsIdle(long now) => (now / _segmentTicks) - _newest > Segments;

        internal RateLimitDecision Acquire(long now, int limit, int permits)
        {
            Forget(now / _segmentTicks);
            var excess = _total - (limit - permits);
            if (excess > 0) return new(false, Math.Max(0, limit - _total), FreeAfter(excess, now), FreeAfter(_total, now));
            _counts[Slot(_newest)] += permits;
            _total += permits;
            return new(true, limit - _total, _total < limit ? TimeSpan.Zero : FreeAfter(1, now), FreeAfter(_total, now));
        }

        /// <summary>All but the oldest segment lies within a window whatever the moment in it.</summary>
        internal int GivenForCertain(long now)
        {
            Forget(now / _segmentTicks);
            return _total - (_newest < Segments ? 0 : _counts[Slot(_newest - Segments)]);
        }

        internal bool TryNote(long now, long moment, int limit, int permits)
        {
            if (GivenForCertain(now) > limit - permits) return false;
            var segment = moment / _segmentTicks;
            if (segment < _newest - Segments) return true; // They count no longer.
            _counts[Slot(segment)] += permits;
            _total += permits;
            return true;
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
        private TimeSpan FreeAfter(int permits, long now)
        {
            for (var segment = Math.Max(0, _newest - Segments); segment <= _newest; segment++)
            {
                permits -= _counts[Slot(segment)];
                if (permits <= 0) return TimeSpan.FromTicks(((segment + Segments + 1) * _segmentTicks) - now);
            }

            return TimeSpan.Zero;
        }
    }
}
