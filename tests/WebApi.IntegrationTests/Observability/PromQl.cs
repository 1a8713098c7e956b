using System.Text.RegularExpressions;

namespace DataPipeline.WebApi.IntegrationTests.Observability;

/// <summary>The names that an expression of PromQL uses. Whether it is one at all is for promtool to say.</summary>
internal static partial class PromQl
{
    /// <summary>The series it selects, and by which labels.</summary>
    internal static IEnumerable<(string Metric, IReadOnlyList<(string Label, string Operator, string Value)> Matchers)> Selectors(string expression) =>
        Selector().Matches(Words().Replace(Grouping().Replace(expression, " "), " ")).Select(selector => (
            selector.Groups["metric"].Value,
            (IReadOnlyList<(string, string, string)>)[.. Matcher().Matches(selector.Groups["matchers"].Value).Select(matcher => (matcher.Groups[1].Value, matcher.Groups[2].Value, matcher.Groups[3].Value))]));

    /// <summary>The labels it sums or joins by.</summary>
    internal static IEnumerable<string> Groupings(string expression) => Grouping().Matches(expression).SelectMany(grouping => grouping.Groups[1].Value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));

    /// <summary>What is a word of the language: functions, operators, durations.</summary>
    [GeneratedRegex("""\b(?:and|or|unless|bool|offset)\b|\[[^\]]*\]|\b[a-z_0-9]+(?=\s*\()""")]
    private static partial Regex Words();

    [GeneratedRegex("""(?<metric>\b[a-z_:][a-z0-9_:]*)(?:\{(?<matchers>[^}]*)\})?""")]
    private static partial Regex Selector();

    [GeneratedRegex("""([a-z_]+)\s*(=~|!~|!=|=)\s*"([^"]*)"\s*""")]
    private static partial Regex Matcher();

    [GeneratedRegex("""\b(?:by|without|on|ignoring|group_left|group_right)\s*\(([^)]*)\)""")]
    private static partial Regex Grouping();
}
