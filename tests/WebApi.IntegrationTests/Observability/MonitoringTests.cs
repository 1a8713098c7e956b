using System.ComponentModel;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Text.Json;
using System.Text.RegularExpressions;
using DataPipeline.Application.Observability;
using DataPipeline.WebApi.IntegrationTests.Faults;
using DataPipeline.WebApi.IntegrationTests.Persistence;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace DataPipeline.WebApi.IntegrationTests.Observability;

/// <summary>One process on PostgreSQL at which everything has happened once that is measured, and what its metrics were then.</summary>
public sealed class MonitoredService : IAsyncLifetime
{
    private TestDatabase _database = null!;

    internal ServiceProcess Process { get; private set; } = null!;

    internal Scrape Scrape { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        _database = await TestDatabase.CreateAsync(DatabaseKind.Postgres);
        Process = await ServiceProcess.StartAsync(_database);
        await UseAsync();
        await FailAStatementAsync();
        Scrape = await ScrapeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await Process.DisposeAsync();
        await _database.DisposeAsync();
    }

    /// <summary>Everything that callers can bring about, each time with a pipeline, batches, a path and an address that have not been before.</summary>
    internal async Task UseAsync()
    {
        var pipeline = await Process.CreatePipelineAsync("acme");
        await Process.SendAsync("acme", HttpMethod.Post, $"pipelines/{pipeline}/batches", """[{"n":1},{"n":2},3]""", prefer: "wait=30");
        await Process.SendAsync("acme", HttpMethod.Post, $"pipelines/{pipeline}/batches", "[3]", prefer: "wait=30");
        var paused = await Process.CreatePipelineAsync("other");
        var waiting = await Process.SendAsync("other", HttpMethod.Post, $"pipelines/{paused}/batches", "[{}]");
        await Process.SendAsync("other", HttpMethod.Post, $"pipelines/{paused}/stop");
        await Process.Http.PostAsync($"/api/v1/pipelines/{paused}/batches/{waiting.GetProperty("id").GetString()}/cancel", null, TestContext.Current.CancellationToken);
        foreach (var path in (string[])["/api/v1/pipelines", $"/api/v1/{Path.GetRandomFileName()}", $"/{Path.GetRandomFileName()}", "/health/live"])
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            request.Headers.Add("X-API-Key", "dpk_wrong");
            using var refused = await Process.Http.SendAsync(request, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>The metrics once the gauges have been read.</summary>
    internal Task<Scrape> ScrapeAsync() => ScrapeAsync(scrape => scrape.Sum("data_pipeline_workers_alive") == 1);

    private async Task<Scrape> ScrapeAsync(Predicate<Scrape> wanted) => await Eventually.NotNullAsync(async () =>
    {
        var scrape = new Scrape(await Process.Http.GetStringAsync("/metrics", TestContext.Current.CancellationToken));
        return wanted(scrape) ? scrape : null;
    });

    private async Task FailAStatementAsync()
    {
        await using var connection = new NpgsqlConnection(_database.ConnectionString);
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await ExecuteAsync("ALTER TABLE workers RENAME TO workers_away");
        await ScrapeAsync(scrape => scrape.Sum("db_client_operation_failed_total") > 0);
        await ExecuteAsync("ALTER TABLE workers_away RENAME TO workers");

        async Task ExecuteAsync(string sql)
        {
            await using var command = new NpgsqlCommand(sql, connection);
            await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        }
    }
}

public sealed partial class MonitoringTests(MonitoredService service) : IClassFixture<MonitoredService>
{
    private const string Prefix = "data_pipeline";

    /// <summary>What the server of the metrics adds to each series, and knows of each process by itself.</summary>
    private static readonly string[] LabelsOfTheServer = ["instance", "job"];
    private static readonly string[] SeriesOfTheServer = ["up"];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private static IReadOnlyList<string> Expressions =>
    [
        .. Expression().Matches(Repository.Read("deploy/monitoring/alerts.yaml")).Select(match => match.Groups[1].Value),
        .. FindAll(JsonElement.Parse(Repository.Read("deploy/monitoring/grafana-dashboard.json")), "expr").Select(Fill),
    ];

    [Fact]
    public void WhatHappened_IsCounted()
    {
        var scrape = service.Scrape;

        Assert.InRange(scrape.Sum("data_pipeline_records_total", "data_pipeline_record_outcome", "delivered"), 2, 3); // One more where the worker was quicker than the cancellation.
        Assert.Equal(2, scrape.Sum("data_pipeline_records_total", "data_pipeline_record_outcome", "failed"));
        Assert.Equal(3, scrape.Sum("data_pipeline_batches_total", "data_pipeline_batch_status", "accepted"));
        Assert.Equal(1, scrape.Sum("data_pipeline_batches_total", "data_pipeline_batch_status", "failed"));
        Assert.True(scrape.Sum("data_pipeline_rate_limit_decisions_total", "data_pipeline_rate_limit_policy", "failed_authentication") >= 2);
        Assert.True(scrape.Sum("http_server_request_duration_seconds_count", "http_route", "/api/v1/pipelines/{pipelineId}/batches") >= 3);
        Assert.Contains("datapipeline", scrape.Samples.Where(sample => sample.Metric == "db_client_connection_max").Select(sample => sample.Labels["db_client_connection_pool_name"]));
    }

    [Fact]
    public void ProbesAndScrapes_AreNotCountedAsRequests() =>
        Assert.DoesNotContain(service.Scrape.Samples, sample => sample.Metric.StartsWith("http_server_request", StringComparison.Ordinal) && sample.Labels.GetValueOrDefault("http_route") is "/metrics" or "/health/live" or "/health/ready");

    [Fact]
    public async Task TheNumberOfSeries_DoesNotGrowWithWhatTheServiceIsUsedFor()
    {
        await service.UseAsync();
        var before = await service.ScrapeAsync();

        for (var i = 0; i < 10; i++) await service.UseAsync();

        Assert.Equal(SeriesOf(before), SeriesOf(await service.ScrapeAsync()));

        // Which exceptions have been thrown somewhere in the runtime is not ours to say; there are as many as there are types of them.
        static IEnumerable<string> SeriesOf(Scrape scrape) => scrape.Samples.Where(sample => sample.Metric != "dotnet_exceptions_total")
            .Select(sample => $"{sample.Metric}{{{string.Join(',', sample.Labels.Select(label => $"{label.Key}={label.Value}"))}}}").Order(StringComparer.Ordinal);
    }

    [Fact]
    public void EveryInstrumentOfOurs_IsDocumented_WithItsAttributesAndTheirValues_AndNoOther()
    {
        using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var instruments = new List<string>();
        using var listener = new MeterListener { InstrumentPublished = (instrument, _) => { if (instrument.Meter.Scope == services.GetRequiredService<IMeterFactory>()) instruments.Add(instrument.Name); } };
        listener.Start();
        _ = new ServiceMetrics(services.GetRequiredService<IMeterFactory>());

        var documented = Row().Matches(Repository.Read("docs/monitoring.md")).ToDictionary(row => row.Groups["name"].Value, row => Attribute().Matches(row.Groups["attributes"].Value)
            .ToDictionary(attribute => Underscored(attribute.Groups["name"].Value), attribute => Code().Matches(attribute.Groups["values"].Value).Select(value => value.Groups[1].Value).ToArray()));

        Assert.Equal(instruments.Order(StringComparer.Ordinal), documented.Keys.Order(StringComparer.Ordinal));
        Assert.All(service.Scrape.Samples.Where(sample => sample.Metric.StartsWith(Prefix, StringComparison.Ordinal)), sample =>
        {
            var (_, attributes) = documented.Single(instrument => UnitOrKind().Replace(sample.Metric, "") == Underscored(instrument.Key));
            Assert.All(sample.Labels.Where(label => label.Key is not ("le" or "otel_scope_name")), label => Assert.True(!attributes.TryGetValue(label.Key, out var values) || values.Length == 0 || values.Contains(label.Value), $"{sample.Metric}: {label}"));
            Assert.Equal(attributes.Keys.Order(StringComparer.Ordinal), sample.Labels.Keys.Where(label => label is not ("le" or "otel_scope_name")).Order(StringComparer.Ordinal));
        });
    }

    [Fact]
    public void TheDashboardAndTheAlerts_UseOnlyWhatThereIs()
    {
        Assert.True(Expressions.Count > 40, $"{Expressions.Count} expressions were found");
        Assert.All(Expressions, expression =>
        {
            var selectors = PromQl.Selectors(expression).ToList();
            Assert.NotEmpty(selectors);
            foreach (var (metric, matchers) in selectors)
            {
                var samples = service.Scrape.Samples.Where(sample => sample.Metric == metric).ToList();
                Assert.True(samples.Count > 0 || SeriesOfTheServer.Contains(metric), $"There is no {metric}: {expression}");
                foreach (var (label, comparison, value) in matchers.Where(matcher => !LabelsOfTheServer.Contains(matcher.Label)))
                {
                    Assert.True(samples.Exists(sample => sample.Labels.ContainsKey(label)), $"{metric} has no {label}: {expression}");
                    if (comparison == "=") Assert.True(samples.Exists(sample => sample.Labels.GetValueOrDefault(label) == value), $"{metric} has no {label} of {value}: {expression}");
                }

                var labels = samples.SelectMany(sample => sample.Labels.Keys).Concat(LabelsOfTheServer).ToHashSet(StringComparer.Ordinal);
                Assert.All(PromQl.Groupings(expression), label => Assert.True(labels.Contains(label), $"{metric} has no {label}: {expression}"));
            }
        });
    }

    [Fact]
    public void EveryAlert_IsDocumented_AndNoOther() => Assert.Equal(
        Alert().Matches(Repository.Read("deploy/monitoring/alerts.yaml")).Select(alert => alert.Groups[1].Value),
        AlertRow().Matches(Repository.Read("docs/monitoring.md")).Select(alert => alert.Groups[1].Value));

    [Fact]
    public async Task TheAlerts_GoOffWhenTheyShould_AndAreQuietOtherwise() => await PromToolAsync("test", "rules", Repository.PathOf("deploy/monitoring/alerts.test.yaml"));

    [Fact]
    public async Task EveryExpression_IsPromQl()
    {
        var file = Path.Combine(Path.GetTempPath(), $"{Path.GetRandomFileName()}.yaml");
        var rules = Expressions.Select((expression, i) => $"  - record: r{i}\n    expr: {JsonSerializer.Serialize(expression)}\n");
        await File.WriteAllTextAsync(file, $"groups:\n- name: all\n  rules:\n{string.Concat(rules)}", Stop);
        try
        {
            await PromToolAsync("check", "rules", file);
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static string Underscored(string name) => name.Replace('.', '_');

    /// <summary>As Grafana fills in the variables of a dashboard.</summary>
    private static string Fill(string expression) => expression.Replace("$__rate_interval", "5m", StringComparison.Ordinal).Replace("$instance", ".*", StringComparison.Ordinal);

    private static IEnumerable<string> FindAll(JsonElement json, string member) => json.ValueKind switch
    {
        JsonValueKind.Object => json.EnumerateObject().SelectMany(property => property.NameEquals(member) ? [property.Value.GetString()!] : FindAll(property.Value, member)),
        JsonValueKind.Array => json.EnumerateArray().SelectMany(item => FindAll(item, member)),
        _ => [],
    };

    /// <summary>Prometheus' own tool, where it is installed, as it is where CI runs.</summary>
    private static async Task PromToolAsync(params string[] arguments)
    {
        using var tool = new Process { StartInfo = new ProcessStartInfo("promtool", arguments) { RedirectStandardOutput = true, RedirectStandardError = true } };
        try
        {
            tool.Start();
        }
        catch (Win32Exception) when (Environment.GetEnvironmentVariable("CI") != "true")
        {
            Assert.Skip("promtool is not installed.");
        }

        var (output, errors) = (tool.StandardOutput.ReadToEndAsync(Stop), tool.StandardError.ReadToEndAsync(Stop));
        await tool.WaitForExitAsync(Stop);
        Assert.True(tool.ExitCode == 0, $"{await output}{await errors}");
    }

    [GeneratedRegex(@"^ +expr: (?:>-\n)?((?:.+)(?:\n {10,}.+)*)", RegexOptions.Multiline)]
    private static partial Regex Expression();

    [GeneratedRegex(@"^ +- alert: (\w+)", RegexOptions.Multiline)]
    private static partial Regex Alert();

    [GeneratedRegex(@"^\| `(DataPipeline\w+)` \|", RegexOptions.Multiline)]
    private static partial Regex AlertRow();

    [GeneratedRegex(@"^\| `(?<name>data_pipeline\.[a-z_.]+)` \| [^|]+ \|(?<attributes>[^|]*)\|", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex(@"`(?<name>data_pipeline\.[a-z_.]+)`(?<values>[^;]*)")]
    private static partial Regex Attribute();

    [GeneratedRegex("`([a-z_]+)`")]
    private static partial Regex Code();

    [GeneratedRegex("(_seconds)?(_bucket|_sum|_count|_total)?$")]
    private static partial Regex UnitOrKind();
}
