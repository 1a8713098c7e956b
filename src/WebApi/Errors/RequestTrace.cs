using System.Diagnostics;
using Microsoft.AspNetCore.Http.Features;

namespace DataPipeline.WebApi.Errors;

internal static class RequestTrace
{
    private static readonly object FallbackKey = new();

    /// <summary>The W3C trace id of the request; one of our own where nobody traces.</summary>
    internal static string IdOf(HttpContext http)
    {
        if ((http.Features.Get<IHttpActivityFeature>()?.Activity ?? Activity.Current) is { IdFormat: ActivityIdFormat.W3C } activity) return activity.TraceId.ToHexString();
        if (http.Items[FallbackKey] is string id) return id;
        http.Items[FallbackKey] = id = ActivityTraceId.CreateRandom().ToHexString();
        return id;
    }
}
