using DataPipeline.Application.Observability;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace DataPipeline.Application.Processing;

/// <summary>
/// Has records pass through pipelines on threads of their own, and does not wait for what never comes back: where a call of a plugin is given up, another pass
/// goes on where that one was, with other instances of the processors. Thread-safe.
/// </summary>
internal sealed class Supervisor(IWorkThreads threads, IOptions<ProcessingOptions> options, ServiceMetrics metrics, TimeProvider clock, ILogger<Supervisor> logger)
{
    /// <summary>How long a call may take to end once it is cancelled.</summary>
    private static readonly TimeSpan CallGrace = TimeSpan.FromSeconds(1);

    /// <summary>How long a pass may take to end once it is cancelled: a write to a slow disk, or a match of a long text, is in time.</summary>
    private static readonly TimeSpan PassGrace = TimeSpan.FromSeconds(3);

    /// <param name="pass">One pass. Each begins where the one before was given up; one that was may still be under way in the hands of a plugin, but touches nothing any more when it comes back from there.</param>
    /// <returns>What the last pass came to.</returns>
    /// <exception cref="OperationCanceledException"><paramref name="ct"/> was set. A pass that did not notice is left behind.</exception>
    internal async Task<T> RunAsync<T>(Func<CallWatch, Task<T>> pass, CancellationToken ct)
    {
        for (CallWatch? before = null; ;)
        {
            var source = CancellationTokenSource.CreateLinkedTokenSource(ct);
            var watch = new CallWatch(options.Value.Timeout, CallGrace, threads, clock, source, before);
            var passing = PassAsync(pass, watch);
            if (await EndsAsync(passing, watch, ct))
            {
                using (source)
                using (watch) return await passing;
            }

            if (watch is { Called: { } called, Account: { } account }) GiveUp(called, account, passing);
            else ProcessingLog.LeftBehind(logger);
            ct.ThrowIfCancellationRequested();
            before = watch;
        }
    }

    private async Task<T> PassAsync<T>(Func<CallWatch, Task<T>> pass, CallWatch watch)
    {
        await threads.Enter();
        return await pass(watch);
    }

    /// <returns>False where a call of the pass was given up, or where the pass goes on although it was cancelled.</returns>
    private async Task<bool> EndsAsync(Task passing, CallWatch watch, CancellationToken ct)
    {
        // What follows is not for the threads that work.
        Task ends = Task.WhenAny(passing, watch.GivenUp);
        await ends.WaitAsync(ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ForceYielding);
        if (!ends.IsCompleted) await Task.WhenAny(passing, Task.Delay(PassGrace, clock, CancellationToken.None));
        return passing.IsCompleted;
    }

    private void GiveUp(CompiledStep called, LostCalls account, Task passing)
    {
        account.Add();
        metrics.PluginCallGivenUp();
        ProcessingLog.CallGivenUp(logger, called.Reference.Type, options.Value.TimeoutMilliseconds);
        _ = passing.ContinueWith(_ => account.Remove(), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }
}
