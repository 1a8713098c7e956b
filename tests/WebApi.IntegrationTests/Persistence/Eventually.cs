using System.Diagnostics;

namespace DataPipeline.WebApi.IntegrationTests.Persistence;

/// <summary>Waits on a condition, with a deadline.</summary>
internal static class Eventually
{
    internal static async Task<T> NotNullAsync<T>(Func<Task<T?>> probe, double seconds = 20)
        where T : class
    {
        var watch = Stopwatch.StartNew();
        while (true)
        {
            if (await probe() is { } found) return found;
            if (watch.Elapsed.TotalSeconds > seconds) Assert.Fail($"Nothing came within {seconds} s.");
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }

    internal static async Task TrueAsync(Func<Task<bool>> probe, string what, double seconds = 20)
    {
        var watch = Stopwatch.StartNew();
        while (!await probe())
        {
            if (watch.Elapsed.TotalSeconds > seconds) Assert.Fail($"Within {seconds} s it did not come about that {what}.");
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }
}
