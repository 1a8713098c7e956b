using DataPipeline.WebApi.Errors;
using Microsoft.Net.Http.Headers;

namespace DataPipeline.WebApi.Http;

/// <summary>Which of the types an answer can have the caller wants.</summary>
internal static class Acceptance
{
    internal const string Json = "application/json";
    internal const string NdJson = "application/x-ndjson";
    internal const string EventStream = "text/event-stream";

    /// <returns>The one the caller likes best, the first of equals; <c>null</c> where it accepts none.</returns>
    internal static string? Choose(HttpRequest request, params ReadOnlySpan<string> offered)
    {
        if (request.Headers.Accept.All(string.IsNullOrWhiteSpace)) return offered[0];
        if (!MediaTypeHeaderValue.TryParseList(request.Headers.Accept, out var ranges)) return null;
        var (best, bestQuality) = ((string?)null, 0d);
        foreach (var type in offered)
        {
            var quality = QualityOf(type, ranges);
            if (quality > bestQuality) (best, bestQuality) = (type, quality);
        }

        return best;
    }

    internal static Func<EndpointFilterInvocationContext, EndpointFilterDelegate, ValueTask<object?>> Require(params string[] offered) => (context, next) =>
        Choose(context.HttpContext.Request, offered) is null ? ValueTask.FromResult<object?>(HttpError.NotAcceptable(string.Join(" or ", offered))) : next(context);

    /// <summary>The quality of the most specific range that covers the type; 0 where none does.</summary>
    private static double QualityOf(string type, IEnumerable<MediaTypeHeaderValue> ranges) =>
        ranges.Where(range => range.MatchesAllTypes || (range.MatchesAllSubTypes ? type.StartsWith(range.Type + "/", StringComparison.OrdinalIgnoreCase) : range.MediaType.Equals(type, StringComparison.OrdinalIgnoreCase)))
            .OrderBy(range => range.MatchesAllTypes ? 2 : range.MatchesAllSubTypes ? 1 : 0)
            .Select(range => range.Quality ?? 1)
            .FirstOrDefault();
}
