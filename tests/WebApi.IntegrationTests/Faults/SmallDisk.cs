using System.Diagnostics;

namespace DataPipeline.WebApi.IntegrationTests.Faults;

public enum DiskFault
{
    Full,
    ReadOnly,
}

/// <summary>A file system in memory, of few bytes, of which there is no room left, or no writing, on demand.</summary>
internal sealed class SmallDisk : IAsyncDisposable
{
    private readonly string _filling;

    private SmallDisk(string path) => (Path, _filling) = (path, System.IO.Path.Combine(path, "filling"));

    internal string Path { get; }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>Skips the test where it may not mount.</summary>
    internal static async Task<SmallDisk> MountAsync(int bytes, string owner = "root")
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess, "A small file system can be mounted by root alone.");
        var path = Directory.CreateTempSubdirectory("datapipeline-disk-").FullName;
        await RunAsync("mount", "-t", "tmpfs", "-o", $"size={bytes}", "tmpfs", path);
        await RunAsync("chown", owner, path);
        return new SmallDisk(path);
    }

    /// <param name="fault">Holds for root, too.</param>
    internal async Task BreakAsync(DiskFault fault)
    {
        if (fault == DiskFault.ReadOnly) await RunAsync("mount", "-o", "remount,ro", Path);
        else Fill();
    }

    internal async Task MendAsync(DiskFault fault)
    {
        if (fault == DiskFault.ReadOnly) await RunAsync("mount", "-o", "remount,rw", Path);
        else File.Delete(_filling);
    }

    public async ValueTask DisposeAsync()
    {
        await RunAsync("umount", "-l", Path);
        Directory.Delete(Path);
    }

    private void Fill()
    {
        var block = new byte[4_096];
        using var file = new FileStream(_filling, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0);
        Assert.ThrowsAny<IOException>(Write);

        void Write()
        {
            while (true) file.Write(block);
        }
    }

    private static async Task RunAsync(string command, params string[] arguments)
    {
        using var process = Process.Start(command, arguments);
        await process.WaitForExitAsync(Stop);
        Assert.Equal(0, process.ExitCode);
    }
}
