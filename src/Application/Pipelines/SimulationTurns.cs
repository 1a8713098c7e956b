using DataPipeline.Domain.Common;

namespace DataPipeline.Application.Pipelines;

/// <summary>Lets an owner's simulations run a few at a time, so that many of them take neither the memory nor the processors from others. Thread-safe.</summary>
internal sealed class SimulationTurns
{
    private readonly Dictionary<OwnerId, (SemaphoreSlim Turns, int Users)> _owners = [];

    /// <summary>Waits for a turn, which ends when the answer is disposed of.</summary>
    internal async Task<IDisposable> TakeAsync(OwnerId owner, CancellationToken ct)
    {
        var turn = new Turn(this, owner);
        try
        {
            await turn.Turns.WaitAsync(ct);
            turn.IsTaken = true;
            return turn;
        }
        catch
        {
            turn.Dispose();
            throw;
        }
    }

    private SemaphoreSlim Join(OwnerId owner)
    {
        lock (_owners)
        {
            var (turns, users) = _owners.TryGetValue(owner, out var present) ? present : (new SemaphoreSlim(Simulation.MaxAtOnce), 0);
            _owners[owner] = (turns, users + 1);
            return turns;
        }
    }

    private void Leave(OwnerId owner)
    {
        lock (_owners)
        {
            var (turns, users) = _owners[owner];
            if (users > 1) _owners[owner] = (turns, users - 1);
            else _owners.Remove(owner);
        }
    }

    private sealed class Turn(SimulationTurns owners, OwnerId owner) : IDisposable
    {
        internal SemaphoreSlim Turns { get; } = owners.Join(owner);

        internal bool IsTaken { get; set; }

        public void Dispose()
        {
            if (IsTaken) Turns.Release();
            owners.Leave(owner);
        }
    }
}
