using System.Net;
using System.Text.Json.Nodes;
using DataPipeline.Domain.Common;
using DataPipeline.Infrastructure.Persistence;
using DataPipeline.Infrastructure.Retention;
using DataPipeline.WebApi.IntegrationTests.Api;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace DataPipeline.WebApi.IntegrationTests.Retention;

public sealed class RetentionOnSqlite(SqliteApi app) : RetentionOverTheApiTests(app), IClassFixture<SqliteApi>;

public sealed class RetentionOnPostgres(PostgresApi app) : RetentionOverTheApiTests(app), IClassFixture<PostgresApi>;

/// <summary>What callers see of what was removed.</summary>
public abstract class RetentionOverTheApiTests(ApiFixture app)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task ABatchWhoseRecordsAreGone_IsStillShown_AndSaysThatItCannotBeRetried()
    {
        var owner = await app.NewOwner();
        var pipeline = await owner.CreateActivePipeline();
        var batch = await owner.Finished(await owner.Submit(pipeline.Id, """[{"a":1},2,{"a":3}]"""));
        (await owner.Get($"{ApiClient.Batch(batch)}/records")).Expect(HttpStatusCode.OK);

        await SweepAsync(31);

        Assert.Equal(batch.Text, (await owner.Get(ApiClient.Batch(batch))).Expect(HttpStatusCode.OK).Text);
        Assert.Empty((await owner.Get($"{ApiClient.Batch(batch)}/records")).Expect(HttpStatusCode.OK).Items);
        Assert.Empty((await owner.Get($"{ApiClient.Batch(batch)}/errors")).Expect(HttpStatusCode.OK).Items);
        Assert.Equal("", (await owner.Get($"{ApiClient.Batch(batch)}/records", ("Accept", "application/x-ndjson"))).Expect(HttpStatusCode.OK).Text);
        (await owner.Post($"{ApiClient.Batch(batch)}/retry")).Refused(HttpStatusCode.Conflict, "FAILURES_REMOVED");
        var draft = new JsonObject { ["config"] = ApiClient.Definition()["config"]!.DeepClone(), ["failuresOf"] = batch.Id };
        (await owner.Post("/api/v1/pipelines/simulate", draft)).Refused(HttpStatusCode.Conflict, "FAILURES_REMOVED");
    }

    [Fact]
    public async Task ARetry_WhileFailuresAreBeingRemoved_IsNotHalfARetry()
    {
        var owner = await app.NewOwner();
        var pipeline = await owner.CreateActivePipeline();
        var batch = await owner.Finished(await owner.Submit(pipeline.Id, "[1,2,{}]"));
        await app.Services.GetRequiredService<Database>().WriteAsync("DELETE FROM batch_errors WHERE batch_id = {0} AND record_index = 0", [Guid.Parse(batch.Id)], Stop);

        (await owner.Post($"{ApiClient.Batch(batch)}/retry")).Refused(HttpStatusCode.Conflict, "FAILURES_REMOVED");
    }

    [Fact]
    public async Task ABatchThatIsGone_IsNotFound_AlsoByItsIdempotencyKey_AndTotalsStay()
    {
        var owner = await app.NewOwner();
        var pipeline = await owner.CreateActivePipeline();
        var accepted = (await owner.TrySubmit(pipeline.Id, "[{},{}]", ("Idempotency-Key", "k"))).Expect(HttpStatusCode.Accepted);
        var batch = await owner.Finished(accepted);

        await SweepAsync(91);

        (await owner.Get(ApiClient.Batch(batch))).Refused(HttpStatusCode.NotFound, "BATCH_NOT_FOUND");
        (await owner.TrySubmit(pipeline.Id, "[{},{}]", ("Idempotency-Key", "k"))).Refused(HttpStatusCode.NotFound, "BATCH_NOT_FOUND");
        Assert.Empty((await owner.Get($"{ApiClient.Pipeline(pipeline.Id)}/batches")).Items);
        Assert.Equal(2, (await owner.Get(ApiClient.Pipeline(pipeline.Id)))["metrics"].GetProperty("recordsDelivered").GetInt32());
    }

    [Fact]
    public async Task ACursor_SurvivesTheRemovalOfWhatItNames()
    {
        var owner = await app.NewOwner();
        var pipeline = await owner.CreateActivePipeline();
        var batches = new List<string>();
        for (var i = 0; i < 6; i++) batches.Add((await owner.Finished(await owner.Submit(pipeline.Id, "[{}]"))).Id);
        var list = $"{ApiClient.Pipeline(pipeline.Id)}/batches?limit=2";
        var first = (await owner.Get(list)).Expect(HttpStatusCode.OK);
        var path = $"{ApiClient.Pipeline(pipeline.Id)}/batches/{batches[5]}";

        // The last of the page and the one after it are old, the rest is not.
        var database = app.Services.GetRequiredService<Database>();
        foreach (var old in batches[3..5]) await database.WriteAsync("UPDATE batches SET completed_at = completed_at - {0} WHERE id = {1}", [database.Duration(TimeSpan.FromDays(60)), Guid.Parse(old)], Stop);
        await SweepAsync(31);

        Assert.Equal([batches[5], batches[4]], first.Items.Select(item => item.GetProperty("id").GetString()));
        Assert.Equal([batches[2], batches[1]], (await owner.Get($"{list}&cursor={first.NextCursor}")).Expect(HttpStatusCode.OK).Items.Select(item => item.GetProperty("id").GetString()));
        (await owner.Get(path)).Expect(HttpStatusCode.OK);
    }

    [Fact]
    public async Task ADeletedPipeline_IsGoneAtOnce_WithAllThatBelongsToIt_AndItsNameIsFree()
    {
        var owner = await app.NewOwner();
        var definition = ApiClient.Definition();
        var pipeline = await owner.CreateActivePipeline(definition);
        var batch = await owner.Finished(await owner.Submit(pipeline.Id, """[{"a":1},2]"""));

        (await owner.Delete(ApiClient.Pipeline(pipeline.Id))).Expect(HttpStatusCode.NoContent);

        foreach (var path in (string[])["", "/batches", "/metrics"]) (await owner.Get(ApiClient.Pipeline(pipeline.Id) + path)).Refused(HttpStatusCode.NotFound, "PIPELINE_NOT_FOUND");
        foreach (var path in (string[])["", "/errors", "/records"]) (await owner.Get(ApiClient.Batch(batch) + path)).Refused(HttpStatusCode.NotFound, "PIPELINE_NOT_FOUND");
        foreach (var path in (string[])["/retry", "/cancel"]) (await owner.Post(ApiClient.Batch(batch) + path)).Refused(HttpStatusCode.NotFound, "PIPELINE_NOT_FOUND");
        (await owner.TrySubmit(pipeline.Id, "[{}]")).Refused(HttpStatusCode.NotFound, "PIPELINE_NOT_FOUND");
        (await owner.Post($"{ApiClient.Pipeline(pipeline.Id)}/start")).Refused(HttpStatusCode.NotFound, "PIPELINE_NOT_FOUND");
        (await owner.Put(ApiClient.Pipeline(pipeline.Id), ApiClient.Definition())).Refused(HttpStatusCode.NotFound, "PIPELINE_NOT_FOUND");
        (await owner.Delete(ApiClient.Pipeline(pipeline.Id))).Refused(HttpStatusCode.NotFound, "PIPELINE_NOT_FOUND");
        (await owner.Post("/api/v1/pipelines/simulate", new JsonObject { ["config"] = ApiClient.Definition()["config"]!.DeepClone(), ["failuresOf"] = batch.Id })).Refused(HttpStatusCode.NotFound, "BATCH_NOT_FOUND");
        Assert.Empty((await owner.Get("/api/v1/pipelines")).Items);
        await owner.CreatePipeline(definition);

        await SweepAsync(0);
        await using var db = app.Services.GetRequiredService<Database>().Open();
        Assert.Equal(0, await db.Batches.CountAsync(row => row.Id == Guid.Parse(batch.Id), Stop));
        Assert.Equal(0, await db.DeliveredRecords.CountAsync(row => row.BatchId == Guid.Parse(batch.Id), Stop));
    }

    /// <summary>A turn with the ages of the settings, some days later.</summary>
    private async Task SweepAsync(int daysLater)
    {
        var database = app.Services.GetRequiredService<Database>();
        var sweep = new RetentionSweep(database, app.Services.GetRequiredService<IIdGenerator>(), app.Services.GetRequiredService<IOptions<RetentionOptions>>(), new Later(TimeSpan.FromDays(daysLater)));
        await Persistence.Eventually.TrueAsync(
            async () =>
            {
                await database.WriteAsync("UPDATE retention SET due_at = due_at - {0}", [database.Duration(TimeSpan.FromDays(1))], Stop);
                return await sweep.RunAsync(Stop) is not null;
            },
            "it is this process' turn");
    }
}
