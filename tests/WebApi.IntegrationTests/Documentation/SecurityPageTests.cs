using System.Text.RegularExpressions;
using DataPipeline.WebApi.IntegrationTests.Settings;

namespace DataPipeline.WebApi.IntegrationTests.Documentation;

/// <summary>The limits of docs/security.md are settings and answers that there are, and each is tried by a test.</summary>
public sealed partial class SecurityPageTests
{
    private static readonly string[][] Limits =
    [
        .. Repository.Read("docs/security.md").Split('\n').SkipWhile(line => !line.StartsWith("| what | limit |", StringComparison.Ordinal)).Skip(2).TakeWhile(line => line.StartsWith('|'))
            .Select(line => line.Split('|').Skip(1).SkipLast(1).Select(cell => cell.Trim()).ToArray()),
    ];

    [Fact]
    public void EveryLimit_NamesSettingsAndCodesThatThereAre_AndATest()
    {
        var codes = Code().Matches(Repository.Read("docs/errors.md")).Select(code => code.Value).ToHashSet();
        var settings = SettingsTests.Names.Select(row => row.Data).ToHashSet();

        Assert.True(Limits.Length > 25, $"{Limits.Length} limits");
        Assert.All(Limits, limit =>
        {
            Assert.Equal(4, limit.Length);
            Assert.All(Setting().Matches(limit[1]), setting => Assert.Contains(setting.Groups[1].Value, settings));
            Assert.All(Code().Matches(limit[2]), code => Assert.Contains(code.Value, codes));
            Assert.Matches(@"^\[\w+\]\(\.\./tests/.+\.cs\)$", limit[3]); // That links lead somewhere holds of every page.
        });
    }

    [GeneratedRegex("`([A-Z][A-Za-z]+:[A-Za-z:]+)`")]
    private static partial Regex Setting();

    [GeneratedRegex("`[A-Z]+(?:_[A-Z]+)+`")]
    private static partial Regex Code();
}
