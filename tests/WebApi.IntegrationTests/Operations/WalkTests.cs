using System.Diagnostics;
using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using DataPipeline.WebApi.IntegrationTests.Faults;
using DataPipeline.WebApi.IntegrationTests.Persistence;

namespace DataPipeline.WebApi.IntegrationTests.Operations;

/// <summary>What newcomers are told to do works as it is written.</summary>
public sealed partial class WalkTests
{
    private const string LocalUrl = "http://localhost:5080/api/v1";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>The key that the development settings carry.</summary>
    private static string DevelopmentKey =>
        JsonElement.Parse(Repository.Read("src/WebApi/appsettings.Development.json")).GetProperty("ApiKeys").GetProperty("Bootstrap")[0].GetProperty("Key").GetString()!;

    [Fact]
    public async Task TheReadmesFiveMinutes_WorkAsTheyStand()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The walk is written for a POSIX shell.");
        await using var database = await TestDatabase.CreateAsync(DatabaseKind.Sqlite);
        await using var service = await ServiceProcess.StartAsync(database);
        var readme = Repository.Read("README.md");
        var walk = readme[readme.IndexOf("## Five minutes", StringComparison.Ordinal)..readme.IndexOf("## Going further", StringComparison.Ordinal)];
        var blocks = ShellBlock().Matches(walk).Select(block => block.Groups[1].Value).ToList();
        Assert.Equal($"URL={LocalUrl}\nKEY={DevelopmentKey}\n", blocks[0]);
        var here = $"URL={service.Http.BaseAddress}api/v1\nKEY={ServiceProcess.Keys["acme"]}\n";

        var lines = await RunAsync(string.Join("echo\n", blocks.Skip(1).Prepend(here)));

        var answers = lines.Where(line => line.StartsWith('{')).SelectMany(ValuesOf).ToList();
        Assert.Equal(["simulated", "active", "completed", "errors", "records", "failed", "active", "paused"], answers.Select(Outcome));
        Assert.EndsWith("204", lines.Last(line => line.Length > 0), StringComparison.Ordinal);
        Assert.Equal(10_000, answers[2].GetProperty("recordCount").GetInt32());
        Assert.Equal("delivered", answers[0].GetProperty("results")[0].GetProperty("outcome").GetString());
        Assert.Equal("CONVERSION_FAILED", answers[3].GetProperty("items")[0].GetProperty("code").GetString());
    }

    [Fact]
    public async Task TheWalkForEditors_WorksAsItStands()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseKind.Sqlite);
        await using var service = await ServiceProcess.StartAsync(database);
        var file = Repository.Read("samples/walk.http");
        var variables = Variable().Matches(file).ToDictionary(match => match.Groups[1].Value, match => match.Groups[2].Value);
        Assert.Equal((LocalUrl, DevelopmentKey), (variables["url"], variables["key"]));
        (variables["url"], variables["key"]) = ($"{service.Http.BaseAddress}api/v1", ServiceProcess.Keys["acme"]);

        var statuses = new List<HttpStatusCode>();
        foreach (var text in file.Split("###").Skip(1))
        {
            var lines = text.Split('\n').Skip(1).Where(line => !line.StartsWith('#')).ToList();
            using var request = Parse([.. lines.Select(line => Placeholder().Replace(line, match => variables[match.Groups[1].Value]))]);
            using var response = await service.Http.SendAsync(request, Stop);
            statuses.Add(response.StatusCode);
            if (Name().Match(text) is { Success: true } name)
                variables[$"{name.Groups[1].Value}.response.body.$.id"] = JsonElement.Parse(await response.Content.ReadAsStringAsync(Stop)).GetProperty("id").GetString()!;
        }

        Assert.Equal([201, 200, 200, 200, 200, 200, 202, 200, 200, 200, 204], statuses.Select(status => (int)status));
    }

    private static async Task<string[]> RunAsync(string script)
    {
        using var bash = Process.Start(new ProcessStartInfo("bash", ["-eu", "-c", script]) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = Repository.PathOf("") })!;
        var (output, errors) = (bash.StandardOutput.ReadToEndAsync(Stop), bash.StandardError.ReadToEndAsync(Stop));
        await bash.WaitForExitAsync(Stop);
        Assert.True(bash.ExitCode == 0, $"{await output}\n{await errors}");
        return (await output).Split('\n');
    }

    /// <summary>Answers of one block follow each other without a line's end between them.</summary>
    private static List<JsonElement> ValuesOf(string line)
    {
        var values = new List<JsonElement>();
        var bytes = System.Text.Encoding.UTF8.GetBytes(line);
        var reader = new Utf8JsonReader(bytes, new JsonReaderOptions { AllowMultipleValues = true });
        while (reader.Read() && reader.TokenType == JsonTokenType.StartObject) values.Add(JsonElement.ParseValue(ref reader));
        return values;
    }

    private static string? Outcome(JsonElement answer) =>
        answer.TryGetProperty("status", out var status) ? status.GetString()
        : answer.TryGetProperty("results", out _) ? "simulated"
        : answer.GetProperty("items")[0].TryGetProperty("code", out _) ? "errors" : "records";

    private static HttpRequestMessage Parse(List<string> lines)
    {
        var first = lines[0].Split(' ');
        var request = new HttpRequestMessage(new HttpMethod(first[0]), first[1]);
        var headers = lines.Skip(1).TakeWhile(line => line.Length > 0).Select(line => line.Split(": ", 2)).ToList();
        var body = string.Join('\n', lines.SkipWhile(line => line.Length > 0)).Trim();
        if (body.Length > 0) request.Content = new StringContent(body, System.Text.Encoding.UTF8, headers.Single(header => header[0] == "Content-Type")[1]);
        foreach (var header in headers.Where(header => header[0] != "Content-Type")) request.Headers.Add(header[0], header[1]);
        return request;
    }

    [GeneratedRegex("```sh\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex ShellBlock();

    [GeneratedRegex("^@(\\w+) = (\\S+)$", RegexOptions.Multiline)]
    private static partial Regex Variable();

    [GeneratedRegex("\\{\\{([^}]+)\\}\\}")]
    private static partial Regex Placeholder();

    [GeneratedRegex("^# @name (\\w+)$", RegexOptions.Multiline)]
    private static partial Regex Name();
}
