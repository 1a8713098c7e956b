namespace DataPipeline.Application.Batches;

/// <summary>
/// How often each of those who wait for ends looks whether it has come: twice a second where they are few, and all of a process together no more than
/// <see cref="LooksPerSecond"/> times a second however many they are. Whom a signal reaches is not held up. Thread-safe.
/// </summary>
internal sealed class WaitPace
{
    internal const int LooksPerSecond = 200;

    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(500);
    private int _waiting;

    internal TimeSpan Interval
    {
        get
        {
            var shared = TimeSpan.FromSeconds(1) * Volatile.Read(ref _waiting) / LooksPerSecond;
            return shared > Shortest ? shared : Shortest;
        }
    }

    internal void Enter() => Interlocked.Increment(ref _waiting);

    internal void Leave() => Interlocked.Decrement(ref _waiting);
}
