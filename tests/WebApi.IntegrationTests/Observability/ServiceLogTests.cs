using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using DataPipeline.WebApi.IntegrationTests.Faults;
using DataPipeline.WebApi.IntegrationTests.Persistence;

namespace DataPipeline.WebApi.IntegrationTests.Observability;

/// <summary>What a process logs about what callers do to it.</summary>
public sealed class ServiceLogTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(DatabaseKind.Sqlite)]
    [InlineData(DatabaseKind.Postgres)]
    public async Task LinesAboutABatch_BearItsTrace_InTheRequestAndInTheWorker(DatabaseKind kind)
    {
        await using var database = await TestDatabase.CreateAsync(kind);
        await using var service = await ServiceProcess.StartAsync(database);
        var pipeline = await service.CreatePipelineAsync("acme");

        var batch = (await service.SendAsync("acme", HttpMethod.Post, $"pipelines/{pipeline}/batches", "[{}]", prefer: "wait=30")).GetProperty("id").GetString();

        var request = await LineAsync(line => Text(line, "event") == "1000" && Text(line, "path")!.EndsWith("/batches", StringComparison.Ordinal));
        var work = await LineAsync(line => Text(line, "event") == "3003");
        Assert.Matches("^[0-9a-f]{32}$", Text(request, "traceId"));
        Assert.Equal(("acme", "/api/v1/pipelines/{pipelineId}/batches", "200"), (Text(request, "owner"), Text(request, "route"), Text(request, "status")));
        Assert.NotNull(Text(request, "requestId"));
        Assert.Equal((Text(request, "traceId"), batch, pipeline, "1"), (Text(work, "traceId"), Text(work, "batchId"), Text(work, "pipelineId"), Text(work, "attempt")));
        Assert.Equal(JsonValueKind.Number, work.GetProperty("chunkId").ValueKind);

        async Task<JsonElement> LineAsync(Func<JsonElement, bool> wanted)
        {
            await Eventually.TrueAsync(() => Task.FromResult(LinesOf(service).Any(wanted)), "the line is logged");
            return LinesOf(service).Single(wanted);
        }
    }

    [Fact]
    public async Task WhateverACallerSends_IsNoErrorOfOurs_NoLineOfItsOwn_AndNoSecretInTheLog()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseKind.Sqlite);
        await using var service = await ServiceProcess.StartAsync(database);
        var key = ServiceProcess.Keys["acme"];
        var before = LinesOf(service).Count;

        string[] paths =
        [
            "/api/v1/a%0a%7b%22level%22:%22fatal%22%7d", "/api/v1/pipelines/%1b[31mred", "/api/v1/%c2%9b2J", "/api/v1/%e2%80%ae", "/%ff%fe", $"/api/v1/pipelines/{key}", $"/api/v1/pipelines?cursor={key}",
            "/api/v1/pipelines?limit=x", "/api/v1/pipelines?cursor=%0d%0a", "/api/v1/pipelines/%2e%2e/%2e%2e", $"/{new string('x', 7_000)}",
        ];
        foreach (var path in paths) await SendRawAsync(service, $"GET {path} HTTP/1.1\r\nHost: x\r\nX-API-Key: {key}\r\nX-Request-Id: a\tb\u001b\r\nUser-Agent: \u001b[2J\r\nConnection: close\r\n\r\n");
        string[] bodies = ["{", "[1,2", "\"\\ud800\"", """{"name":"a\nb\u001b[31m","config":{}}""", """{"name":"x","config":{"source":{"type":"api"},"processors":[{"type":"line\nbreak"}],"destination":{"type":"store"}}}"""];
        foreach (var body in bodies) await SendRawAsync(service, $"POST /api/v1/pipelines HTTP/1.1\r\nHost: x\r\nX-API-Key: {key}\r\nContent-Type: application/json\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\nConnection: close\r\n\r\n{body}");
        string[] others = ["NONSENSE\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", "GET /api/v1/pipelines HTTP/1.1\r\nHost: x\r\nX-API-Key: dpk_nonsense\u0001\r\n\r\n", "POST /api/v1/pipelines HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "POST /api/v1/pipelines HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{"];
        foreach (var other in others) await SendRawAsync(service, other);

        await Eventually.TrueAsync(() => Task.FromResult(LinesOf(service).Count(line => Text(line, "event") == "1000") >= paths.Length - 1 + bodies.Length), "the requests are logged");
        Assert.All(service.Log, line => Assert.All(line, c => Assert.InRange(c, ' ', '~')));
        Assert.All(LinesOf(service).Skip(before), line => Assert.Equal("info", Text(line, "level")));
        Assert.DoesNotContain(service.Log, line => line.Contains(key, StringComparison.Ordinal));
        Assert.Contains(service.Log, line => line.Contains("/api/v1/pipelines/dpk_***", StringComparison.Ordinal));
    }

    private static List<JsonElement> LinesOf(ServiceProcess service) => [.. service.Log.Select(line => JsonElement.Parse(line))];

    private static string? Text(JsonElement line, string field) => line.TryGetProperty(field, out var value) ? value.ToString() : null;

    /// <summary>As no client that is well-behaved would; whatever comes back.</summary>
    private static async Task SendRawAsync(ServiceProcess service, string request)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, service.Http.BaseAddress!.Port, Stop);
        await socket.SendAsync(Encoding.UTF8.GetBytes(request), Stop);
        socket.Shutdown(SocketShutdown.Send);
        var answer = new byte[1_024];
        try
        {
            while (await socket.ReceiveAsync(answer, Stop) > 0)
            {
                // To its end.
            }
        }
        catch (SocketException)
        {
            return; // The server has had enough.
        }
    }
}
