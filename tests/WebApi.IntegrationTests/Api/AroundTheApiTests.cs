using System.Net;
using System.Text.RegularExpressions;
using DataPipeline.Application.Common;
using DataPipeline.Application.Pipelines;
using DataPipeline.WebApi.IntegrationTests.Persistence;
using DataPipeline.WebApi.IntegrationTests.Redis;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Moq;
using Npgsql;

namespace DataPipeline.WebApi.IntegrationTests.Api;

public sealed class AroundTheApiOnSqlite(SqliteApi app) : AroundTheApiTests(app), IClassFixture<SqliteApi>
{
    protected override Exception Outage => new SqliteException("unable to open database file", 14);
}

public sealed class AroundTheApiOnPostgres(PostgresApi app) : AroundTheApiTests(app), IClassFixture<PostgresApi>
{
    protected override Exception Outage => new NpgsqlException("Failed to connect", new System.Net.Sockets.SocketException(111));
}

public abstract class AroundTheApiTests(ApiFixture app)
{
    protected abstract Exception Outage { get; }

    [Theory]
    [InlineData("/health/live", "live")]
    [InlineData("/health/ready", "ready")]
    public async Task Health_IsAnsweredWithoutAKey(string path, string status) =>
        Assert.Equal(status, (await app.With(null).Get(path)).Expect(HttpStatusCode.OK)["status"].GetString());

    [Fact]
    public async Task Ready_WhenTheDatabaseIsOut_SaysSo()
    {
        var database = new Mock<IDatabase>();
        database.Setup(it => it.FindFaultAsync(It.IsAny<CancellationToken>())).ReturnsAsync("The database is out of reach.");
        await using var process = app.Another([], services => services.AddSingleton(database.Object));
        var caller = new ApiClient(process.CreateClient(), null);

        var refused = (await caller.Get("/health/ready")).Refused(HttpStatusCode.ServiceUnavailable, "SERVICE_UNAVAILABLE");

        Assert.Equal("The database is out of reach.", refused.Detail("database").GetProperty("message").GetString());
        Assert.NotNull(refused.Headers.RetryAfter);
        (await caller.Get("/health/live")).Expect(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Ready_ShowsRedisWhereItIsConfigured_AndIsReadyWithoutIt()
    {
        await using var with = app.Another(new() { ["ConnectionStrings:Redis"] = await TestRedis.GetAsync() });
        await using var without = app.Another(new() { ["ConnectionStrings:Redis"] = "127.0.0.1:1" });
        var caller = new ApiClient(with.CreateClient(), null);

        await Eventually.TrueAsync(async () => (await caller.Get("/health/ready")).Expect(HttpStatusCode.OK)["checks"].GetProperty("redis").GetString() == "ok", "Redis is found");
        var degraded = (await new ApiClient(without.CreateClient(), null).Get("/health/ready")).Expect(HttpStatusCode.OK);
        var unconfigured = (await app.With(null).Get("/health/ready")).Expect(HttpStatusCode.OK);

        Assert.Equal(("ready", "degraded"), (degraded["status"].GetString(), degraded["checks"].GetProperty("redis").GetString()));
        var detail = degraded["details"].EnumerateArray().Single(detail => detail.GetProperty("field").GetString() == "redis");
        Assert.Equal("UNAVAILABLE", detail.GetProperty("code").GetString());
        Assert.False(unconfigured["checks"].TryGetProperty("redis", out _));
    }

    [Fact]
    public async Task Fault_IsAnsweredWithoutItsInside()
    {
        await using var process = Failing(new InvalidOperationException("the inside"));

        var refused = (await (await ApiFixture.NewOwner(process)).Get("/api/v1/pipelines")).Refused(HttpStatusCode.InternalServerError, "INTERNAL_ERROR");

        Assert.DoesNotContain("inside", refused.Text, StringComparison.Ordinal);
        Assert.NotNull(refused.Header("RateLimit"));
    }

    [Fact]
    public async Task DatabaseOutOfReach_IsAnsweredWithWhenToTryAgain()
    {
        await using var process = Failing(Outage);

        var refused = (await (await ApiFixture.NewOwner(process)).Get("/api/v1/pipelines")).Refused(HttpStatusCode.ServiceUnavailable, "SERVICE_UNAVAILABLE");

        Assert.InRange(refused.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 60);
    }

    [Fact]
    public async Task Trace_OfTheCaller_IsGoneOnWith()
    {
        var owner = await app.NewOwner();

        var refused = await owner.Get("/api/v1/pipelines/xyz", ("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"));

        Assert.Equal("4bf92f3577b34da6a3ce929d0e0e4736", refused["error"].GetProperty("traceId").GetString());
    }

    [Theory]
    [InlineData("my-request.1", true)]
    [InlineData("with space", false)]
    [InlineData("caf\u00e9", false)]
    public async Task RequestId_IsEchoed_OrMade(string given, bool echoed)
    {
        var answer = await app.With(null).Get("/health/live", ("X-Request-Id", given));

        Assert.Equal(echoed, answer.Header("X-Request-Id") == given);
        Assert.False(string.IsNullOrEmpty(answer.Header("X-Request-Id")));
    }

    [Theory]
    [InlineData(128, true)]
    [InlineData(129, false)]
    public async Task RequestId_HasABound(int length, bool echoed) =>
        Assert.Equal(echoed, (await app.With(null).Get("/health/live", ("X-Request-Id", new string('x', length)))).Header("X-Request-Id")!.Length == length && echoed);

    [Theory]
    [InlineData("/docs")]
    [InlineData("/docs/")]
    public async Task Page_ComesFromThisServiceAlone(string path)
    {
        var page = (await app.With(null).Get(path)).Expect(HttpStatusCode.OK);

        Assert.DoesNotContain("http://", page.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("https://", page.Text, StringComparison.Ordinal);
        Assert.Contains("openapi/v1.json", page.Text, StringComparison.Ordinal);
        var nonce = Regex.Match(page.Header("Content-Security-Policy")!, "^default-src 'none'; script-src 'self' 'nonce-([^']+)'; ").Groups[1].Value;
        var scripts = Regex.Matches(page.Text, "<script[^>]*>").Select(script => WebUtility.HtmlDecode(script.Value)).ToList();
        Assert.NotEmpty(scripts);
        Assert.All(scripts, script => Assert.Contains($"nonce=\"{nonce}\"", script, StringComparison.Ordinal));
        Assert.NotEqual(nonce, Regex.Match((await app.With(null).Get(path)).Header("Content-Security-Policy")!, "'nonce-([^']+)'").Groups[1].Value);
        (await app.With(null).Get("/docs/scalar.js")).Expect(HttpStatusCode.OK);
    }

    private Microsoft.AspNetCore.Mvc.Testing.WebApplicationFactory<Program> Failing(Exception failure)
    {
        var metrics = new Mock<IPipelineMetrics>();
        metrics.Setup(it => it.ReadActivityAsync(It.IsAny<IReadOnlyCollection<Guid>>(), It.IsAny<CancellationToken>())).ThrowsAsync(failure);
        return app.Another([], services => services.AddSingleton(metrics.Object));
    }
}
