using System.Runtime.CompilerServices;
using Jint;

namespace DataPipeline.Infrastructure.Processors;

/// <summary>
/// Ends a script whose calls lie deep on the thread's stack by way of conversions, getters and the like, which the engine does not count as frames.
/// Its own guard waits until the stack is nearly used up; to come back from there takes longer than a script may run.
/// </summary>
internal sealed class ScriptStackLimit : Constraint
{
    private const int MaxBytes = 512 * 1_024;

    private nint _start;

    public override void Check()
    {
        byte here = 0;
        var address = Unsafe.ByteOffset(ref Unsafe.NullRef<byte>(), ref here);
        if (_start == 0) _start = address;
        else if (_start - address > MaxBytes) throw new InsufficientExecutionStackException();
    }

    public override void Reset() => _start = 0;
}
