using DataPipeline.Domain.Common;
using FluentValidation;
using MediatR;

namespace DataPipeline.Application.Common;

/// <summary>Refuses a request whose shape is wrong before its handler sees it, with everything that is wrong at once.</summary>
internal sealed class ValidationBehavior<TRequest, TResponse>(IEnumerable<IValidator<TRequest>> validators) : IPipelineBehavior<TRequest, TResponse>
    where TRequest : IRequest<TResponse>
    where TResponse : IOutcome<TResponse>
{
    public async Task<TResponse> Handle(TRequest request, CancellationToken cancellationToken, RequestHandlerDelegate<TResponse> next)
    {
        var faults = new List<ErrorDetail>();
        foreach (var validator in validators)
        {
            var result = await validator.ValidateAsync(request, cancellationToken);
            faults.AddRange(result.Errors.Select(failure => new ErrorDetail(failure.PropertyName, failure.ErrorCode, failure.ErrorMessage)));
        }

        return faults.Count == 0 ? await next() : TResponse.Failure(Error.Validation("The request is not valid.", faults));
    }
}
