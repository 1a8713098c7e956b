using System.Diagnostics;
using System.Text.RegularExpressions;
using OpenTelemetry;

namespace DataPipeline.WebApi.Observability;

/// <summary>Takes secrets out of what is logged or traced: none should be in it, and one that is, in a path or a failure's message, must not be read.</summary>
internal static partial class Redaction
{
    internal static string Of(string text) => Secret().IsMatch(text) ? Secret().Replace(text, "${what}***") : text;

    [GeneratedRegex("""(?<what>dpk_)[0-9A-Za-z]+|(?<what>whsec_)[0-9A-Za-z+/=_-]+|(?<what>\b(?:password|pwd)\s*=\s*)[^;"\\\s]+""", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Secret();
}

/// <summary>Takes secrets out of the attributes of spans before they leave the process.</summary>
internal sealed class RedactingProcessor : BaseProcessor<Activity>
{
    public override void OnEnd(Activity data)
    {
        foreach (ref readonly var tag in data.EnumerateTagObjects())
        {
            if (tag.Value is string text && Redaction.Of(text) is var clean && !ReferenceEquals(clean, text)) data.SetTag(tag.Key, clean);
        }
    }
}
