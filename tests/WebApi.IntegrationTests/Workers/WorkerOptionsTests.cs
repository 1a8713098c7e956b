using DataPipeline.Infrastructure.Settings;
using DataPipeline.Infrastructure.Workers;

namespace DataPipeline.WebApi.IntegrationTests.Workers;

public sealed class WorkerOptionsTests
{
    [Fact]
    public void TheDefaults_AreValid() => Assert.True(new SettingsBounds<WorkerOptions>(WorkerOptions.Section).Validate(null, new WorkerOptions()).Succeeded);

    [Fact]
    public void WhatIsOutOfBounds_IsNamed_AllAtOnce()
    {
        var result = new SettingsBounds<WorkerOptions>(WorkerOptions.Section).Validate(null, new WorkerOptions { LeaseSeconds = 0, Concurrency = 2_000, PollMilliseconds = 1, MaxAttempts = 101 });

        Assert.Equal(
            [
                "Worker:Concurrency must be between 1 and 1024, but is 2000.", "Worker:LeaseSeconds must be between 1 and 3600, but is 0.",
                "Worker:PollMilliseconds must be between 10 and 60000, but is 1.", "Worker:MaxAttempts must be between 1 and 100, but is 101.",
            ],
            result.Failures);
    }

    [Fact]
    public void Backoff_Doubles_IsBounded_AndVariesByHalf()
    {
        var (first, most) = (TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(1));
        for (var i = 0; i < 100; i++)
        {
            Assert.InRange(Backoff.After(1, first, most).TotalMilliseconds, 50, 100);
            Assert.InRange(Backoff.After(3, first, most).TotalMilliseconds, 200, 400);
            Assert.InRange(Backoff.After(int.MaxValue, first, most).TotalMilliseconds, 500, 1_000);
        }
    }
}
