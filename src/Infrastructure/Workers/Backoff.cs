using System.Security.Cryptography;

namespace DataPipeline.Infrastructure.Workers;

/// <summary>Delays that double, each shortened by up to half at random so that many do not return at once.</summary>
internal static class Backoff
{
    /// <param name="attempt">1 for the first failure.</param>
    internal static TimeSpan After(int attempt, TimeSpan first, TimeSpan most)
    {
        var full = Math.Min(first.TotalMilliseconds * Math.Pow(2, Math.Min(attempt - 1, 30)), most.TotalMilliseconds);
        return TimeSpan.FromMilliseconds(full * (1 - (RandomNumberGenerator.GetInt32(1_000) / 2_000.0)));
    }
}
