using DataPipeline.Domain.Common;
using MediatR;

namespace DataPipeline.Application.Common;

/// <summary>Runs a command again whose aggregate somebody changed between reading and saving: nothing was kept, and the second look sees the other's change.</summary>
internal sealed class RetryOnConflictBehavior<TCommand, TOutcome> : IPipelineBehavior<TCommand, TOutcome>
    where TCommand : ICommand<TOutcome>
    where TOutcome : IOutcome<TOutcome>
{
    private const int MaxAttempts = 10;

    public async Task<TOutcome> Handle(TCommand request, CancellationToken cancellationToken, RequestHandlerDelegate<TOutcome> next)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await next();
            }
            catch (ConcurrentChangeException) when (attempt < MaxAttempts)
            {
            }
        }
    }
}
