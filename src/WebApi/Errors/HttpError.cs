using System.Globalization;
using DataPipeline.Domain.Common;
using Microsoft.Net.Http.Headers;

namespace DataPipeline.WebApi.Errors;

/// <summary>A refusal as HTTP knows it: the one place where errors become answers.</summary>
/// <param name="RetryAfter">When trying again may help; <c>null</c> where waiting does not.</param>
internal sealed record HttpError(int Status, string Code, string Message, IReadOnlyList<ErrorDetail> Details, TimeSpan? RetryAfter = null) : IResult
{
    // Batches end within seconds, and a database comes back within seconds or much later.
    private static readonly TimeSpan SoonAgain = TimeSpan.FromSeconds(5);

    internal static readonly HttpError RouteNotFound = new(StatusCodes.Status404NotFound, "ROUTE_NOT_FOUND", "There is nothing at this path.", []);

    internal static readonly HttpError MethodNotAllowed = new(StatusCodes.Status405MethodNotAllowed, "METHOD_NOT_ALLOWED", "This method is not allowed here; the Allow header names those that are.", []);

    internal static readonly HttpError Unavailable = new(StatusCodes.Status503ServiceUnavailable, "SERVICE_UNAVAILABLE", "The service cannot answer at the moment; try again later.", [], SoonAgain);

    internal static readonly HttpError Internal = new(StatusCodes.Status500InternalServerError, "INTERNAL_ERROR", "Something went wrong on our side; the trace id leads to it in the logs.", []);

    internal static readonly HttpError KeyMissing = new(StatusCodes.Status401Unauthorized, "API_KEY_MISSING", "The X-API-Key header is missing.", []);

    internal static HttpError NotAcceptable(string offered) => new(StatusCodes.Status406NotAcceptable, "NOT_ACCEPTABLE", $"The answer can only be had as {offered}.", []);

    internal static HttpError Of(Error error) => new(StatusOf(error.Kind), error.Code, error.Message, error.Details, error.RetryAfter ?? (error.Kind is ErrorKind.TooMany or ErrorKind.Unavailable ? SoonAgain : null));

    /// <summary>The refusal that a status alone stands for, where the framework gave one without a body.</summary>
    internal static HttpError OfStatus(int status) => status switch
    {
        StatusCodes.Status404NotFound => RouteNotFound,
        StatusCodes.Status405MethodNotAllowed => MethodNotAllowed,
        StatusCodes.Status406NotAcceptable => NotAcceptable("application/json"),
        StatusCodes.Status408RequestTimeout => new(status, "REQUEST_TIMEOUT", "The request came in too slowly.", []),
        StatusCodes.Status413PayloadTooLarge => new(status, "PAYLOAD_TOO_LARGE", "The body is too large.", []),
        StatusCodes.Status415UnsupportedMediaType => new(status, "UNSUPPORTED_MEDIA_TYPE", "The body's Content-Type is not supported here.", []),
        StatusCodes.Status503ServiceUnavailable => Unavailable,
        >= StatusCodes.Status500InternalServerError => Internal,
        _ => new(status, "VALIDATION_FAILED", "The request is not valid.", []),
    };

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.StatusCode = Status;
        if (RetryAfter is { } wait) response.Headers[HeaderNames.RetryAfter] = Math.Max(1, (long)Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        await response.WriteAsJsonAsync(BodyOf(RequestTrace.IdOf(httpContext)), options: null, contentType: "application/json", httpContext.RequestAborted);
    }

    internal ErrorBody BodyOf(string traceId) => new(new ErrorContent(Code, Message, Details.Count == 0 ? null : Details, traceId));

    private static int StatusOf(ErrorKind kind) => kind switch
    {
        ErrorKind.Validation => StatusCodes.Status400BadRequest,
        ErrorKind.Unauthenticated => StatusCodes.Status401Unauthorized,
        ErrorKind.NotFound => StatusCodes.Status404NotFound,
        ErrorKind.Conflict => StatusCodes.Status409Conflict,
        ErrorKind.PreconditionFailed => StatusCodes.Status412PreconditionFailed,
        ErrorKind.TooLarge => StatusCodes.Status413PayloadTooLarge,
        ErrorKind.UnsupportedMediaType => StatusCodes.Status415UnsupportedMediaType,
        ErrorKind.Unprocessable => StatusCodes.Status422UnprocessableEntity,
        ErrorKind.TooMany => StatusCodes.Status429TooManyRequests,
        ErrorKind.TooSlow => StatusCodes.Status408RequestTimeout,
        ErrorKind.Unavailable => StatusCodes.Status503ServiceUnavailable,
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "No status is known for this kind of error."),
    };
}
