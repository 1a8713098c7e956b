using DataPipeline.Domain.Common;
using MediatR;
using Microsoft.Extensions.Logging;

namespace DataPipeline.Application.Common;

/// <summary>One line for each use case: its name, how it ended and how long it took. What it was asked is never logged.</summary>
internal sealed partial class LoggingBehavior<TRequest, TResponse>(ILogger<LoggingBehavior<TRequest, TResponse>> logger, TimeProvider clock) : IPipelineBehavior<TRequest, TResponse>
    where TRequest : IRequest<TResponse>
    where TResponse : IOutcome<TResponse>
{
    public async Task<TResponse> Handle(TRequest request, CancellationToken cancellationToken, RequestHandlerDelegate<TResponse> next)
    {
        var start = clock.GetTimestamp();
        var outcome = await next();
        var elapsed = clock.GetElapsedTime(start).TotalMilliseconds;
        if (outcome.Error is { } error) Refused(logger, typeof(TRequest).Name, error.Code, elapsed);
        else Done(logger, typeof(TRequest).Name, elapsed);
        return outcome;
    }

    [LoggerMessage(1, LogLevel.Debug, "{useCase} done in {elapsedMs:0.0} ms")]
    private static partial void Done(ILogger logger, string useCase, double elapsedMs);

    [LoggerMessage(2, LogLevel.Information, "{useCase} refused with {code} in {elapsedMs:0.0} ms")]
    private static partial void Refused(ILogger logger, string useCase, string code, double elapsedMs);
}
