using System.Globalization;
using System.Reflection;
using DataPipeline.Domain.Common;
using Microsoft.Extensions.Primitives;

namespace DataPipeline.WebApi.Http;

/// <summary><c>Prefer: wait=N</c> (RFC 7240): how long the caller is content to wait for a batch's end. Other preferences are left alone.</summary>
/// <param name="Time">Zero where the caller does not want to wait.</param>
internal sealed record PreferWait(TimeSpan Time, Error? Fault) : IBound, IBindableFromHttpContext<PreferWait>
{
    internal const int MaxSeconds = 60;

    public static ValueTask<PreferWait?> BindAsync(HttpContext context, ParameterInfo parameter) => ValueTask.FromResult<PreferWait?>(Read(context.Request.Headers["Prefer"]));

    private static PreferWait Read(StringValues preferences)
    {
        foreach (var preference in preferences.SelectMany(value => (value ?? "").Split(',')))
        {
            // A preference may carry parameters, which mean nothing to us; of several waits the first counts.
            var parts = preference.Split(';')[0].Split('=', 2, StringSplitOptions.TrimEntries);
            if (!parts[0].Equals("wait", StringComparison.OrdinalIgnoreCase)) continue;
            if (parts.Length == 2 && int.TryParse(parts[1].Trim('"'), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds <= MaxSeconds)
                return new PreferWait(TimeSpan.FromSeconds(seconds), null);
            return new PreferWait(default, Error.Validation("The request is not valid.", new ErrorDetail("Prefer", "OUT_OF_RANGE", $"wait must be a whole number of seconds, 0 to {MaxSeconds}.")));
        }

        return new PreferWait(default, null);
    }
}
