using DataPipeline.Domain.Pipelines;

namespace DataPipeline.Domain.Tests.Pipelines;

public sealed class ErrorPolicyTests
{
    [Theory]
    [InlineData(null, null, 99, 100, false)]
    [InlineData(10, null, 10, 100, false)]
    [InlineData(10, null, 11, 100, true)]
    [InlineData(0, null, 1, 100, true)]
    [InlineData(null, 20.0, 20, 100, false)]
    [InlineData(null, 20.0, 21, 100, true)]
    [InlineData(null, 0.0, 0, 100, false)]
    [InlineData(null, 0.0, 1, 100, true)]
    [InlineData(null, 33.3, 1, 3, true)]
    [InlineData(null, 33.4, 1, 3, false)]
    [InlineData(1000, 20.0, 2001, 10_000, true)]
    [InlineData(int.MaxValue, 100.0, 100_000, 100_000, false)]
    public void ABoundIsPassed_OnlyBeyondIt(int? maxRecords, double? maxPercent, int failed, int total, bool passed) =>
        Assert.Equal(passed, new ErrorPolicy(maxRecords, maxPercent).BoundPassedBy(failed, total) is not null);
}
