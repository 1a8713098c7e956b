using System.Runtime.InteropServices;

namespace DataPipeline.Infrastructure.Workers;

/// <summary>The priority of single threads, which .NET does not set on Linux. Where the system does not let us, they stay as they are.</summary>
internal static class LinuxThreads
{
    /// <summary>With this "niceness" a thread has about a tenth of the time that one without gets beside it (sched(7)).</summary>
    private const int Niceness = 10;
    private const int OneThread = 0;

    /// <returns>0 where it cannot be told.</returns>
    internal static uint IdOfCurrent()
    {
        try
        {
            return (uint)Libc.GetThreadId();
        }
        catch (EntryPointNotFoundException)
        {
            return 0;
        }
    }

    internal static void StepBack(uint thread)
    {
        if (thread != 0) _ = Libc.SetPriority(OneThread, thread, Niceness);
    }

    private static class Libc
    {
        [DllImport("libc", EntryPoint = "gettid")]
        internal static extern int GetThreadId();

        [DllImport("libc", EntryPoint = "setpriority")]
        internal static extern int SetPriority(int which, uint who, int priority);
    }
}
