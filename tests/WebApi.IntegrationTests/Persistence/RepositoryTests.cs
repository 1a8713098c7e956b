using DataPipeline.Application.Common;
using DataPipeline.Application.Pipelines;
using DataPipeline.Domain.ApiKeys;
using DataPipeline.Domain.Batches;
using DataPipeline.Domain.Common;
using DataPipeline.Domain.Pipelines;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace DataPipeline.WebApi.IntegrationTests.Persistence;

public sealed class SqliteRepositoryTests(PersistenceFixture fixture) : RepositoryTests(DatabaseKind.Sqlite, fixture);

public sealed class PostgresRepositoryTests(PersistenceFixture fixture) : RepositoryTests(DatabaseKind.Postgres, fixture);

public abstract class RepositoryTests(DatabaseKind kind, PersistenceFixture fixture) : PersistenceTests(kind, fixture)
{
    private static readonly OwnerId Other = new("other");

    [Fact]
    public async Task Find_LooksWithinTheOwner()
    {
        var pipeline = await Host.CreatePipelineAsync(name: "Größe");

        await using var scope = Host.Scope();
        var pipelines = scope.ServiceProvider.GetRequiredService<IPipelineRepository>();
        var found = await pipelines.FindAsync(PersistenceHost.Acme, pipeline.Id, Stop);
        Assert.Equal(("Größe", PipelineStatus.Active, 1, "{}"), (found!.Name, found.Status, found.Version, found.Config.Json));
        Assert.Equal(pipeline.CreatedAt.UtcDateTime, found.CreatedAt.UtcDateTime, TimeSpan.FromMicroseconds(1));
        Assert.Null(await pipelines.FindAsync(Other, pipeline.Id, Stop));
    }

    [Fact]
    public async Task NameIsTaken_IgnoresCase_WithinTheOwner()
    {
        var pipeline = await Host.CreatePipelineAsync(name: "Orders");

        await using var scope = Host.Scope();
        var pipelines = scope.ServiceProvider.GetRequiredService<IPipelineRepository>();
        Assert.True(await pipelines.NameIsTakenAsync(PersistenceHost.Acme, "oRDERS", Host.Ids.NewId(), Stop));
        Assert.False(await pipelines.NameIsTakenAsync(PersistenceHost.Acme, "orders", pipeline.Id, Stop));
        Assert.False(await pipelines.NameIsTakenAsync(Other, "orders", Host.Ids.NewId(), Stop));
        Assert.False(await pipelines.NameIsTakenAsync(PersistenceHost.Acme, "\0", Host.Ids.NewId(), Stop));
    }

    [Fact]
    public async Task Save_WhenTheNameWasTakenMeanwhile_SaysSo()
    {
        await Host.CreatePipelineAsync(name: "orders");

        var refused = await Assert.ThrowsAsync<ConcurrentChangeException>(() => Host.CreatePipelineAsync(name: "ORDERS"));

        Assert.True(refused.NameTaken);
        await Host.CreatePipelineAsync(Other, "orders");
    }

    [Fact]
    public async Task Redefine_ByManyAtOnce_HasOneWinner_AndKeepsEveryVersion()
    {
        var pipeline = await Host.CreatePipelineAsync();

        var wins = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => Task.Run(async () =>
        {
            await using var scope = Host.Scope();
            var found = await scope.ServiceProvider.GetRequiredService<IPipelineRepository>().FindAsync(PersistenceHost.Acme, pipeline.Id, Stop);
            if (found!.Version != 1) return false;
            found.Redefine("orders", null, PersistenceHost.Config($$"""{"n":{{i}}}"""), PersistenceHost.Now);
            try
            {
                await scope.ServiceProvider.GetRequiredService<IUnitOfWork>().SaveChangesAsync(Stop);
                return true;
            }
            catch (ConcurrentChangeException lost)
            {
                Assert.False(lost.NameTaken);
                return false;
            }
        })));

        Assert.Single(wins, won => won);
        var versions = Host.Get<IPipelineVersions>();
        Assert.Equal("{}", (await versions.FindAsync(pipeline.Id, 1, Stop))!.Json);
        Assert.StartsWith("""{"n":""", (await versions.FindAsync(pipeline.Id, 2, Stop))!.Json, StringComparison.Ordinal);
        Assert.Null(await versions.FindAsync(pipeline.Id, 3, Stop));
    }

    [Fact]
    public async Task Delete_TakesEverythingOfThePipelineAlong_ForEveryoneAtOnce()
    {
        var pipeline = await Host.CreatePipelineAsync();
        var kept = await Host.SubmitAsync(await Host.CreatePipelineAsync(name: "kept"), 1);
        var batch = await Host.SubmitAsync(pipeline, 2);
        foreach (var chunk in await Host.Queue.ClaimAsync("w", 2, PersistenceHost.Lease, Stop)) await Host.Queue.CommitAsync(chunk, PersistenceHost.ResultOf(chunk, failed: chunk.RecordCount - 1), Stop);
        await Host.Intake.ReserveAsync(pipeline.Id, "k", TimeSpan.FromMinutes(1), Stop);

        Assert.Equal(0, await DeleteAsync(pipeline));

        await using var scope = Host.Scope();
        var (read, pipelines) = (scope.ServiceProvider.GetRequiredService<IReadDb>(), scope.ServiceProvider.GetRequiredService<IPipelineRepository>());
        Assert.Equal([kept.Id], await read.ListAsync(read.Batches.Select(b => b.Id), Stop));
        Assert.Equal([kept.PipelineId], await read.ListAsync(read.Pipelines.Where(p => p.OwnerId == PersistenceHost.Acme).Select(p => p.Id), Stop));
        Assert.Null(await scope.ServiceProvider.GetRequiredService<IBatchRepository>().FindAsync(PersistenceHost.Acme, pipeline.Id, batch.Id, Stop));
        Assert.Null(await pipelines.FindAsync(PersistenceHost.Acme, pipeline.Id, Stop));
        Assert.False(await pipelines.NameIsTakenAsync(PersistenceHost.Acme, pipeline.Name, Guid.Empty, Stop));
        Assert.Equal("PIPELINE_NOT_FOUND", (await Host.Intake.AcceptAsync(PersistenceHost.Acme, pipeline.Id, new PersistenceHost.Chunks(1), null, (locked, _) => Host.Submit(locked, 1), Stop)).Error!.Code);
    }

    [Fact]
    public async Task Delete_OfPipelinesOfOneName_OneAfterTheOther_Succeeds()
    {
        for (var i = 0; i < 3; i++) Assert.Equal(0, await DeleteAsync(await Host.CreatePipelineAsync(name: "again")));
    }

    [Fact]
    public async Task Change_OfAPipelineThatWasDeletedMeanwhile_IsRefused()
    {
        var pipeline = await Host.CreatePipelineAsync();
        await using var scope = Host.Scope();
        var found = await scope.ServiceProvider.GetRequiredService<IPipelineRepository>().FindAsync(PersistenceHost.Acme, pipeline.Id, Stop);
        await DeleteAsync(pipeline);

        found!.Redefine("again", null, PersistenceHost.Config("{}"), PersistenceHost.Now);

        await Assert.ThrowsAsync<ConcurrentChangeException>(() => scope.ServiceProvider.GetRequiredService<IUnitOfWork>().SaveChangesAsync(Stop));
    }

    [Fact]
    public async Task Delete_WhileABatchIsActive_DeletesNothing()
    {
        var pipeline = await Host.CreatePipelineAsync();
        var batch = await Host.SubmitAsync(pipeline, 1, 1);
        await Host.SubmitAsync(pipeline, 1);
        await Host.ClaimOneAsync();

        Assert.Equal(2, await DeleteAsync(pipeline));

        Assert.Equal(2, await Host.CountChunksAsync(batch));
    }

    [Fact]
    public async Task Delete_AndSubmissionsAtOnce_LeaveNoBatchWithoutAPipeline()
    {
        var pipeline = await Host.CreatePipelineAsync();
        var submitting = Enumerable.Range(0, 10).Select(_ => Task.Run(
            async () => (await Host.Intake.AcceptAsync(PersistenceHost.Acme, pipeline.Id, new PersistenceHost.Chunks(1), null, (locked, _) => Host.Submit(locked, 1), Stop)).IsSuccess)).ToList();
        var deleted = await DeleteAsync(pipeline);

        var accepted = (await Task.WhenAll(submitting)).Count(a => a);

        await using var db = Host.Database.Open();
        Assert.Equal(accepted, await db.Batches.CountAsync(Stop));
        Assert.Equal(deleted == 0 ? 0 : 1, await db.Pipelines.CountAsync(p => p.OwnerId == PersistenceHost.Acme, Stop));
        if (deleted == 0) Assert.Equal(0, accepted);
    }

    [Fact]
    public async Task Reading_PagesByDescendingId()
    {
        var ids = new List<Guid>();
        for (var i = 0; i < 5; i++) ids.Add((await Host.CreatePipelineAsync(name: $"p{i}")).Id);

        await using var scope = Host.Scope();
        var db = scope.ServiceProvider.GetRequiredService<IReadDb>();
        var cursor = ids[3];
        var page = await db.ListAsync(db.Pipelines.Where(p => p.OwnerId == PersistenceHost.Acme && p.Id < cursor && p.Status == PipelineStatus.Active).OrderByDescending(p => p.Id).Take(2).Select(p => p.Id), Stop);

        Assert.Equal([ids[2], ids[1]], page);
        Assert.Equal("p4", await db.FirstOrDefaultAsync(db.Pipelines.OrderByDescending(p => p.Id).Select(p => p.Name), Stop));
        Assert.Null(await db.FirstOrDefaultAsync(db.Batches, Stop));
    }

    [Fact]
    public async Task Batches_AreFoundWithinOwnerAndPipeline()
    {
        var pipeline = await Host.CreatePipelineAsync();
        var batch = await Host.SubmitAsync(pipeline, 1);

        await using var scope = Host.Scope();
        var batches = scope.ServiceProvider.GetRequiredService<IBatchRepository>();
        Assert.NotNull(await batches.FindAsync(PersistenceHost.Acme, pipeline.Id, batch.Id, Stop));
        Assert.Null(await batches.FindAsync(Other, pipeline.Id, batch.Id, Stop));
        Assert.Null(await batches.FindAsync(PersistenceHost.Acme, batch.Id, batch.Id, Stop));
    }

    [Fact]
    public async Task ApiKeys_AreFoundByHashAndPrefix_TouchedAndRemoved()
    {
        var key = ApiKey.Issue(Host.Ids.NewId(), PersistenceHost.Acme, "ci", "abcdefgh", [1, 2], PersistenceHost.Now, rateLimit: 5);
        var bootstrap = ApiKey.Issue(Host.Ids.NewId(), Other, "dev", "ijklmnop", [3, 4], PersistenceHost.Now, isBootstrap: true);
        await WithKeysAsync(keys =>
        {
            keys.Add(key);
            keys.Add(bootstrap);
            return Task.CompletedTask;
        });

        await WithKeysAsync(async keys =>
        {
            Assert.Equal(5, (await keys.FindByHashAsync([1, 2], Stop))!.RateLimit);
            Assert.Null(await keys.FindByHashAsync([1, 3], Stop));
            Assert.Equal(key.Id, Assert.Single(await keys.ListAsync(PersistenceHost.Acme, Stop)).Id);
            Assert.Equal(2, (await keys.ListAsync(null, Stop)).Count);
            await keys.TouchAsync([key.Id], PersistenceHost.Now, Stop);
            Assert.Single(await keys.FindByPrefixAsync("abcdefgh", Stop)).Revoke(PersistenceHost.Now);
            keys.Remove(Assert.Single(await keys.ListBootstrapAsync(Stop)));
        });

        await WithKeysAsync(async keys =>
        {
            var left = Assert.Single(await keys.ListAsync(null, Stop));
            Assert.NotNull(left.RevokedAt);
            Assert.NotNull(left.LastUsedAt);
        });
    }

    [Fact]
    public async Task ApiKey_ThatTwoReplaceAtOnce_IsReplacedByOne()
    {
        ApiKey[] issued = [.. "abc".Select(letter => ApiKey.Issue(Host.Ids.NewId(), PersistenceHost.Acme, "ci", new string(letter, ApiKey.PrefixLength), [(byte)letter], PersistenceHost.Now))];
        await WithKeysAsync(keys =>
        {
            foreach (var key in issued) keys.Add(key);
            return Task.CompletedTask;
        });

        await Assert.ThrowsAsync<ConcurrentChangeException>(() => WithKeysAsync(async late =>
        {
            var asTheLateOneSeesIt = Assert.Single(await late.FindByPrefixAsync(issued[0].Prefix, Stop));
            await WithKeysAsync(async early => Assert.Single(await early.FindByPrefixAsync(issued[0].Prefix, Stop)).ReplaceBy(issued[1], PersistenceHost.Now));
            asTheLateOneSeesIt.ReplaceBy(issued[2], PersistenceHost.Now);
        }));

        await WithKeysAsync(async keys => Assert.Equal(issued[1].Prefix, Assert.Single(await keys.FindByPrefixAsync(issued[0].Prefix, Stop)).ReplacedBy));
    }

    private async Task<int?> DeleteAsync(Pipeline pipeline)
    {
        await using var scope = Host.Scope();
        var pipelines = scope.ServiceProvider.GetRequiredService<IPipelineRepository>();
        return await pipelines.DeleteAsync(pipeline.OwnerId, pipeline.Id, Stop);
    }

    private async Task WithKeysAsync(Func<IApiKeyRepository, Task> use)
    {
        await using var scope = Host.Scope();
        await use(scope.ServiceProvider.GetRequiredService<IApiKeyRepository>());
        await scope.ServiceProvider.GetRequiredService<IUnitOfWork>().SaveChangesAsync(Stop);
    }
}
