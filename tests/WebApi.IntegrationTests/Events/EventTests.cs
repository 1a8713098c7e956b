using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using DataPipeline.Application.ApiKeys;
using DataPipeline.WebApi.IntegrationTests.Api;
using DataPipeline.WebApi.IntegrationTests.Persistence;
using MediatR;
using Microsoft.Extensions.DependencyInjection;

namespace DataPipeline.WebApi.IntegrationTests.Events;

public sealed class EventsOnSqlite(SqliteApi app) : EventTests(app), IClassFixture<SqliteApi>;

public sealed class EventsOnPostgres(PostgresApi app) : EventTests(app), IClassFixture<PostgresApi>;

public abstract class EventTests(ApiFixture app)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task ABatch_IsToldFromItsPresentState_OverItsProgress_ToItsEnd()
    {
        await using var service = new EventService(app);
        var (owner, _) = await service.NewOwner();
        var pipeline = await owner.CreateActivePipeline();
        var batch = await owner.Submit(pipeline.Id, EventService.Records);
        await using var events = await service.Open(owner, ApiClient.Batch(batch));

        var first = await events.Next();
        var chunks = (await service.Claim()).Where(chunk => chunk.BatchId.ToString() == batch.Id).ToList();
        var begun = await events.Next();
        await service.Commit(chunks[0]);
        var further = await events.Next();
        foreach (var chunk in chunks.Skip(1)) await service.Commit(chunk);
        var rest = await events.Rest();

        Assert.Equal(("progress", batch.Text), (first.Type, first.Data.GetRawText()));
        Assert.Equal(("progress", "processing", 0), (begun.Type, StatusOf(begun.Data), ProcessedOf(begun.Data)));
        Assert.Equal(("progress", "processing", chunks[0].RecordCount), (further.Type, StatusOf(further.Data), ProcessedOf(further.Data)));
        Assert.All(rest[..^1], told => Assert.Equal("progress", told.Type));
        Assert.Equal(("finished", (await owner.Get(ApiClient.Batch(batch))).Text), (rest[^1].Type, rest[^1].Data.GetRawText()));
        var ids = new[] { first.Id, begun.Id, further.Id }.Concat(rest.Select(told => told.Id)).Select(id => long.Parse(id, CultureInfo.InvariantCulture)).ToList();
        Assert.Equal(ids.Distinct().Order(), ids);
    }

    [Fact]
    public async Task ABatchStream_GoesOnAfterTheLastEvent_AndIsOverAfterTheEnd()
    {
        await using var service = new EventService(app);
        var (owner, _) = await service.NewOwner();
        var batch = await owner.Submit((await owner.CreateActivePipeline()).Id, EventService.Records);
        string seen;
        await using (var events = await service.Open(owner, ApiClient.Batch(batch))) seen = (await events.Next()).Id;

        await using var resumed = await service.Open(owner, ApiClient.Batch(batch), seen);
        await service.RunAll();
        var end = (await resumed.Rest())[^1];
        await using var again = await service.Open(owner, ApiClient.Batch(batch), seen);
        var missed = Assert.Single(await again.Rest());
        using var over = await EventReader.GetAsync(service.Http, owner.Key!, $"{ApiClient.Batch(batch)}/events", end.Id);

        Assert.Equal(("finished", end.Data.GetRawText()), (missed.Type, missed.Data.GetRawText()));
        Assert.Equal(HttpStatusCode.NoContent, over.StatusCode);
    }

    [Fact]
    public async Task AStreamThatResumes_DoesNotTellAgainWhatTheCallerHas()
    {
        await using var service = new EventService(app);
        var (owner, _) = await service.NewOwner();
        var batch = await owner.Submit((await owner.CreateActivePipeline()).Id, EventService.Records);
        string seen;
        await using (var events = await service.Open(owner, ApiClient.Batch(batch))) seen = (await events.Next()).Id;
        await using var resumed = await service.Open(owner, ApiClient.Batch(batch), seen);

        await service.Claim();

        Assert.Equal("processing", StatusOf((await resumed.Next()).Data));
    }

    [Fact]
    public async Task APipeline_IsToldWithItsBatches_UntilItIsDeleted()
    {
        await using var service = new EventService(app);
        var (owner, _) = await service.NewOwner();
        var pipeline = await owner.CreateActivePipeline();
        var ended = await owner.Submit(pipeline.Id, EventService.Records);
        await service.RunAll();
        var waiting = await owner.Submit(pipeline.Id, EventService.Records);
        await using var events = await service.Open(owner, ApiClient.Pipeline(pipeline.Id));

        var state = await events.Next();
        var unfinished = await events.Next();
        var later = await owner.Submit(pipeline.Id, EventService.Records);
        var accepted = await events.Next();
        await service.RunAll();
        var ends = new HashSet<string?>();
        while (ends.Count < 2) ends.Add((await events.Next((type, _) => type == "finished")).Data.GetProperty("id").GetString());
        await owner.StopPipeline(pipeline.Id);
        var stopped = await events.Next();
        (await owner.Delete(ApiClient.Pipeline(pipeline.Id))).Expect(HttpStatusCode.NoContent);

        Assert.Equal("pipeline", state.Type);
        Assert.Equal(["id", "name", "status", "version", "updatedAt"], state.Data.EnumerateObject().Select(member => member.Name));
        Assert.Equal((pipeline.Id, "active"), (state.Data.GetProperty("id").GetString(), StatusOf(state.Data)));
        Assert.Equal(("progress", waiting.Text), (unfinished.Type, unfinished.Data.GetRawText()));
        Assert.Equal(("progress", later.Text), (accepted.Type, accepted.Data.GetRawText()));
        Assert.Equal([waiting.Id, later.Id], ends.Order(StringComparer.Ordinal));
        Assert.DoesNotContain(ended.Id, ends);
        Assert.Equal(("pipeline", "paused"), (stopped.Type, StatusOf(stopped.Data)));
        Assert.Empty(await events.Rest());
        (await owner.Get($"{ApiClient.Pipeline(pipeline.Id)}/events", ("Accept", "text/event-stream"))).Refused(HttpStatusCode.NotFound, "PIPELINE_NOT_FOUND");
    }

    [Fact]
    public async Task WhenAProcessStops_ItsStreamsEnd_AndGoOnAtAnother_WithoutMissingAnEnd()
    {
        var first = new EventService(app);
        await using var second = new EventService(app);
        var (owner, _) = await second.NewOwner();
        var pipeline = await owner.CreateActivePipeline();
        var before = await owner.Submit(pipeline.Id, EventService.Records);
        await using var events = await first.Open(owner, ApiClient.Pipeline(pipeline.Id));
        await using var ofBatch = await first.Open(owner, ApiClient.Batch(before));
        var seen = (await events.Next((type, _) => type == "progress")).Id;
        var position = (await ofBatch.Next()).Id;

        await first.DisposeAsync();
        Assert.Empty(await events.Rest());
        Assert.Empty(await ofBatch.Rest());
        await second.RunAll();
        var missed = new List<string> { before.Id };
        for (var i = 0; i < 3; i++)
        {
            missed.Add((await owner.Submit(pipeline.Id, EventService.Records)).Id);
            await second.RunAll();
        }

        await using var resumed = await second.Open(owner, ApiClient.Pipeline(pipeline.Id), seen);
        var told = new List<string>();
        while (told.Count < missed.Count) told.Add((await resumed.Next((type, _) => type == "finished")).Data.GetProperty("id").GetString()!);
        await using var batchResumed = await second.Open(owner, ApiClient.Batch(before), position);

        Assert.Equal(missed, told);
        Assert.True(string.CompareOrdinal(resumed.LastEventId, seen) >= 0, $"{resumed.LastEventId} is before {seen}");
        Assert.Equal("finished", Assert.Single(await batchResumed.Rest()).Type);
    }

    [Fact]
    public async Task WhatHappensInAnotherProcess_IsTold()
    {
        await using var watching = new EventService(app);
        await using var working = new EventService(app);
        var (owner, _) = await working.NewOwner();
        var pipeline = await owner.CreateActivePipeline();
        await using var events = await watching.Open(owner, ApiClient.Pipeline(pipeline.Id));

        var batch = await owner.Submit(pipeline.Id, """[{"a":1}]""");
        (await owner.Post($"{ApiClient.Batch(batch)}/cancel")).Expect(HttpStatusCode.Accepted);

        var end = await events.Next((type, _) => type == "finished");
        Assert.Equal((batch.Id, "cancelled"), (end.Data.GetProperty("id").GetString(), StatusOf(end.Data)));
    }

    [Fact]
    public async Task AStream_IsAnEventStreamThatNothingKeepsBack_AndSaysThatItIsAlive()
    {
        await using var service = new EventService(app, ("Events:KeepAliveSeconds", "1"));
        var (owner, _) = await service.NewOwner();
        var pipeline = await owner.CreatePipeline();

        using var response = await EventReader.GetAsync(service.Http, owner.Key!, $"{ApiClient.Pipeline(pipeline.Id)}/events");
        using var lines = new StreamReader(await response.Content.ReadAsStreamAsync(Stop), Encoding.UTF8);
        var read = new List<string>();
        while (read.Count == 0 || read[^1] != ":") read.Add(await lines.ReadLineAsync(Stop).AsTask().WaitAsync(TimeSpan.FromSeconds(30), Stop) ?? throw new EndOfStreamException());

        Assert.Equal("text/event-stream", response.Content.Headers.ContentType!.ToString());
        Assert.Equal("no-store", response.Headers.CacheControl!.ToString());
        Assert.Equal("no", Assert.Single(response.Headers.GetValues("X-Accel-Buffering")));
        Assert.Matches("^retry: [12][0-9]{3}$", read[0]);
        Assert.Equal(["", "event: pipeline"], read.Where((_, i) => i is 1 or 3));
        Assert.StartsWith("id: ", read[2], StringComparison.Ordinal);
    }

    [Fact]
    public async Task WhatCannotBeWatched_IsRefusedBeforeTheStreamBegins()
    {
        await using var service = new EventService(app);
        var (owner, _) = await service.NewOwner();
        var (stranger, _) = await service.NewOwner();
        var pipeline = await owner.CreateActivePipeline();
        var batch = await owner.Submit(pipeline.Id, EventService.Records);
        var ofPipeline = $"{ApiClient.Pipeline(pipeline.Id)}/events";
        var ofBatch = $"{ApiClient.Batch(batch)}/events";

        foreach (var path in new[] { ofPipeline, ofBatch })
        {
            (await new ApiClient(service.Http, null).Get(path)).Refused(HttpStatusCode.Unauthorized, "API_KEY_MISSING");
            (await stranger.Get(path)).Refused(HttpStatusCode.NotFound, "PIPELINE_NOT_FOUND");
            (await owner.Get(path, ("Accept", "application/json"))).Refused(HttpStatusCode.NotAcceptable, "NOT_ACCEPTABLE");
            (await owner.Get(path, ("Last-Event-ID", "yesterday"))).Refused(HttpStatusCode.BadRequest, "VALIDATION_FAILED").Detail("Last-Event-ID");
            (await owner.Post(path)).Refused(HttpStatusCode.MethodNotAllowed, "METHOD_NOT_ALLOWED");
        }

        (await owner.Get($"{ApiClient.Pipeline(pipeline.Id)}/batches/{pipeline.Id}/events")).Refused(HttpStatusCode.NotFound, "BATCH_NOT_FOUND");
        (await owner.Get($"{ApiClient.Pipeline(pipeline.Id)}/batches/x/events")).Refused(HttpStatusCode.NotFound, "BATCH_NOT_FOUND");
        (await owner.Get("/api/v1/pipelines/x/events")).Refused(HttpStatusCode.NotFound, "PIPELINE_NOT_FOUND");
    }

    [Fact]
    public async Task MoreStreamsThanAreAllowed_AreRefused_UntilOneIsClosed()
    {
        await using var service = new EventService(app, ("Events:MaxStreams", "3"), ("Events:MaxStreamsPerOwner", "2"));
        var (owner, _) = await service.NewOwner();
        var (other, _) = await service.NewOwner();
        var path = ApiClient.Pipeline((await owner.CreatePipeline()).Id);
        var othersPath = ApiClient.Pipeline((await other.CreatePipeline()).Id);
        var one = await service.Open(owner, path);
        await using var two = await service.Open(owner, path);

        var tooMany = (await owner.Get($"{path}/events")).Refused(HttpStatusCode.TooManyRequests, "TOO_MANY_EVENT_STREAMS");
        await using var three = await service.Open(other, othersPath);
        var noRoom = (await other.Get($"{othersPath}/events")).Refused(HttpStatusCode.ServiceUnavailable, "SERVICE_UNAVAILABLE");
        await one.DisposeAsync();

        Assert.All([tooMany, noRoom], refusal => Assert.NotNull(refusal.Headers.RetryAfter));
        await Eventually.TrueAsync(
            async () =>
            {
                using var again = await EventReader.GetAsync(service.Http, owner.Key!, $"{path}/events");
                return again.StatusCode == HttpStatusCode.OK;
            },
            "the place of the closed stream is free");
    }

    [Fact]
    public async Task AStream_EndsSoonAfterItsKeyIsRevoked_AndNoOther()
    {
        await using var service = new EventService(app);
        var (revoked, key) = await service.NewOwner("one");
        var (valid, _) = await service.NewOwner("one");
        var pipeline = await valid.CreatePipeline();
        await using var events = await service.Open(revoked, ApiClient.Pipeline(pipeline.Id));
        await using var others = await service.Open(valid, ApiClient.Pipeline(pipeline.Id));
        await events.Next();
        await others.Next();

        await using (var scope = service.Services.CreateAsyncScope()) Assert.True((await scope.ServiceProvider.GetRequiredService<IMediator>().Send(new RevokeApiKey(key.Details.Prefix), Stop)).IsSuccess);
        Assert.Empty(await events.Rest());

        await valid.StartPipeline(pipeline.Id);
        Assert.Equal("active", StatusOf((await others.Next()).Data));
    }

    [Fact]
    public async Task WhileTheDatabaseIsAway_StreamsStayOpen_AndAfterwardsTellWhatHappened()
    {
        await using var service = new EventService(app);
        await using var another = new EventService(app);
        var (owner, _) = await another.NewOwner();
        var pipeline = await owner.CreateActivePipeline();
        await using var events = await service.Open(owner, ApiClient.Pipeline(pipeline.Id));
        await events.Next();

        service.Queries.Fails = true;
        var failed = service.Queries.Count;
        var batch = await owner.Submit(pipeline.Id, EventService.Records);
        await another.RunAll();
        await Eventually.TrueAsync(() => Task.FromResult(service.Queries.Count >= failed + 2), "it has been looked for changes in vain");
        service.Queries.Fails = false;

        var told = await events.Next((type, _) => type == "finished");
        Assert.Equal(batch.Id, told.Data.GetProperty("id").GetString());
    }

    [Fact]
    public async Task AThousandStreams_CostOneQueryASecond_AndAreAllTold()
    {
        await using var service = new EventService(app);
        var (owner, _) = await service.NewOwner();
        var (pipeline, another) = (await owner.CreateActivePipeline(), await owner.CreateActivePipeline());
        var batches = new List<Answer>();
        for (var i = 0; i < 20; i++) batches.Add(await owner.Submit(pipeline.Id, EventService.Records));
        var paths = Enumerable.Range(0, 1_000).Select(i => (i % 10) switch { 0 => ApiClient.Pipeline(another.Id), 1 => ApiClient.Pipeline(pipeline.Id), _ => ApiClient.Batch(batches[i % batches.Count]) });
        var streams = new List<EventReader>();
        foreach (var some in paths.Chunk(50)) streams.AddRange(await Task.WhenAll(some.Select(path => service.Open(owner, path))));
        await Task.WhenAll(streams.Select(stream => stream.Next()));

        var (start, before) = (TimeProvider.System.GetTimestamp(), service.Queries.Count);
        await Eventually.TrueAsync(() => Task.FromResult(TimeProvider.System.GetElapsedTime(start).TotalSeconds >= 5), "five seconds pass");
        var (seconds, queries) = (TimeProvider.System.GetElapsedTime(start).TotalSeconds, service.Queries.Count - before);
        foreach (var batch in batches) (await owner.Post($"{ApiClient.Batch(batch)}/cancel")).Expect(HttpStatusCode.Accepted);
        await owner.StopPipeline(another.Id);

        await Task.WhenAll(streams.Select((stream, i) => stream.Next((type, data) => i % 10 == 0 ? StatusOf(data) == "paused" : type == "finished")));
        Assert.InRange(queries, 1, seconds + 1);
        foreach (var stream in streams) await stream.DisposeAsync();
    }

    private static string? StatusOf(JsonElement data) => data.GetProperty("status").GetString();

    private static int ProcessedOf(JsonElement batch) => batch.GetProperty("processedCount").GetInt32();
}
