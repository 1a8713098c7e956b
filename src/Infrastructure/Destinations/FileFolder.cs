using System.Runtime.InteropServices;
using System.Text;
using DataPipeline.Domain.Processing;

namespace DataPipeline.Infrastructure.Destinations;

/// <summary>A folder whose files appear whole or not at all, also where the machine loses power.</summary>
internal sealed class FileFolder(string path)
{
    internal string Path { get; } = System.IO.Path.GetFullPath(path);

    /// <summary>A folder in this one, made where it is not there.</summary>
    /// <param name="relative">Names of folders with <c>/</c> between them; none of them <c>.</c> or <c>..</c>.</param>
    /// <exception cref="DeliveryException">One of the folders is a symbolic link.</exception>
    internal FileFolder Enter(string relative)
    {
        Make(Path);
        var folder = Path;
        foreach (var name in relative.Split('/'))
        {
            folder = System.IO.Path.Combine(folder, name);
            if (new DirectoryInfo(folder).LinkTarget is not null || new FileInfo(folder).LinkTarget is not null)
                throw new DeliveryException($"The path \"{relative}\" cannot be used: {name} is a symbolic link, which may lead out of the service's folder for files.") { IsPermanent = true };
            Make(folder);
        }

        return new FileFolder(folder);
    }

    /// <summary>Writes a file under another name, and gives it its own when all of it is on the disk. One that is there is replaced.</summary>
    /// <param name="aside">The other name.</param>
    internal void Replace(string name, string aside, Action<Stream> write, CancellationToken ct)
    {
        var (unfinished, finished) = (System.IO.Path.Combine(Path, aside), System.IO.Path.Combine(Path, name));
        try
        {
            using (var file = new FileStream(unfinished, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 128 * 1024))
            {
                write(file);
                file.Flush(flushToDisk: true);
            }

            ct.ThrowIfCancellationRequested();
            File.Move(unfinished, finished, overwrite: true);
        }
        catch
        {
            TryDelete(unfinished);
            throw;
        }

        Flush(Path);
    }

    private static void Make(string folder)
    {
        if (Directory.Exists(folder)) return;
        var parent = System.IO.Path.GetDirectoryName(folder)!;
        Make(parent);
        Directory.CreateDirectory(folder);
        Flush(parent);
    }

    private static void TryDelete(string file)
    {
        try
        {
            File.Delete(file);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return; // What keeps it from being written may keep it from being deleted; the chunk's next attempt, or the batch's end, removes it.
        }
    }

    /// <summary>A name is on the disk when its folder is. Windows has no such call, and needs none.</summary>
    private static void Flush(string folder)
    {
        if (OperatingSystem.IsWindows()) return;
        var descriptor = Posix.Open(Encoding.UTF8.GetBytes(folder + '\0'), flags: 0);
        if (descriptor < 0) throw LastError();
        try
        {
            if (Posix.Fsync(descriptor) != 0) throw LastError();
        }
        finally
        {
            _ = Posix.Close(descriptor);
        }

        static IOException LastError() => new(Marshal.GetLastPInvokeErrorMessage());
    }

    private static class Posix
    {
        [DllImport("libc", EntryPoint = "open", SetLastError = true)]
        internal static extern int Open(byte[] path, int flags);

        [DllImport("libc", EntryPoint = "fsync", SetLastError = true)]
        internal static extern int Fsync(int descriptor);

        [DllImport("libc", EntryPoint = "close", SetLastError = true)]
        internal static extern int Close(int descriptor);
    }
}
