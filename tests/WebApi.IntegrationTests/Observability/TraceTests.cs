using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Text.Json.Nodes;
using DataPipeline.Application.Observability;
using DataPipeline.WebApi.IntegrationTests.Api;
using DataPipeline.WebApi.IntegrationTests.Persistence;

namespace DataPipeline.WebApi.IntegrationTests.Observability;

public sealed class TracesOnSqlite(SqliteApi app) : TraceTests(app), IClassFixture<SqliteApi>;

public sealed class TracesOnPostgres(PostgresApi app) : TraceTests(app), IClassFixture<PostgresApi>;

/// <summary>Each test sends a trace of its own, by which its spans are told from those of the tests beside it.</summary>
public abstract class TraceTests(ApiFixture app) : IDisposable
{
    private const string RequestSource = "Microsoft.AspNetCore";
    private const string DatabaseSource = "Npgsql";
    private readonly Spans _spans = new(ServiceTraces.SourceName, RequestSource, DatabaseSource);
    private readonly ActivityContext _caller = new(ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom(), ActivityTraceFlags.Recorded);

    private (string, string) TraceParent => ("traceparent", $"00-{_caller.TraceId}-{_caller.SpanId}-01");

    [Fact]
    public async Task ASubmission_AndAllThatIsDoneForIt_AreOneTrace_LinkedToTheSubmission()
    {
        var owner = await app.NewOwner();
        var pipeline = await owner.CreateActivePipeline();

        var batch = (await owner.TrySubmit(pipeline.Id, """[{"n":1},{"n":2}]""", TraceParent)).Expect(HttpStatusCode.Accepted);
        await owner.Finished(batch);

        var work = await _spans.WaitForAsync(_caller.TraceId, "chunk.process");
        var request = _spans.Single(_caller.TraceId, span => span.Source.Name == RequestSource);
        var accept = _spans.Single(_caller.TraceId, span => span.OperationName == "batch.accept");
        Assert.Equal(_caller.SpanId, request.ParentSpanId);
        Assert.Equal(request.SpanId, accept.ParentSpanId);
        Assert.Equal((ActivityKind.Consumer, accept.SpanId), (work.Kind, work.ParentSpanId));
        Assert.Equal(accept.SpanId, Assert.Single(work.Links).Context.SpanId);
        Assert.Equal(batch.Id, Tag(work, "data_pipeline.batch.id"));
        Assert.Equal(("1", "2"), (Tag(work, "data_pipeline.chunk.attempt"), Tag(work, "data_pipeline.chunk.record_count")));
        var parts = _spans.Of(_caller.TraceId).Where(span => span.ParentSpanId == work.SpanId).OrderBy(span => span.StartTimeUtc).ToList();
        Assert.Equal(["chunk.claim", "chunk.run", "chunk.commit"], parts.Where(span => span.Source.Name == ServiceTraces.SourceName).Select(span => span.OperationName));
        Assert.True(parts[0].StartTimeUtc == work.StartTimeUtc && parts[0].Duration > TimeSpan.Zero);
        if (app.Kind != DatabaseKind.Postgres) return;
        Assert.Contains(_spans.Of(_caller.TraceId), span => span.Source.Name == DatabaseSource && span.ParentSpanId == accept.SpanId);
        Assert.Contains(_spans.Of(_caller.TraceId), span => span.Source.Name == DatabaseSource && span.ParentSpanId == parts[^1].SpanId);
    }

    [Fact]
    public async Task ARetry_BelongsToTheRequestThatAskedForIt()
    {
        var owner = await app.NewOwner();
        var pipeline = await owner.CreateActivePipeline();
        var batch = await owner.Finished(await owner.Submit(pipeline.Id, """[{"n":1},2]"""));

        await owner.Finished((await owner.Post($"{ApiClient.Batch(batch)}/retry", null, TraceParent)).Expect(HttpStatusCode.Accepted));

        Assert.NotEqual(batch.Id, Tag(await _spans.WaitForAsync(_caller.TraceId, "chunk.process"), "data_pipeline.batch.id"));
    }

    [Fact]
    public async Task Spans_HoldNoPayload_NoKey_AndNoSecret()
    {
        var owner = await app.NewOwner();
        var definition = ApiClient.Definition();
        definition["config"]!["destination"] = JsonNode.Parse("""{ "type": "webhook", "options": { "url": "http://127.0.0.1:1/token-in-path?token-in-query", "secret": "whsec_c2VjcmV0", "headers": { "X-Secret": "token-in-header" }, "maxAttempts": 1 } }""");
        var pipeline = await owner.CreateActivePipeline(definition);

        await owner.Finished((await owner.TrySubmit(pipeline.Id, """[{"name":"payload-of-ada"}]""", TraceParent)).Expect(HttpStatusCode.Accepted));

        await _spans.WaitForAsync(_caller.TraceId, "chunk.process");
        var told = string.Join('\n', _spans.Of(_caller.TraceId).SelectMany(span => span.TagObjects.Select(tag => $"{tag.Value}").Append(span.DisplayName).Append(span.StatusDescription)
            .Concat(span.Events.SelectMany(logged => logged.Tags.Select(tag => $"{tag.Value}")))));
        Assert.All(["token-in", "payload-of-ada", "c2VjcmV0", owner.Key!], secret => Assert.DoesNotContain(secret, told, StringComparison.Ordinal));
        var call = _spans.Single(_caller.TraceId, span => span.OperationName == "POST" && span.Kind == ActivityKind.Client);
        Assert.Equal(("127.0.0.1", "1", ActivityStatusCode.Error), (Tag(call, "server.address"), Tag(call, "server.port"), call.Status));
        Assert.Equal(_spans.Single(_caller.TraceId, span => span.OperationName == "chunk.deliver").SpanId, call.ParentSpanId);
    }

    [Theory]
    [InlineData("traceparent", "nonsense")]
    [InlineData("traceparent", "00-00000000000000000000000000000000-0000000000000000-01")]
    [InlineData("traceparent", "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")]
    [InlineData("Request-Id", "|nonsense.that.is.longer.than.a.traceparent.could.ever.be.and.goes.on.and.on.")]
    public async Task ATraceThatIsNone_IsNoFaultOfTheSubmission(string header, string value)
    {
        var owner = await app.NewOwner();
        var pipeline = await owner.CreateActivePipeline();

        var batch = (await owner.TrySubmit(pipeline.Id, """[{"n":1}]""", (header, value))).Expect(HttpStatusCode.Accepted);

        Assert.Equal("completed", (await owner.Finished(batch))["status"].GetString());
    }

    public void Dispose()
    {
        _spans.Dispose();
        GC.SuppressFinalize(this);
    }

    private static string? Tag(Activity span, string name) => span.GetTagItem(name)?.ToString();

    /// <summary>Everything that ends while this listens.</summary>
    private sealed class Spans : IDisposable
    {
        private readonly ConcurrentQueue<Activity> _ended = new();
        private readonly ActivityListener _listener;

        internal Spans(params string[] sources)
        {
            _listener = new ActivityListener { ShouldListenTo = source => sources.Contains(source.Name), Sample = (ref _) => ActivitySamplingResult.AllDataAndRecorded, ActivityStopped = _ended.Enqueue };
            ActivitySource.AddActivityListener(_listener);
        }

        internal IEnumerable<Activity> Of(ActivityTraceId trace) => _ended.Where(span => span.TraceId == trace);

        internal Activity Single(ActivityTraceId trace, Predicate<Activity> wanted) => Assert.Single(Of(trace), wanted);

        internal Task<Activity> WaitForAsync(ActivityTraceId trace, string name) => Eventually.NotNullAsync(() => Task.FromResult(Of(trace).FirstOrDefault(span => span.OperationName == name)));

        public void Dispose() => _listener.Dispose();
    }
}
