using DataPipeline.Domain.Common;
using DataPipeline.WebApi.Errors;

namespace DataPipeline.WebApi.Http;

/// <summary>A part of a request that may turn out not to be readable.</summary>
internal interface IBound
{
    /// <summary>Why it cannot be read; <c>null</c> where it was.</summary>
    Error? Fault { get; }
}

internal static class Binding
{
    /// <summary>Answers a request with the first part that cannot be read, before its endpoint is asked.</summary>
    internal static ValueTask<object?> RefuseFaults(EndpointFilterInvocationContext context, EndpointFilterDelegate next) =>
        context.Arguments.OfType<IBound>().Select(bound => bound.Fault).FirstOrDefault(fault => fault is not null) is { } fault
            ? ValueTask.FromResult<object?>(HttpError.Of(fault))
            : next(context);

    /// <summary>An id that is no UUID is an id that is not found.</summary>
    internal static Func<EndpointFilterInvocationContext, EndpointFilterDelegate, ValueTask<object?>> RequireId(string routeValue, Func<string, Error> notFound) => (context, next) =>
        context.HttpContext.Request.RouteValues[routeValue] is string id && !Guid.TryParseExact(id, "D", out _) ? ValueTask.FromResult<object?>(HttpError.Of(notFound(id))) : next(context);
}
