using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using DataPipeline.WebApi.IntegrationTests.Persistence;

namespace DataPipeline.WebApi.IntegrationTests.Faults;

/// <summary>What taking a body costs a process that serves the API alone; what a worker needs for its chunks depends on its concurrency, not on the body.</summary>
public sealed class MemoryTests
{
    private const int BodyBytes = 64 << 20;

    [Theory]
    [InlineData(DatabaseKind.Sqlite)]
    [InlineData(DatabaseKind.Postgres)]
    public async Task ASubmissionOf64MiB_RaisesTheWorkingSetByAtMostItsSize(DatabaseKind kind)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The peak is read from /proc.");
        await using var database = await TestDatabase.CreateAsync(kind);
        await using var service = await ServiceProcess.StartAsync(database, ("Worker:Enabled", "false"));
        var pipeline = await service.CreatePipelineAsync("acme");
        for (var i = 0; i < 10; i++) await service.SubmitAsync("acme", pipeline, 5_000);
        var idle = service.WorkingSet("VmRSS");

        var body = new byte[BodyBytes];
        var record = Encoding.UTF8.GetBytes($"{{\"text\":\"{string.Concat(Enumerable.Range(0, 400).Select(i => (i * 7919 % 9973).ToString(CultureInfo.InvariantCulture)))}\"}}\n");
        for (var i = 0; i + record.Length <= body.Length; i += record.Length) record.CopyTo(body, i);
        body.AsSpan(body.Length / record.Length * record.Length).Fill((byte)'\n');
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/api/v1/pipelines/{pipeline}/batches") { Content = new ByteArrayContent(body) };
        request.Headers.Add("X-API-Key", ServiceProcess.Keys["acme"]);
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/x-ndjson");
        using var answer = await service.Http.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        var raised = service.WorkingSet("VmHWM") - idle;
        TestContext.Current.SendDiagnosticMessage("{0}: {1} MiB over {2} MiB", kind, raised >> 20, idle >> 20);
        Assert.True(raised <= BodyBytes, $"The peak is {raised >> 20} MiB over {idle >> 20} MiB.");
    }
}
