using DataPipeline.Application.Common;
using DataPipeline.Application.Pipelines;
using DataPipeline.Domain.Common;

namespace DataPipeline.Application.Tests.Common;

public sealed class RetryOnConflictTests
{
    private static readonly StopPipeline Command = new(new OwnerId("o"), Guid.Empty);

    [Fact]
    public async Task ACommandThatLostARace_RunsAgain()
    {
        var runs = 0;

        var outcome = await Run(() => ++runs < 3 ? throw new ConcurrentChangeException() : PipelineDetailsRefusal());

        Assert.Equal((3, "X"), (runs, outcome.Error?.Code));
    }

    [Fact]
    public async Task ACommandThatAlwaysLoses_IsToldToComeBackLater()
    {
        var runs = 0;

        var outcome = await Run(() => ++runs > 100 ? PipelineDetailsRefusal() : throw new ConcurrentChangeException());

        Assert.Equal((10, ErrorKind.Unavailable), (runs, outcome.Error?.Kind));
    }

    [Fact]
    public async Task AnyOtherFailure_IsNoReasonToRunAgain()
    {
        var runs = 0;

        await Assert.ThrowsAsync<InvalidOperationException>(() => Run(() => ++runs > 1 ? PipelineDetailsRefusal() : throw new InvalidOperationException()));

        Assert.Equal(1, runs);
    }

    private static Result<PipelineDetails> PipelineDetailsRefusal() => Error.Conflict("X", "x");

    private static Task<Result<PipelineDetails>> Run(Func<Result<PipelineDetails>> handler) =>
        new RetryOnConflictBehavior<StopPipeline, Result<PipelineDetails>>(TimeProvider.System).Handle(Command, CancellationToken.None, () => Task.Run(handler));
}
