using System.Text.RegularExpressions;

namespace DataPipeline.WebApi.IntegrationTests.Documentation;

/// <summary>Whoever follows a link of the documentation arrives.</summary>
public sealed partial class LinkTests
{
    [Fact]
    public void EveryLinkWithinTheRepository_LeadsToAFile_AndToAHeadingWhereItNamesOne()
    {
        var pages = Repository.Pages().ToDictionary(page => page, page => Fence().Replace(Repository.Read(page), ""));
        var links =
            from page in pages
            from link in Link().Matches(page.Value)
            let target = link.Groups[1].Value
            where !target.Contains("://", StringComparison.Ordinal)
            select (Page: page.Key, Target: target);

        Assert.NotEmpty(links);
        Assert.Equal([], links.Where(link => !Leads(link.Page, link.Target, pages)).Select(link => $"{link.Page}: {link.Target}"));
    }

    private static bool Leads(string page, string target, Dictionary<string, string> pages)
    {
        var parts = target.Split('#');
        var file = parts[0].Length == 0 ? page : Path.GetRelativePath(Repository.PathOf(""), Path.Combine(Repository.PathOf(page), "..", parts[0])).Replace('\\', '/');
        if (!File.Exists(Repository.PathOf(file)) && !Directory.Exists(Repository.PathOf(file))) return false;
        return parts.Length == 1 || (pages.TryGetValue(file, out var text) && Heading().Matches(text).Any(heading => Anchor(heading.Groups[1].Value) == parts[1]));
    }

    /// <summary>The anchor of a heading, as GitHub makes it.</summary>
    private static string Anchor(string heading) => string.Concat(heading.Trim().ToLowerInvariant().Where(c => char.IsLetterOrDigit(c) || c is ' ' or '-' or '_')).Replace(' ', '-');

    [GeneratedRegex("^```.*?^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Fence();

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex("^#{1,6} (.+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();
}
