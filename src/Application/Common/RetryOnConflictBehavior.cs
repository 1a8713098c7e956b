using System.Security.Cryptography;
using DataPipeline.Domain.Common;
using MediatR;

namespace DataPipeline.Application.Common;

/// <summary>
/// Runs a command again whose aggregate somebody changed between reading and saving: nothing was kept, and the second look sees the other's change.
/// Of many that meet at one aggregate one gets through at a time, so they spread out, each time over a longer while.
/// </summary>
internal sealed class RetryOnConflictBehavior<TCommand, TOutcome>(TimeProvider clock) : IPipelineBehavior<TCommand, TOutcome>
    where TCommand : ICommand<TOutcome>
    where TOutcome : IOutcome<TOutcome>
{
    private const int MaxAttempts = 10;
    private const int SpreadMilliseconds = 5;

    public async Task<TOutcome> Handle(TCommand request, CancellationToken cancellationToken, RequestHandlerDelegate<TOutcome> next)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await next();
            }
            catch (ConcurrentChangeException)
            {
                if (attempt == MaxAttempts) return TOutcome.Failure(new Error(ErrorKind.Unavailable, "SERVICE_UNAVAILABLE", "Too many are changing the same thing at the moment; try again later."));
            }

            await Task.Delay(TimeSpan.FromMilliseconds(RandomNumberGenerator.GetInt32(SpreadMilliseconds << attempt)), clock, cancellationToken);
        }
    }
}
