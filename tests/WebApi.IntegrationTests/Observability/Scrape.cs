using System.Globalization;
using System.Text.RegularExpressions;

namespace DataPipeline.WebApi.IntegrationTests.Observability;

/// <summary>One time series as it stood in an answer of <c>/metrics</c>.</summary>
internal sealed record Sample(string Metric, IReadOnlyDictionary<string, string> Labels, double Value);

/// <summary>An answer of <c>/metrics</c>.</summary>
internal sealed partial class Scrape(string text)
{
    internal string Text => text;

    internal IReadOnlyList<Sample> Samples { get; } = [.. Line().Matches(text).Select(line => new Sample(
        line.Groups["metric"].Value,
        Label().Matches(line.Groups["labels"].Value).ToDictionary(label => label.Groups[1].Value, label => label.Groups[2].Value),
        double.Parse(line.Groups["value"].Value, CultureInfo.InvariantCulture)))];

    internal double Sum(string metric, string? label = null, string? value = null) =>
        Samples.Where(sample => sample.Metric == metric && (label is null || sample.Labels.GetValueOrDefault(label) == value)).Sum(sample => sample.Value);

    [GeneratedRegex("""^(?<metric>[a-z_:][a-z0-9_:]*)(?:\{(?<labels>.*)\})? (?<value>\S+)$""", RegexOptions.Multiline)]
    private static partial Regex Line();

    [GeneratedRegex("""([a-z_]+)="((?:[^"\\]|\\.)*)"(?:,|$)""")]
    private static partial Regex Label();
}
