using System.Net;
using System.Net.Sockets;
using DataPipeline.WebApi.IntegrationTests.Faults;
using DataPipeline.WebApi.IntegrationTests.Persistence;
using DataPipeline.WebApi.Observability;

namespace DataPipeline.WebApi.IntegrationTests.Observability;

public sealed class MonitoringAddressTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task WithAnAddressOfItsOwn_Monitoring_IsAnsweredThereAndNowhereElse()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseKind.Sqlite);
        var port = FreePort();
        await using var service = await ServiceProcess.StartAsync(database, ("Monitoring:Url", $"http://127.0.0.1:{port}"));
        var api = service.Http.BaseAddress!.Port;

        Assert.Equal(HttpStatusCode.OK, await GetAsync(port, "/metrics"));
        Assert.Equal(HttpStatusCode.OK, await GetAsync(port, "/health/ready"));
        Assert.Equal(HttpStatusCode.OK, await GetAsync(port, "/health/live"));
        Assert.Equal(HttpStatusCode.OK, await GetAsync(api, "/health/live"));
        Assert.Equal(HttpStatusCode.Unauthorized, await GetAsync(api, "/api/v1/pipelines"));
        foreach (var path in (string[])["/api/v1/pipelines", "/docs/", "/openapi/v1.json", "/"]) Assert.Equal(HttpStatusCode.NotFound, await GetAsync(port, path));
        foreach (var path in (string[])["/metrics", "/health/ready", "/METRICS", "/metrics/", "//metrics"]) Assert.Equal(HttpStatusCode.NotFound, await GetAsync(api, path, host: $"127.0.0.1:{port}"));

        async Task<HttpStatusCode> GetAsync(int at, string path, string? host = null)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, $"http://127.0.0.1:{at}{path}");
            if (host is not null) request.Headers.Host = host;
            using var answer = await service.Http.SendAsync(request, Stop);
            return answer.StatusCode;
        }
    }

    [Fact]
    public async Task AProcessThatOnlyWorks_IsMonitoredToo()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseKind.Sqlite);
        await using var service = await ServiceProcess.StartAsync(database, ("Api:Enabled", "false"));

        using var metrics = await service.Http.GetAsync(new Uri("/metrics", UriKind.Relative), Stop);
        using var posted = await service.Http.PostAsync(new Uri("/metrics", UriKind.Relative), null, Stop);

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.MethodNotAllowed), (metrics.StatusCode, posted.StatusCode));
        Assert.StartsWith("text/plain", metrics.Content.Headers.ContentType!.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task TurnedOff_NothingIsMeasured_AndTheServiceServes()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseKind.Sqlite);
        await using var service = await ServiceProcess.StartAsync(database, ("OTEL_SDK_DISABLED", "true"));

        using var metrics = await service.Http.GetAsync(new Uri("/metrics", UriKind.Relative), Stop);
        using var ready = await service.Http.GetAsync(new Uri("/health/ready", UriKind.Relative), Stop);

        Assert.Equal((HttpStatusCode.NotFound, HttpStatusCode.OK), (metrics.StatusCode, ready.StatusCode));
    }

    [Theory]
    [InlineData(null, null, true)]
    [InlineData("", null, true)]
    [InlineData("http://127.0.0.1:9090", 9090, true)]
    [InlineData("http://*:9090", 9090, true)]
    [InlineData("http://[::1]:9090/", 9090, true)]
    [InlineData("http://*:80", 80, true)]
    [InlineData("http://127.0.0.1", null, false)]
    [InlineData("http://*:0", null, false)]
    [InlineData("http://*:65536", null, false)]
    [InlineData("https://*:9090", null, false)]
    [InlineData("http://*:9090/metrics", null, false)]
    [InlineData("9090", null, false)]
    [InlineData("nonsense", null, false)]
    public void Url_IsAnAddressWithAPort_AndNothingElse(string? url, int? port, bool isValid)
    {
        var options = new MonitoringOptions { Url = url };

        Assert.Equal((port, isValid), (options.Port, options.IsValid));
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
