using System.Net;
using DataPipeline.Application.ApiKeys;
using DataPipeline.Domain.ApiKeys;
using DataPipeline.Infrastructure.Security;
using MediatR;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace DataPipeline.WebApi.IntegrationTests.Api;

public sealed class AuthenticationOnSqlite(SqliteApi app) : AuthenticationTests(app), IClassFixture<SqliteApi>;

public sealed class AuthenticationOnPostgres(PostgresApi app) : AuthenticationTests(app), IClassFixture<PostgresApi>;

public abstract class AuthenticationTests(ApiFixture app)
{
    [Theory]
    [InlineData("GET", "/api/v1/pipelines")]
    [InlineData("POST", "/api/v1/pipelines")]
    [InlineData("GET", "/API/V1/pipelines")]
    [InlineData("GET", "/api/v1/nothing")]
    [InlineData("PATCH", "/api/v1/pipelines")]
    [InlineData("GET", "/api/v1/pipelines/xyz")]
    public async Task WithoutAKey_EverythingUnderTheApisPath_IsRefused(string method, string path)
    {
        var refused = (await app.With(null).Send(new HttpMethod(method), path)).Refused(HttpStatusCode.Unauthorized, "API_KEY_MISSING");

        Assert.Null(refused.Header("RateLimit"));
    }

    [Theory]
    [InlineData("x")]
    [InlineData("dpk_")]
    [InlineData("dpk_0000000000000000000000000000000000000000000000000")]
    public async Task WithWhatIsNoKey_IsRefused(string key) => (await app.With(key).Get("/api/v1/pipelines")).Refused(HttpStatusCode.Unauthorized, "API_KEY_INVALID");

    [Fact]
    public async Task UnknownRevokedAndExpiredKeys_AreAnsweredAlike()
    {
        var unknown = app.Services.GetRequiredService<IApiKeySecrets>().Generate().Key;
        var revoked = await ApiFixture.NewKey(app.Services, "someone");
        await Send(new RevokeApiKey(revoked.Details.Prefix));
        var expired = await ApiFixture.NewKey(app.Services, "someone", lifetime: TimeSpan.FromTicks(1));

        var answers = new List<string>();
        foreach (var key in (string[])[unknown, revoked.Key, expired.Key])
        {
            var refused = (await app.With(key).Get("/api/v1/pipelines")).Refused(HttpStatusCode.Unauthorized, "API_KEY_INVALID");
            answers.Add(refused.Text.Replace(refused["error"].GetProperty("traceId").GetString()!, "", StringComparison.Ordinal));
        }

        Assert.Single(answers.Distinct());
    }

    [Fact]
    public async Task RevokedKey_StopsWorking_WithinFiveSeconds()
    {
        var key = await ApiFixture.NewKey(app.Services, "someone");
        var caller = app.With(key.Key);
        (await caller.Get("/api/v1/pipelines")).Expect(HttpStatusCode.OK);

        await Send(new RevokeApiKey(key.Details.Prefix));
        var revoked = TimeProvider.System.GetTimestamp();
        while ((await caller.Get("/api/v1/pipelines")).Status == HttpStatusCode.OK)
        {
            Assert.True(TimeProvider.System.GetElapsedTime(revoked) < TimeSpan.FromSeconds(5), "The key still works.");
            await Task.Delay(100, TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public async Task UseOfAKey_IsNoted()
    {
        var key = await ApiFixture.NewKey(app.Services, $"user-{app.Kind}");
        (await app.With(key.Key).Get("/api/v1/pipelines")).Expect(HttpStatusCode.OK);

        await app.Services.GetRequiredService<ApiKeyDirectory>().WriteUsesAsync(TestContext.Current.CancellationToken);

        var stored = Assert.Single((await Send(new ListApiKeys($"user-{app.Kind}"))).Value);
        Assert.InRange(stored.LastUsedAt!.Value, stored.CreatedAt, stored.CreatedAt.AddMinutes(1));
    }

    [Fact]
    public async Task KeysInTheConfiguration_WorkForAsLongAsTheyStandThere()
    {
        var secret = app.Services.GetRequiredService<IApiKeySecrets>().Generate();
        var settings = new Dictionary<string, string> { ["ApiKeys:Bootstrap:0:Owner"] = "boot", ["ApiKeys:Bootstrap:0:Name"] = "first", ["ApiKeys:Bootstrap:0:Key"] = secret.Key };

        await Restarted(settings, HttpStatusCode.OK);
        await Restarted(settings, HttpStatusCode.OK);
        Assert.Single(await BootstrapKeys());
        settings["ApiKeys:Bootstrap:0:Name"] = "renamed";
        await Restarted(settings, HttpStatusCode.OK);
        Assert.Equal("renamed", Assert.Single(await BootstrapKeys()).Name);

        await Send(new RevokeApiKey(secret.Prefix));
        settings["ApiKeys:Bootstrap:0:Name"] = "first";
        await Restarted(settings, HttpStatusCode.Unauthorized);

        await Restarted([], HttpStatusCode.Unauthorized);
        Assert.Empty(await BootstrapKeys());

        async Task Restarted(Dictionary<string, string> with, HttpStatusCode expected)
        {
            await using var process = app.Another(with);
            (await new ApiClient(process.CreateClient(), secret.Key).Get("/api/v1/pipelines")).Expect(expected);
        }

        async Task<IReadOnlyList<ApiKey>> BootstrapKeys() => [.. (await Send(new ListApiKeys("boot"))).Value];
    }

    [Fact]
    public async Task ProcessWithoutTheApi_AnswersForItsHealthAlone()
    {
        await using var process = app.Another(new() { ["Api:Enabled"] = "false" });
        var caller = new ApiClient(process.CreateClient(), null);

        (await caller.Get("/health/ready")).Expect(HttpStatusCode.OK);
        (await caller.Get("/api/v1/pipelines")).Refused(HttpStatusCode.NotFound, "ROUTE_NOT_FOUND");
        (await caller.Get("/openapi/v1.json")).Refused(HttpStatusCode.NotFound, "ROUTE_NOT_FOUND");
        Assert.DoesNotContain(process.Services.GetServices<IHostedService>(), service => service is ApiKeyUseWriter);
    }

    private async Task<T> Send<T>(IRequest<T> request)
    {
        await using var scope = app.Services.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<IMediator>().Send(request);
    }
}
