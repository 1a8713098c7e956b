using System.Diagnostics.Metrics;
using DataPipeline.Application.Observability;

namespace DataPipeline.Application.Tests;

/// <summary>Meters that nobody reads.</summary>
internal sealed class TestMeters : IMeterFactory
{
    internal static ServiceMetrics NewMetrics() => new(new TestMeters());

    public Meter Create(MeterOptions options) => new(options);

    public void Dispose()
    {
    }
}
