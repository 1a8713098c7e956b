using System.Diagnostics;
using Microsoft.AspNetCore.Http.Features;

namespace DataPipeline.WebApi.Errors;

internal static class RequestTrace
{
    private static readonly object FallbackKey = new();

    /// <summary>The W3C trace id of the request: also where neither logs nor traces are wanted, and so nobody has started an activity.</summary>
    internal static string IdOf(HttpContext http)
    {
        if ((http.Features.Get<IHttpActivityFeature>()?.Activity ?? Activity.Current) is { IdFormat: ActivityIdFormat.W3C } activity) return activity.TraceId.ToHexString();
        if (http.Items[FallbackKey] is string id) return id;
        var traceId = ActivityContext.TryParse(http.Request.Headers.TraceParent, null, out var caller) ? caller.TraceId : ActivityTraceId.CreateRandom();
        http.Items[FallbackKey] = id = traceId.ToHexString();
        return id;
    }
}
