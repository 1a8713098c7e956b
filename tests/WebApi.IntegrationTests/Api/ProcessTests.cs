using System.Diagnostics;
using System.Net;
using System.Text.Json;
using DataPipeline.WebApi.IntegrationTests.Persistence;

namespace DataPipeline.WebApi.IntegrationTests.Api;

/// <summary>The service as an operator meets it: a process with arguments, settings, output and an exit code.</summary>
public sealed class ProcessTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Theory]
    [InlineData(DatabaseKind.Sqlite)]
    [InlineData(DatabaseKind.Postgres)]
    public async Task Keys_AreMadeListedAndRevoked(DatabaseKind kind)
    {
        await using var database = await TestDatabase.CreateEmptyAsync(kind);

        var created = await Run(database.Settings, "keys", "create", "--owner", "acme", "--name", "laptop", "--expires", "90d", "--rate-limit", "50", "--records-limit", "20000");
        var listed = await Run(database.Settings, "keys", "list", "--owner", "acme");
        var others = await Run(database.Settings, "keys", "list", "--owner", "nobody");
        var key = created.Output.Trim();
        var revoked = await Run(database.Settings, "keys", "revoke", key.Substring(4, 8));
        var listedAgain = await Run(database.Settings, "keys", "list");

        Assert.All([created, listed, others, revoked, listedAgain], run => Assert.True(run.ExitCode == 0, run.ToString()));
        Assert.Matches("^dpk_[0-9A-Za-z]{49}$", key);
        Assert.Contains(key.Substring(4, 8), listed.Output, StringComparison.Ordinal);
        Assert.Matches(" laptop +50 +20000 ", listed.Output);
        Assert.DoesNotContain(key, listed.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("laptop", others.Output, StringComparison.Ordinal);
        Assert.Contains("revoked", listedAgain.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(DatabaseKind.Sqlite)]
    [InlineData(DatabaseKind.Postgres)]
    public async Task AKey_ThatIsRotated_GoesOnForItsGrace_BesideOneLikeIt(DatabaseKind kind)
    {
        await using var database = await TestDatabase.CreateEmptyAsync(kind);
        var old = (await Run(database.Settings, "keys", "create", "--owner", "acme", "--name", "laptop", "--expires", "90d", "--rate-limit", "50", "--records-limit", "20000")).Output.Trim();
        var prefix = old.Substring(4, 8);

        var rotated = await Run(database.Settings, "keys", "rotate", prefix, "--grace", "2h", "--json");
        var listed = JsonElement.Parse((await Run(database.Settings, "keys", "list", "--json")).Output).GetProperty("items").EnumerateArray().ToDictionary(key => key.GetProperty("prefix").GetString()!);

        Assert.True(rotated.ExitCode == 0, rotated.ToString());
        var answer = JsonElement.Parse(rotated.Output);
        var key = answer.GetProperty("key").GetString()!;
        var (before, after) = (listed[prefix], listed[key.Substring(4, 8)]);
        Assert.True(JsonElement.DeepEquals(before, answer.GetProperty("replaced")), $"{before} {rotated}");
        Assert.True(JsonElement.DeepEquals(after, answer.GetProperty("details")), $"{after} {rotated}");
        Assert.Equal(("acme", "laptop", 50, 20_000), (Text(after, "owner"), Text(after, "name"), after.GetProperty("rateLimit").GetInt32(), after.GetProperty("recordsLimit").GetInt32()));
        Assert.Equal(TimeSpan.FromDays(90), Moment(after, "expiresAt") - Moment(after, "createdAt"));
        Assert.Equal(TimeSpan.FromHours(2), Moment(before, "expiresAt") - Moment(after, "createdAt"));
        Assert.Equal((key.Substring(4, 8), null), (Text(before, "replacedBy"), Text(after, "replacedBy")));

        static string? Text(JsonElement item, string name) => item.GetProperty(name).GetString();

        static DateTimeOffset Moment(JsonElement item, string name) => item.GetProperty(name).GetDateTimeOffset();
    }

    [Theory]
    [InlineData(DatabaseKind.Sqlite)]
    [InlineData(DatabaseKind.Postgres)]
    public async Task AKey_IsReplacedOnce_AndListedAsExpiredAfterItsGrace(DatabaseKind kind)
    {
        await using var database = await TestDatabase.CreateEmptyAsync(kind);
        var prefix = (await Run(database.Settings, "keys", "create", "--owner", "acme", "--name", "laptop")).Output.Trim().Substring(4, 8);

        var rotated = await Run(database.Settings, "keys", "rotate", prefix, "--grace", "0m");
        var again = await Run(database.Settings, "keys", "rotate", prefix);
        var successor = rotated.Output.Trim().Substring(4, 8);
        var next = await Run(database.Settings, "keys", "rotate", successor);
        var listed = (await Run(database.Settings, "keys", "list")).Output;
        var revoked = await Run(database.Settings, "keys", "revoke", next.Output.Trim().Substring(4, 8));
        var late = await Run(database.Settings, "keys", "rotate", next.Output.Trim().Substring(4, 8));

        Assert.All([rotated, next, revoked], run => Assert.True(run.ExitCode == 0, run.ToString()));
        Assert.Contains("acme expired", rotated.Errors, StringComparison.Ordinal);
        Assert.True(again is { ExitCode: 1, Output: "" } && again.Errors.Contains($"{prefix} was replaced by {successor} already", StringComparison.Ordinal), again.ToString());
        Assert.True(late is { ExitCode: 1, Output: "" } && late.Errors.Contains("is revoked or has expired", StringComparison.Ordinal), late.ToString());
        Assert.Matches($"(?m)^{prefix} .* expired 2.*, replaced by {successor}$", listed);
        Assert.Matches($"(?m)^{successor} .* expires 2.*, replaced by {next.Output.Trim().Substring(4, 8)}$", listed);
        Assert.Matches($"(?m)^{next.Output.Trim().Substring(4, 8)} .* never expires$", listed);
    }

    [Fact]
    public async Task Demo_ShowsWhatTheServiceMakesOfTheSample_AsJsonToo()
    {
        var told = await Run(new Dictionary<string, string?>(), "demo");
        var json = await Run(new Dictionary<string, string?>(), "demo", "--json");

        Assert.All([told, json], run => Assert.True(run.ExitCode == 0 && run.Errors.Length == 0, run.ToString()));
        var result = JsonElement.Parse(json.Output);
        var (batch, metrics) = (result.GetProperty("batch"), result.GetProperty("pipeline").GetProperty("metrics"));
        Assert.Equal(("completed", 10_000, 10_000), (batch.GetProperty("status").GetString(), batch.GetProperty("processedCount").GetInt32(), metrics.GetProperty("recordsProcessed").GetInt32()));
        Assert.Equal((3, 2), (result.GetProperty("failures").GetArrayLength(), result.GetProperty("records").GetArrayLength()));
        Assert.Contains($"{batch.GetProperty("failedCount")} failed.", told.Output, StringComparison.Ordinal);
        Assert.Contains(result.GetProperty("failures")[0].GetProperty("message").GetString()!, told.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Commands_PrintOneJsonValue_WhereThatIsWanted()
    {
        await using var database = await TestDatabase.CreateEmptyAsync(DatabaseKind.Sqlite);

        var migrated = await Run(database.Settings, "migrate", "--json");
        var created = await Run(database.Settings, "keys", "create", "--owner", "acme", "--name", "laptop", "--json");
        var key = JsonElement.Parse(created.Output).GetProperty("key").GetString()!;
        var revoked = await Run(database.Settings, "keys", "revoke", key.Substring(4, 8), "--json");
        var reencrypted = await Run(database.Settings, "secrets", "reencrypt", "--json");

        Assert.All([migrated, created, revoked, reencrypted], run => Assert.True(run.ExitCode == 0 && run.Errors.Length == 0, run.ToString()));
        Assert.True(JsonElement.Parse(migrated.Output).GetProperty("upToDate").GetBoolean());
        Assert.Equal(0, JsonElement.Parse(reencrypted.Output).GetProperty("count").GetInt32());
        Assert.Equal(JsonValueKind.Null, JsonElement.Parse(created.Output).GetProperty("details").GetProperty("revokedAt").ValueKind);
        Assert.Equal(JsonValueKind.String, JsonElement.Parse(revoked.Output).GetProperty("details").GetProperty("revokedAt").ValueKind);
    }

    [Theory]
    [InlineData]
    [InlineData("demo")]
    [InlineData("health")]
    [InlineData("keys")]
    [InlineData("keys", "create")]
    [InlineData("keys", "list")]
    [InlineData("keys", "revoke")]
    [InlineData("keys", "rotate")]
    [InlineData("migrate")]
    [InlineData("plugins")]
    [InlineData("plugins", "list")]
    [InlineData("secrets")]
    [InlineData("secrets", "reencrypt")]
    public async Task Help_IsThereForEveryCommand_WithoutADatabase(params string[] command)
    {
        var run = await Run(new Dictionary<string, string?> { ["ConnectionStrings:Postgres"] = "Host=127.0.0.1;Port=1" }, [.. command, "--help"]);

        Assert.True(run.ExitCode == 0 && run.Errors.Length == 0 && run.Output.Contains("Usage:", StringComparison.Ordinal), run.ToString());
    }

    [Theory]
    [InlineData("--owner", "keys", "create", "--name", "n")]
    [InlineData("grace must be at most 365 days", "keys", "rotate", "nothing0", "--grace", "366d")]
    [InlineData("No API key begins with", "keys", "rotate", "nothing0")]
    [InlineData("owner must be|name must be|expires must be|rate-limit must be|records-limit must be", "keys", "create", "--owner", "a b", "--name", " ", "--expires", "0d", "--rate-limit", "0", "--records-limit", "0")]
    [InlineData("is no time", "keys", "create", "--owner", "a", "--name", "n", "--expires", "soon")]
    [InlineData("No API key begins with", "keys", "revoke", "nothing0")]
    [InlineData("nonsense", "nonsense")]
    public async Task Command_ThatIsWrong_SaysSoOnStandardError(string expected, params string[] arguments)
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseKind.Sqlite);

        var run = await Run(database.Settings, arguments);

        Assert.True(run is { ExitCode: 1, Output: "" }, run.ToString());
        Assert.All(expected.Split('|'), part => Assert.True(run.Errors.Contains(part, StringComparison.Ordinal), run.ToString()));
    }

    [Fact]
    public async Task Migrate_BringsTheSchemaUpToDate_AndCanBeRepeated()
    {
        await using var database = await TestDatabase.CreateEmptyAsync(DatabaseKind.Sqlite);

        for (var i = 0; i < 2; i++)
        {
            var run = await Run(database.Settings, "migrate");
            Assert.True(run.ExitCode == 0, run.ToString());
        }
    }

    [Fact]
    public async Task Plugins_AreListed_WithoutADatabase()
    {
        var settings = new Dictionary<string, string?> { ["Plugins:Path"] = Path.Combine(AppContext.BaseDirectory, "plugins"), ["ConnectionStrings:Postgres"] = "Host=127.0.0.1;Port=1" };

        var listed = await Run(settings, "plugins", "list");
        var json = await Run(settings, "plugins", "list", "--json");

        Assert.All([listed, json], run => Assert.True(run.ExitCode == 0 && run.Errors.Length == 0, run.ToString()));
        Assert.Matches("(?m)^DataPipeline.Samples.Plugin +1.2.0 +processor +mask +ok, version 1.0", listed.Output);
        Assert.Matches("(?m)^DataPipeline.Samples.BrokenPlugin +1.0.0 +destination +store +broken: There is another destination", listed.Output);
        var plugins = JsonElement.Parse(json.Output).GetProperty("items").EnumerateArray().ToDictionary(plugin => plugin.GetProperty("assembly").GetString()!);
        Assert.Equal("outbox", plugins["DataPipeline.Samples.Plugin"].GetProperty("types")[2].GetProperty("type").GetString());
        Assert.Equal(6, plugins["DataPipeline.Samples.BrokenPlugin"].GetProperty("faults").GetArrayLength());
    }

    [Theory]
    [InlineData("RateLimiting:PermitLimit", "0")]
    [InlineData("RateLimiting:PermitLimit", "many")]
    [InlineData("Database:StartupTimeoutSeconds", "-1")]
    [InlineData("ApiKeys:Bootstrap:0:Key", "dpk_nonsense")]
    [InlineData("Secrets:Keys:0", "nonsense")]
    [InlineData("Batches:MaxBodyBytes", "0")]
    [InlineData("Worker:LeaseSeconds", "0")]
    [InlineData("ConnectionStrings:Postgres", "Host=db;Port=many;Password=nonsense")]
    [InlineData("Monitoring:Url", "9090")]
    [InlineData("ConnectionStrings:Redis", "redis:6379,password=nonsense,nonsense=1")]
    public async Task Setting_ThatIsWrong_EndsTheStart_WithOneLineThatNamesIt(string name, string value)
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseKind.Sqlite);
        var settings = new Dictionary<string, string?>(database.Settings) { [name] = value };
        if (name.StartsWith("ApiKeys", StringComparison.Ordinal)) (settings["ApiKeys:Bootstrap:0:Owner"], settings["ApiKeys:Bootstrap:0:Name"]) = ("o", "n");

        var run = await Run(settings);

        Assert.True(run.ExitCode == 1, run.ToString());
        Assert.True(run.Errors.Trim().Contains(name, StringComparison.Ordinal) && !run.Errors.Trim().Contains('\n', StringComparison.Ordinal), run.ToString());
        Assert.DoesNotContain("nonsense", run.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ARequest_WhoseLineOrHeadersAreTooLarge_IsRefusedByTheServer_WhichGoesOn()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseKind.Sqlite);
        await using var service = await Faults.ServiceProcess.StartAsync(database);

        Assert.Equal(HttpStatusCode.RequestUriTooLong, await Status(new string('q', 8 << 10)));
        Assert.Equal(HttpStatusCode.RequestHeaderFieldsTooLarge, await Status("", ("X-Long", new string('x', 32 << 10))));
        Assert.Equal(HttpStatusCode.RequestHeaderFieldsTooLarge, await Status("", [.. Enumerable.Range(0, 101).Select(i => ($"X-{i}", "x"))]));
        Assert.Equal(HttpStatusCode.OK, await Status(new string('q', 7 << 10), ("X-Long", new string('x', 24 << 10))));

        async Task<HttpStatusCode> Status(string query, params (string Name, string Value)[] headers)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, $"health/live?{query}");
            foreach (var (name, value) in headers) request.Headers.Add(name, value);
            using var response = await service.Http.SendAsync(request, TestContext.Current.CancellationToken);
            return response.StatusCode;
        }
    }

    [Fact]
    public async Task Health_AsksTheServiceOfTheSameSettings()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseKind.Sqlite);
        await using var service = await Faults.ServiceProcess.StartAsync(database);
        var settings = new Dictionary<string, string?>(database.Settings) { ["ASPNETCORE_URLS"] = $"http://*:{service.Http.BaseAddress!.Port}" };

        var (live, ready) = (await Run(settings, "health"), await Run(settings, "health", "--ready"));
        service.Kill();
        var gone = await Run(settings, "health", "--ready");

        Assert.Equal((0, "{\"status\":\"live\"}"), (live.ExitCode, live.Output.Trim()));
        Assert.True(ready.ExitCode == 0 && ready.Output.Contains("\"database\":\"ok\"", StringComparison.Ordinal), ready.ToString());
        Assert.True(gone.ExitCode == 1 && gone.Errors.Contains("Nothing answers at http://localhost", StringComparison.Ordinal), gone.ToString());
    }

    [Fact]
    public async Task DatabaseOutOfReach_EndsTheStart_WithOneLine()
    {
        var settings = new Dictionary<string, string?> { ["ConnectionStrings:Postgres"] = "Host=127.0.0.1;Port=1;Username=u;Password=secret", ["Database:StartupTimeoutSeconds"] = "1" };

        foreach (var run in (Finished[])[await Run(settings), await Run(new Dictionary<string, string?>(settings) { ["Database:MigrateOnStart"] = "false" }), await Run(settings, "migrate")])
        {
            Assert.True(run.ExitCode == 1, run.ToString());
            Assert.Contains("database", Assert.Single(run.Errors.Trim().Split('\n')), StringComparison.Ordinal);
            Assert.DoesNotContain("secret", run.ToString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Service_InDevelopment_SaysHowToUseIt_LogsInJson_AndStopsWhenTold()
    {
        await using var database = await TestDatabase.CreateEmptyAsync(DatabaseKind.Sqlite);
        var settings = new Dictionary<string, string?>(database.Settings) { ["ASPNETCORE_ENVIRONMENT"] = "Development", ["ASPNETCORE_URLS"] = "http://127.0.0.1:0", ["Api:DrainSeconds"] = "0" };
        using var process = Start(settings);
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var lines = new List<string>();
        while (await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(Patience, TestContext.Current.CancellationToken) is { } line)
        {
            lines.Add(line);
            if (line.Contains("docs  ", StringComparison.Ordinal)) break;
        }

        var key = lines.Single(line => line.Contains("API key", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[^1];
        var address = lines.Single(line => line.Contains("DataPipeline listens on", StringComparison.Ordinal)).Split(' ')[^1];
        using var http = new HttpClient { BaseAddress = new Uri(address) };
        var pipeline = await new ApiClient(http, key).CreatePipeline();
        (await new ApiClient(http, key).Get(ApiClient.Pipeline(pipeline.Id), ("X-Request-Id", "look-for-me"))).Expect(HttpStatusCode.OK);
        (await new ApiClient(http, key).Get("/api/v1/pipelines/xyz")).Refused(HttpStatusCode.NotFound, "PIPELINE_NOT_FOUND");
        using (var stop = System.Diagnostics.Process.Start("kill", ["-TERM", $"{process.Id}"])) await stop.WaitForExitAsync(TestContext.Current.CancellationToken);
        lines.AddRange((await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken).WaitAsync(Patience, TestContext.Current.CancellationToken)).Split('\n'));
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.True(process.ExitCode == 0, await errors);
        var logged = lines.Where(line => line.StartsWith('{')).Select(line => JsonElement.Parse(line)).ToList();
        var request = Assert.Single(logged, entry => entry.TryGetProperty("requestId", out var id) && id.GetString() == "look-for-me");
        Assert.Equal(("info", "GET"), (request.GetProperty("level").GetString(), request.GetProperty("method").GetString()));
        Assert.Matches("^[0-9a-f]{32}$", request.GetProperty("traceId").GetString());
        Assert.DoesNotContain(logged, entry => entry.GetProperty("level").GetString() is "error" or "warn" or "fatal");
        Assert.DoesNotContain(lines.Where(line => line.StartsWith('{')), line => line.Contains(key, StringComparison.Ordinal));
    }

    private static async Task<Finished> Run(IReadOnlyDictionary<string, string?> settings, params string[] arguments)
    {
        using var process = Start(settings, arguments);
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken), process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken));
        try
        {
            await process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(Patience, TestContext.Current.CancellationToken);
        }
        catch (TimeoutException)
        {
            process.Kill();
        }

        return new Finished(process.ExitCode, await output, await errors);
    }

    private static Process Start(IReadOnlyDictionary<string, string?> settings, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(Program).Assembly.Location, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["ASPNETCORE_URLS"] = "http://127.0.0.1:0";
        start.Environment["ASPNETCORE_ENVIRONMENT"] = "Production";
        foreach (var (name, value) in settings) start.Environment[name.Replace(":", "__", StringComparison.Ordinal)] = value ?? "";
        return Process.Start(start)!;
    }

    private sealed record Finished(int ExitCode, string Output, string Errors)
    {
        public override string ToString() => $"exit code {ExitCode}\nout: {Output}\nerr: {Errors}";
    }
}
