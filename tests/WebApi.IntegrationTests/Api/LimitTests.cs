using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using DataPipeline.WebApi.IntegrationTests.Persistence;
using DataPipeline.WebApi.IntegrationTests.Redis;
using Microsoft.AspNetCore.Mvc.Testing;

namespace DataPipeline.WebApi.IntegrationTests.Api;

public sealed class LimitsOnSqlite(SqliteApi app) : LimitTests(app), IClassFixture<SqliteApi>;

public sealed class LimitsOnPostgres(PostgresApi app) : LimitTests(app), IClassFixture<PostgresApi>;

public sealed class LimitsOnRedis(PostgresApi app) : LimitTests(app), IClassFixture<PostgresApi>
{
    protected override async Task<WebApplicationFactory<Program>> Start(Dictionary<string, string> settings)
    {
        settings["ConnectionStrings:Redis"] = await TestRedis.GetAsync();
        var process = await base.Start(settings);
        var caller = new ApiClient(process.CreateClient(), null);
        await Eventually.TrueAsync(async () => (await caller.Get("/health/ready")).Expect(HttpStatusCode.OK)["checks"].GetProperty("redis").GetString() == "ok", "Redis is found");
        return process;
    }
}

/// <summary>How much a key and an address may do, in a process alone and with Redis.</summary>
public abstract class LimitTests(ApiFixture app)
{
    /// <summary>Tests have no addresses of their own: so that in Redis, which may outlive this run, no other run's requests are counted with them.</summary>
    private static readonly string WindowOfThisRun = (1_000 + (Environment.ProcessId % 50_000)).ToString(CultureInfo.InvariantCulture);

    protected virtual Task<WebApplicationFactory<Program>> Start(Dictionary<string, string> settings) => Task.FromResult(app.Another(settings));

    [Fact]
    public async Task WrongKeys_AreLimitedPerAddress_RightOnesAreNot()
    {
        await using var process = await Start(new() { ["RateLimiting:FailedAuthenticationLimit"] = "3", ["RateLimiting:WindowSeconds"] = WindowOfThisRun });
        var intruder = new ApiClient(process.CreateClient(), "wrong");
        for (var i = 0; i < 3; i++) (await intruder.Get("/api/v1/pipelines")).Refused(HttpStatusCode.Unauthorized, "API_KEY_INVALID");

        var limited = (await intruder.Get("/api/v1/pipelines")).Refused(HttpStatusCode.TooManyRequests, "RATE_LIMITED");

        Assert.InRange(limited.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 1.1 * double.Parse(WindowOfThisRun, CultureInfo.InvariantCulture));
        (await new ApiClient(process.CreateClient(), null).Get("/api/v1/pipelines")).Refused(HttpStatusCode.Unauthorized, "API_KEY_MISSING");
        (await (await ApiFixture.NewOwner(process)).Get("/api/v1/pipelines")).Expect(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Limit_IsPerKey_AndEveryAnswerSaysWhatIsLeft()
    {
        await using var process = await Start(new() { ["RateLimiting:PermitLimit"] = "3" });
        var caller = await ApiFixture.NewOwner(process);
        var favoured = await ApiFixture.NewOwner(process, rateLimit: 7);

        var ok = (await caller.Get("/api/v1/pipelines")).Expect(HttpStatusCode.OK);
        var missing = (await caller.Get("/api/v1/nothing")).Refused(HttpStatusCode.NotFound, "ROUTE_NOT_FOUND");
        var bad = (await caller.PostText("/api/v1/pipelines", "{")).Refused(HttpStatusCode.BadRequest, "MALFORMED_JSON");
        var limited = (await caller.Get("/api/v1/pipelines")).Refused(HttpStatusCode.TooManyRequests, "RATE_LIMITED");

        Assert.All([ok, missing, bad, limited], answer => Assert.Equal("\"default\";q=3;w=60", answer.Header("RateLimit-Policy")));
        Assert.Equal("\"default\";r=2;t=60", ok.Header("RateLimit"));
        Assert.Matches("^\"default\";r=1;t=(60|59)$", missing.Header("RateLimit"));
        Assert.Matches("^\"default\";r=0;t=[0-9]+$", limited.Header("RateLimit"));
        Assert.InRange(limited.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 61);
        Assert.Equal("\"default\";q=7;w=60", (await favoured.Get("/api/v1/pipelines")).Expect(HttpStatusCode.OK).Header("RateLimit-Policy"));
    }

    [Fact]
    public async Task Limit_LetsGo_WhenTheWindowHasPassed()
    {
        await using var process = await Start(new() { ["RateLimiting:PermitLimit"] = "2", ["RateLimiting:WindowSeconds"] = "1" });
        var caller = await ApiFixture.NewOwner(process);
        var start = TimeProvider.System.GetTimestamp();
        var passed = 0;
        while (TimeProvider.System.GetElapsedTime(start) < TimeSpan.FromSeconds(3.5))
        {
            if ((await caller.Get("/api/v1/pipelines")).Status == HttpStatusCode.OK) passed++;
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }

        Assert.InRange(passed, 4, 8);
    }

    [Fact]
    public async Task RecordsOfAKey_AreLimitedApart_AndSubmissionsSayWhatIsLeft()
    {
        await using var process = await Start([]);
        var caller = await ApiFixture.NewOwner(process, recordsLimit: 10);
        var pipeline = (await caller.CreateActivePipeline()).Id;

        var accepted = await caller.Submit(pipeline, Records(6));
        var read = await caller.Get(ApiClient.Batch(accepted));
        var limited = (await caller.TrySubmit(pipeline, Records(5), ("Idempotency-Key", "again"))).Refused(HttpStatusCode.TooManyRequests, "RATE_LIMITED");
        var tooMany = (await caller.TrySubmit(pipeline, Records(11))).Refused(HttpStatusCode.RequestEntityTooLarge, "TOO_MANY_RECORDS");

        Assert.All([accepted, read, limited, tooMany], answer => Assert.Equal("\"default\";q=100000;w=60, \"records\";q=10;w=60", answer.Header("RateLimit-Policy")));
        Assert.Matches("^\"default\";r=[0-9]+;t=(60|59), \"records\";r=4;t=60$", accepted.Header("RateLimit"));
        Assert.Matches("^\"default\";r=[0-9]+;t=(60|59), \"records\";r=4;t=[0-9]+$", limited.Header("RateLimit"));
        Assert.InRange(limited.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 61);
        Assert.All([read, tooMany], answer => Assert.Matches("^\"default\";r=[0-9]+;t=(60|59)$", answer.Header("RateLimit")));
        Assert.Null(tooMany.Headers.RetryAfter);
        Assert.Single((await caller.Get($"{ApiClient.Pipeline(pipeline)}/batches")).Expect(HttpStatusCode.OK).Items);
    }

    [Fact]
    public async Task ASubmissionThatWasLimited_MayUseItsIdempotencyKeyAgain_AndARepeatCostsNothing()
    {
        await using var process = await Start([]);
        var caller = await ApiFixture.NewOwner(process, recordsLimit: 10);
        var pipeline = (await caller.CreateActivePipeline()).Id;
        await caller.Submit(pipeline, Records(6));
        (await caller.TrySubmit(pipeline, Records(5), ("Idempotency-Key", "again"))).Refused(HttpStatusCode.TooManyRequests, "RATE_LIMITED");

        var accepted = (await caller.TrySubmit(pipeline, Records(3), ("Idempotency-Key", "again"))).Expect(HttpStatusCode.Accepted);
        var repeated = (await caller.TrySubmit(pipeline, Records(3), ("Idempotency-Key", "again"))).Expect(HttpStatusCode.Accepted);

        Assert.Equal((accepted.Id, "true"), (repeated.Id, repeated.Header("Idempotent-Replayed")));
        Assert.DoesNotContain("records", repeated.Header("RateLimit"), StringComparison.Ordinal);
        Assert.Contains("\"records\";r=0;", (await caller.Submit(pipeline, Records(1))).Header("RateLimit"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ARetry_IsCountedAsItsRecords()
    {
        await using var process = await Start([]);
        var caller = await ApiFixture.NewOwner(process, recordsLimit: 7);
        var failing = new JsonObject { ["type"] = "fail", ["options"] = new JsonObject { ["message"] = "no" } };
        var pipeline = (await caller.CreateActivePipeline(ApiClient.Definition(null, failing))).Id;
        var failed = await caller.Finished(await caller.Submit(pipeline, Records(3)));

        var retried = (await caller.Post($"{ApiClient.Batch(failed)}/retry")).Expect(HttpStatusCode.Accepted);
        (await caller.Post($"{ApiClient.Batch(failed)}/retry")).Refused(HttpStatusCode.TooManyRequests, "RATE_LIMITED");

        Assert.Contains("\"records\";r=1;", retried.Header("RateLimit"), StringComparison.Ordinal);
    }

    private static string Records(int count) => $"[{string.Join(',', Enumerable.Repeat("{}", count))}]";
}
