using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using DataPipeline.WebApi.IntegrationTests.Api;

namespace DataPipeline.WebApi.IntegrationTests.Documentation;

/// <summary>What authors of configurations read in docs/processors.md is what the service knows.</summary>
public sealed partial class ProcessorPageTests(SqliteApi app) : IClassFixture<SqliteApi>
{
    private static readonly string Page = Repository.Read("docs/processors.md");

    [Theory]
    [InlineData("processors", "## Built in")]
    [InlineData("destinations", "## Destinations")]
    public async Task EveryType_IsDocumented_WithItsOptionsAndTheirDefaults_AndNoOther(string catalogue, string heading)
    {
        var known = (await (await app.NewOwner()).Get($"/api/v1/{catalogue}")).Expect(HttpStatusCode.OK).Items.Select(item => Known(item.GetProperty("type").GetString()!, item.GetProperty("optionsSchema")));

        var documented = Rows(heading).SelectMany(row => Name().Matches(row[0]).Select(type => Documented(type.Groups[1].Value, row[1])));

        Assert.Equal(string.Join('\n', known.Order(StringComparer.Ordinal)), string.Join('\n', documented.Order(StringComparer.Ordinal)));
    }

    [Fact]
    public void EveryTestOfConditions_IsDocumented_AndNoOther()
    {
        var known = ApiDocument.CheckedIn.Root.GetProperty("components").GetProperty("schemas").GetProperty("FieldCondition").GetProperty("properties").EnumerateObject().Select(test => test.Name).Where(test => test != "field");

        Assert.Equal(known.Order(StringComparer.Ordinal), Rows("## Conditions").SelectMany(row => Name().Matches(row[0]).Select(test => test.Groups[1].Value)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void EveryCodeOnThePage_IsOneThatRecordsCanFailWith_AndEveryCodeOfProcessorsStandsOnIt()
    {
        var codes = Repository.Read("docs/errors.md");
        var ofRecords = codes[codes.IndexOf("## Records", StringComparison.Ordinal)..];
        var ofProcessors = ofRecords.Split('\n').Where(row => row.StartsWith("| `", StringComparison.Ordinal) && !row.Contains("| submission |", StringComparison.Ordinal) && !row.Contains("| processors of plugins |", StringComparison.Ordinal));

        var named = Code().Matches(Page).Select(code => code.Groups[1].Value).ToHashSet();

        Assert.Equal([], named.Where(code => !codes.Contains($"`{code}`", StringComparison.Ordinal)).Except(["CREDIT_CARD", "UNIX_MS", "TIMESTAMP_ISO8601", "ELB_ACCESS_LOG", "MIN_LENGTH", "ADDITIONAL_PROPERTIES", "DEPENDENT_REQUIRED", "TOO_COMPLEX"]));
        Assert.Equal([], ofProcessors.SelectMany(row => Code().Matches(row.Split('|')[1])).Select(code => code.Groups[1].Value).Except(named));
    }

    [Fact]
    public async Task EveryConfigurationInTheDocumentation_IsAccepted()
    {
        await using var withPlugins = app.Another(new() { ["Plugins:Path"] = Path.Combine(AppContext.BaseDirectory, "plugins") });
        var owner = await ApiFixture.NewOwner(withPlugins);
        var destinations = (await owner.Get("/api/v1/destinations")).Items.Select(item => item.GetProperty("type").GetString()).ToHashSet();
        var shown = (
            from page in Repository.Pages().Where(page => page is "README.md" or "docs/processors.md" or "docs/plugins.md" or "docs/api.md")
            from text in Configuration().Matches(Repository.Read(page))
            let json = text.Groups[1].Value
            select (Page: page, Json: JsonNode.Parse(json.StartsWith('{') ? json : $"{{{json}}}")!.AsObject())).ToList();

        Assert.True(shown.Count >= 9, $"Only {shown.Count} were found.");
        foreach (var (page, json) in shown)
        {
            var definition = ApiClient.Definition();
            if (json["errorPolicy"] is { } policy) definition["config"]!["errorPolicy"] = policy.DeepClone();
            else if (destinations.Contains((string?)json["type"])) definition["config"]!["destination"] = json.DeepClone();
            else definition["config"]!["processors"]!.AsArray().Add(json.DeepClone());
            var answer = await owner.Post("/api/v1/pipelines", definition);
            Assert.True(answer.Status == HttpStatusCode.Created, $"{page}: {json.ToJsonString()}: {answer.Text}");
        }
    }

    private static string Known(string type, JsonElement schema)
    {
        var required = schema.TryGetProperty("required", out var names) ? names.EnumerateArray().Select(name => name.GetString()).ToHashSet() : [];
        return Line(type, schema.GetProperty("properties").EnumerateObject().Select(option => (option.Name, required.Contains(option.Name), DefaultOf(option.Value))));
    }

    private static string? DefaultOf(JsonElement option) => option.TryGetProperty("default", out var value) && value.ValueKind is not (JsonValueKind.Array or JsonValueKind.Object) && value.ToString() is { Length: > 0 } text ? text.ToLowerInvariant() : null;

    private static string Documented(string type, string options)
    {
        var bare = InParentheses().Replace(options, "");
        var named = Option().Matches(bare).Select(option => (option.Groups[1].Value, option.Groups[2].Success, option.Groups[3].Success ? StatedDefault(option.Groups[3].Value) : null)).ToList();
        var letters = bare.Split(',', StringSplitOptions.TrimEntries);
        if (letters.Contains("M")) named.Add(("ignoreMissing", false, "false"));
        if (letters.Contains("T")) named.Add(("targetField", false, null));
        return Line(type, named);
    }

    /// <summary>A value, or the first of several, which is the default; what is said in words of its own is no value.</summary>
    private static string? StatedDefault(string stated)
    {
        var value = (stated.StartsWith('`') ? stated.Split('`')[1] : stated).ToLowerInvariant();
        return value.Contains(' ', StringComparison.Ordinal) || stated == "none" ? null : value;
    }

    private static string Line(string type, IEnumerable<(string Name, bool IsRequired, string? Default)> options) =>
        $"{type}: {string.Join(", ", options.OrderBy(option => option.Name, StringComparer.Ordinal).Select(option => $"{option.Name}{(option.IsRequired ? "*" : "")}{(option.Default is { } value ? $" [{value}]" : "")}"))}";

    /// <summary>The cells of the table below a heading.</summary>
    private static IEnumerable<string[]> Rows(string heading) => Page[Page.IndexOf(heading, StringComparison.Ordinal)..].Split('\n')
        .SkipWhile(line => !line.StartsWith("| ---", StringComparison.Ordinal)).Skip(1)
        .TakeWhile(line => line.StartsWith('|'))
        .Select(line => line.Split('|')[1..].Select(cell => cell.Trim()).ToArray());

    [GeneratedRegex(@"`(\w+)`")]
    private static partial Regex Name();

    [GeneratedRegex(@"`(\w+)`(\\\*)?(?: \[([^\]]*)\])?")]
    private static partial Regex Option();

    [GeneratedRegex(@" \([^()]*\)")]
    private static partial Regex InParentheses();

    [GeneratedRegex("`([A-Z]+(?:_[A-Z0-9]+)+)`")]
    private static partial Regex Code();

    /// <summary>A processor, a destination or an error policy: in a block of its own, within a line, or as the example of a plugin.</summary>
    [GeneratedRegex("""(?:```json\n|`|\[Example\(\"\"\")(\{ "type": .*?\}|"errorPolicy": \{.*?\})(?:\n```|`|\"\"\")""", RegexOptions.Singleline)]
    private static partial Regex Configuration();
}
