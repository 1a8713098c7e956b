namespace DataPipeline.WebApi.IntegrationTests.Faults;

/// <summary>Sends requests to processes in turn, as a load balancer does: to those only that said they were ready when last asked.</summary>
internal sealed class Balancer : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _asking;
    private volatile ServiceProcess[] _processes;
    private volatile ServiceProcess[] _ready;
    private int _turn;

    internal Balancer(params ServiceProcess[] processes)
    {
        _ready = _processes = processes;
        _asking = AskAsync();
    }

    internal ServiceProcess Choose()
    {
        var ready = _ready;
        return ready[(uint)Interlocked.Increment(ref _turn) % ready.Length];
    }

    internal void Add(ServiceProcess process) => _processes = [.. _processes, process];

    internal void Remove(ServiceProcess process) => _processes = [.. _processes.Except([process])];

    /// <summary>Whether it sends requests to <paramref name="process"/> now.</summary>
    internal bool Uses(ServiceProcess process) => _ready.Contains(process);

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _asking;
        _stopping.Dispose();
    }

    private async Task AskAsync()
    {
        using var timer = new PeriodicTimer(Interval);
        try
        {
            while (await timer.WaitForNextTickAsync(_stopping.Token))
            {
                var processes = _processes;
                var answers = await Task.WhenAll(processes.Select(IsReadyAsync));
                _ready = [.. processes.Where((_, i) => answers[i])];
            }
        }
        catch (OperationCanceledException)
        {
            return;
        }
    }

    private static async Task<bool> IsReadyAsync(ServiceProcess process)
    {
        try
        {
            return await process.IsReadyAsync();
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
