using System.Runtime.CompilerServices;

namespace DataPipeline.Application.Processing;

/// <summary>
/// Threads for what computes for long or may block: the thread pool's few are for requests and for what comes back from the database, and would come back late.
/// One that is at the same piece of work for long steps back behind the others. Thread-safe.
/// </summary>
public interface IWorkThreads
{
    /// <summary>Runs the work on one of these threads, at once.</summary>
    /// <param name="work">Throws nothing.</param>
    void Run(Action work);
}

internal static class WorkThreadsExtensions
{
    /// <summary>What follows the <c>await</c> of this runs on such a thread, until the next one that has to wait.</summary>
    internal static Entrance Enter(this IWorkThreads threads) => new(threads);

    /// <summary>Awaits what may have to wait, and comes back to such a thread where it did.</summary>
    internal static async ValueTask<T> ReturnFrom<T>(this IWorkThreads threads, ValueTask<T> waiting)
    {
        var isOver = waiting.IsCompleted;
        var result = await waiting;
        if (!isOver) await threads.Enter();
        return result;
    }

    internal readonly struct Entrance(IWorkThreads threads) : ICriticalNotifyCompletion
    {
        public bool IsCompleted => false;

        public Entrance GetAwaiter() => this;

        public void GetResult() { }

        public void OnCompleted(Action continuation) => threads.Run(continuation);

        public void UnsafeOnCompleted(Action continuation) => threads.Run(continuation);
    }
}
