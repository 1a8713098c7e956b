using DataPipeline.WebApi.IntegrationTests.Faults;
using DataPipeline.WebApi.IntegrationTests.Persistence;

namespace DataPipeline.WebApi.IntegrationTests.Operations;

/// <summary>Whose word is taken for who a client is, seen by the limit of wrong keys, which is one for each address.</summary>
public sealed class ProxyTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task WithoutKnownProxies_NobodyIsBelieved()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseKind.Sqlite);
        await using var service = await ServiceProcess.StartAsync(database, ("RateLimiting:FailedAuthenticationLimit", "2"));

        Assert.Equal([401, 401, 429], await StatusesAsync(service, "198.51.100.1", "198.51.100.2", "198.51.100.3"));
    }

    [Fact]
    public async Task AProxyThatIsKnown_IsBelieved_ForTheLastAddressAlone()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseKind.Sqlite);
        await using var service = await ServiceProcess.StartAsync(database, ("RateLimiting:FailedAuthenticationLimit", "2"), ("ForwardedHeaders:KnownProxies:0", "127.0.0.0/8"));

        Assert.Equal([401, 401, 429, 401], await StatusesAsync(service, "198.51.100.1", "203.0.113.9, 198.51.100.1", "203.0.113.10, 198.51.100.1", "198.51.100.2"));
    }

    [Fact]
    public async Task AProxyThatIsNot_IsNotBelieved()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseKind.Sqlite);
        await using var service = await ServiceProcess.StartAsync(database, ("RateLimiting:FailedAuthenticationLimit", "2"), ("ForwardedHeaders:KnownProxies:0", "10.0.0.7"));

        Assert.Equal([401, 401, 429], await StatusesAsync(service, "198.51.100.1", "198.51.100.2", "198.51.100.3"));
    }

    private static async Task<List<int>> StatusesAsync(ServiceProcess service, params string[] forwardedFor)
    {
        var statuses = new List<int>();
        foreach (var addresses in forwardedFor)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/pipelines");
            request.Headers.Add("X-API-Key", "wrong");
            request.Headers.Add("X-Forwarded-For", addresses);
            using var answer = await service.Http.SendAsync(request, Stop);
            statuses.Add((int)answer.StatusCode);
        }

        return statuses;
    }
}
