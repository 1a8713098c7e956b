using DataPipeline.Application.Common;
using DataPipeline.Domain.Common;
using DataPipeline.WebApi.Errors;

namespace DataPipeline.WebApi.Endpoints;

/// <summary>Turns outcomes into answers.</summary>
internal static class Answers
{
    /// <summary>What <paramref name="success"/> makes of the value, or the refusal.</summary>
    internal static IResult Or<T>(this Result<T> outcome, Func<T, IResult> success) => outcome.IsSuccess ? success(outcome.Value) : HttpError.Of(outcome.Error);

    internal static IResult OrNoContent(this Result outcome) => outcome.IsSuccess ? TypedResults.NoContent() : HttpError.Of(outcome.Error);

    internal static IResult OrPage<T, TResponse>(this Result<Page<T>> outcome, Func<T, TResponse> map) => outcome.Or(page => TypedResults.Ok(page.Select(map)));
}
