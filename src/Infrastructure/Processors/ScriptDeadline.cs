using System.Diagnostics;
using Jint;

namespace DataPipeline.Infrastructure.Processors;

/// <summary>
/// Ends a script that runs for too long. The engine's own limit reads the clock at every 64th statement; a statement that makes a copy of a long text
/// may take a millisecond.
/// </summary>
/// <param name="timeout">How long it may run.</param>
internal sealed class ScriptDeadline(TimeSpan timeout) : Constraint
{
    private readonly long _ticks = (long)(timeout.TotalSeconds * Stopwatch.Frequency);
    private long _deadline;
    private bool _isOver;

    public override void Check()
    {
        if (_isOver) throw new ScriptResultException("The script left a getter in an array; assign its value instead.");
        if (Stopwatch.GetTimestamp() >= _deadline) throw new TimeoutException();
    }

    public override void Reset() => (_deadline, _isOver) = (Stopwatch.GetTimestamp() + _ticks, false);

    /// <summary>From here on nothing of the script may run, though reading what it left might make it.</summary>
    internal void End() => _isOver = true;
}
