using System.Text.RegularExpressions;
using DataPipeline.WebApi.IntegrationTests.Settings;

namespace DataPipeline.WebApi.IntegrationTests.Operations;

/// <summary>What the files of a deployment say of the service is so.</summary>
public sealed partial class DeploymentTests
{
    private static readonly string[] Files = ["Dockerfile", "compose.yaml", "src/WebApi/DataPipeline.WebApi.csproj"];

    [Fact]
    public void EverySettingTheySet_IsOne()
    {
        var set = Files.SelectMany(file => Setting().Matches(Repository.Read(file))).Select(match => ListIndex().Replace(match.Value.Replace("__", ":", StringComparison.Ordinal), "")).Distinct().ToList();

        Assert.Contains("ConnectionStrings:Sqlite", set);
        Assert.Contains("Worker:Enabled", set);
        Assert.Empty(set.Except(SettingsTests.Names.Select(row => row.Data)));
    }

    [Fact]
    public void EveryImage_IsOfAVersion()
    {
        var images = Image().Matches(Repository.Read("Dockerfile") + Repository.Read("compose.yaml")).Select(match => match.Groups[1].Value).Where(image => !image.StartsWith("datapipeline:", StringComparison.Ordinal)).ToList();

        Assert.Equal(4, images.Count);
        Assert.All(images, image => Assert.Matches(@":\d+\.\d+", image));
    }

    [Fact]
    public void TheImage_HasWhatIsNeededToRestore_AndBuildsWithTheVersionOfTheProjects()
    {
        var dockerfile = Repository.Read("Dockerfile");
        var framework = Regex.Match(Repository.Read("Directory.Build.props"), @"<TargetFramework>net(\d+\.\d+)</TargetFramework>").Groups[1].Value;

        Assert.All(Regex.Matches(dockerfile, @"dotnet/(?:sdk|aspnet):(\d+\.\d+)").Select(match => match.Groups[1].Value), version => Assert.Equal(framework, version));
        foreach (var project in Regex.Matches(Repository.Read("src/WebApi/DataPipeline.WebApi.csproj") + Repository.Read("src/Infrastructure/DataPipeline.Infrastructure.csproj") + Repository.Read("src/Application/DataPipeline.Application.csproj"), @"<ProjectReference Include=""\.\./([^""]+)""").Select(match => match.Groups[1].Value))
            Assert.Contains($"COPY src/{project} ", dockerfile, StringComparison.Ordinal);
    }

    [Fact]
    public void TheImageOfThePublishCommand_HasTheSettingsOfTheDockerfile()
    {
        var run = Repository.Read("Dockerfile").Split("FROM ")[^1];
        var dockerfile = Regex.Matches(run, @"^\s*(?:ENV )?(\w+)=""?([^""\n\\]+?)""?(?: \\)?$", RegexOptions.Multiline).Select(match => (match.Groups[1].Value, match.Groups[2].Value)).Order();
        var project = Regex.Matches(Repository.Read("src/WebApi/DataPipeline.WebApi.csproj"), @"<ContainerEnvironmentVariable Include=""(\w+)"" Value=""([^""]+)""").Select(match => (match.Groups[1].Value, match.Groups[2].Value)).Order();

        Assert.Equal(project, dockerfile);
    }

    [GeneratedRegex(@"\b[A-Z][A-Za-z]+__[A-Za-z]\w*")]
    private static partial Regex Setting();

    [GeneratedRegex(@":\d+$")]
    private static partial Regex ListIndex();

    [GeneratedRegex(@"(?:FROM|image:) (\S+)")]
    private static partial Regex Image();
}
