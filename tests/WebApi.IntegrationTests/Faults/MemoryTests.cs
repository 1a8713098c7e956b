using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using DataPipeline.WebApi.IntegrationTests.Persistence;

namespace DataPipeline.WebApi.IntegrationTests.Faults;

/// <summary>What a body costs a process that takes it and runs it.</summary>
[Collection(nameof(Alone))]
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
        await using var service = await ServiceProcess.StartAsync(database);
        var pipeline = await service.CreatePipelineAsync("acme");
        for (var i = 0; i < 10; i++) await FinishedAsync(service, pipeline, await service.SubmitAsync("acme", pipeline, 5_000));
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
        var batch = JsonElement.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).GetProperty("id").GetGuid();
        await FinishedAsync(service, pipeline, batch);
        var raised = service.WorkingSet("VmHWM") - idle;
        TestContext.Current.SendDiagnosticMessage("{0}: {1} MiB over {2} MiB", kind, raised >> 20, idle >> 20);
        Assert.True(raised <= BodyBytes, $"The peak is {raised >> 20} MiB over {idle >> 20} MiB.");
    }

    private static async Task FinishedAsync(ServiceProcess service, string pipeline, Guid batch)
    {
        var shown = await service.SendAsync("acme", HttpMethod.Get, $"pipelines/{pipeline}/batches/{batch}", prefer: "wait=60");
        Assert.Equal("completed", shown.GetProperty("status").GetString());
    }
}
