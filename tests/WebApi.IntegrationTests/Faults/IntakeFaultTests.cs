using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using DataPipeline.WebApi.IntegrationTests.Persistence;

namespace DataPipeline.WebApi.IntegrationTests.Faults;

/// <summary>What the service does when more comes in than it has room for.</summary>
[Collection(nameof(Alone))]
public sealed class IntakeFaultTests
{
    private const int Mebibyte = 1 << 20;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(DatabaseKind.Sqlite)]
    [InlineData(DatabaseKind.Postgres)]
    public async Task AFullTemporaryDisk_RefusesWhatNeedsIt_UntilThereIsRoomAgain(DatabaseKind kind)
    {
        await using var disk = await SmallDisk.MountAsync(4 * Mebibyte);
        await using var database = await TestDatabase.CreateAsync(kind);
        await using var service = await ServiceProcess.StartAsync(database, ("TMPDIR", disk.Path));
        var pipeline = await service.CreatePipelineAsync("acme");

        await disk.BreakAsync(DiskFault.Full);
        var (refused, retryAfter, text) = await SubmitAsync(service, pipeline, 10 * Mebibyte);
        var (small, _, _) = await SubmitAsync(service, pipeline, 1_000);
        await disk.MendAsync(DiskFault.Full);
        var (accepted, _, _) = await SubmitAsync(service, pipeline, 4 * Mebibyte);

        Assert.True(refused == HttpStatusCode.ServiceUnavailable, text);
        Assert.Contains("SERVICE_UNAVAILABLE", text, StringComparison.Ordinal);
        Assert.NotNull(retryAfter);
        Assert.Equal((HttpStatusCode.Accepted, HttpStatusCode.Accepted), (small, accepted));
        Assert.Contains(service.Log, line => line.Contains("temporary folder has no room", StringComparison.Ordinal));
    }

    [Fact]
    public async Task ManySlowSubmissions_TakeTurns_InBoundedMemory_AndLeaveTheOtherOwnersTheirs()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The peak is read from /proc.");
        await using var database = await TestDatabase.CreateAsync(DatabaseKind.Sqlite);
        await using var service = await ServiceProcess.StartAsync(database, ("Batches:MaxConcurrentSubmissions", "4"));
        var (pipeline, others) = (await service.CreatePipelineAsync("acme"), await service.CreatePipelineAsync("other"));
        await SubmitAsync(service, pipeline, 3 * Mebibyte);
        var idle = service.WorkingSet("VmRSS");

        var slow = new List<SlowSubmission>();
        for (var i = 0; i < 100; i++) slow.Add(await SlowSubmission.StartAsync(service, pipeline, 3 * Mebibyte));
        var accepted = await SubmitAsync(service, others, 3 * Mebibyte, "other");
        var refused = await slow[^1].ReadAnswerAsync();
        var raised = service.WorkingSet("VmHWM") - idle;
        foreach (var one in slow) await one.DisposeAsync();
        var afterwards = await SubmitAsync(service, pipeline, 3 * Mebibyte);

        Assert.True(accepted.Status == HttpStatusCode.Accepted, accepted.Text);
        Assert.StartsWith("HTTP/1.1 503", refused, StringComparison.Ordinal);
        Assert.Contains("Retry-After: ", refused, StringComparison.Ordinal);
        Assert.True(afterwards.Status == HttpStatusCode.Accepted, afterwards.Text);
        TestContext.Current.SendDiagnosticMessage("{0} slow submissions: {1} MiB over {2} MiB", slow.Count, raised >> 20, idle >> 20);
        Assert.True(raised < 100L * Mebibyte, $"{slow.Count} slow submissions raised the peak by {raised >> 20} MiB over {idle >> 20} MiB.");
    }

    [Fact]
    public async Task ABodyThatIsTooLongOnItsWay_IsRefused_AndKeepsNobodyOut()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseKind.Sqlite);
        await using var service = await ServiceProcess.StartAsync(database, ("Batches:MaxUploadSeconds", "2"), ("Batches:MaxConcurrentSubmissions", "1"));
        var pipeline = await service.CreatePipelineAsync("acme");

        await using var slow = await SlowSubmission.StartAsync(service, pipeline, 1_000);
        var behind = SubmitAsync(service, pipeline, 1_000);
        var refused = await slow.ReadAnswerAsync();

        Assert.StartsWith("HTTP/1.1 408", refused, StringComparison.Ordinal);
        Assert.Contains("REQUEST_TIMEOUT", refused, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Accepted, (await behind).Status);
        Assert.Equal(1, (await service.SendAsync("acme", HttpMethod.Get, $"pipelines/{pipeline}/batches")).GetProperty("items").GetArrayLength());
    }

    private static async Task<(HttpStatusCode Status, string? RetryAfter, string Text)> SubmitAsync(ServiceProcess service, string pipeline, int length, string owner = "acme")
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/api/v1/pipelines/{pipeline}/batches") { Content = new ByteArrayContent(Noise(length)) };
        request.Headers.Add("X-API-Key", ServiceProcess.Keys[owner]);
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/x-ndjson");
        using var answer = await service.Http.SendAsync(request, Stop);
        return (answer.StatusCode, answer.Headers.RetryAfter?.ToString(), await answer.Content.ReadAsStringAsync(Stop));
    }

    /// <summary>Records that can hardly be compressed.</summary>
    private static byte[] Noise(int length)
    {
        const int recordLength = 1_000;
        var random = new Random(length);
        return Encoding.ASCII.GetBytes(string.Concat(Enumerable.Range(0, length / recordLength).Select(_ => $"{{\"noise\":\"{random.GetHexString(recordLength - 13)}\"}}\n")));
    }

    /// <summary>A client that sends a part of its body and then nothing more, and keeps the connection.</summary>
    private sealed class SlowSubmission : IAsyncDisposable
    {
        private readonly TcpClient _connection = new();
        private Task _sending = Task.CompletedTask;

        internal static async Task<SlowSubmission> StartAsync(ServiceProcess service, string pipeline, int length)
        {
            var submission = new SlowSubmission();
            var address = service.Http.BaseAddress!;
            await submission._connection.ConnectAsync(address.Host, address.Port, Stop);
            var head = $"POST /api/v1/pipelines/{pipeline}/batches HTTP/1.1\r\nHost: {address.Authority}\r\nX-API-Key: {ServiceProcess.Keys["acme"]}\r\nContent-Type: application/x-ndjson\r\nContent-Length: {length + 1}\r\n\r\n";
            submission._sending = submission._connection.GetStream().WriteAsync(Encoding.ASCII.GetBytes(head).Concat(Noise(length)).ToArray(), Stop).AsTask();
            return submission;
        }

        internal async Task<string> ReadAnswerAsync()
        {
            var answer = new byte[4_096];
            var read = await _connection.GetStream().ReadAsync(answer, Stop).AsTask().WaitAsync(TimeSpan.FromSeconds(60), Stop);
            return Encoding.ASCII.GetString(answer, 0, read);
        }

        public async ValueTask DisposeAsync()
        {
            _connection.Dispose();
            await _sending.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
