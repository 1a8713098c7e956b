using System.ComponentModel;
using System.Diagnostics;

namespace DataPipeline.WebApi.IntegrationTests.Persistence;

/// <summary>Whether a Docker daemon answers, asked once.</summary>
internal static class TestDocker
{
    private static readonly Lazy<Task<bool>> Answer = new(AskAsync);

    internal static Task<bool> AnswersAsync() => Answer.Value;

    private static async Task<bool> AskAsync()
    {
        try
        {
            using var docker = Process.Start(new ProcessStartInfo("docker", ["info"]) { RedirectStandardOutput = true, RedirectStandardError = true });
            if (docker is null) return false;
            using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(10));
            await docker.WaitForExitAsync(timeout.Token);
            return docker.ExitCode == 0;
        }
        catch (Exception failure) when (failure is Win32Exception or OperationCanceledException)
        {
            return false;
        }
    }
}
