using DataPipeline.Application.Common;
using DataPipeline.Infrastructure.Persistence;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.EntityFrameworkCore.Migrations.Operations;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace DataPipeline.WebApi.IntegrationTests.Persistence;

public sealed class SqliteMigrationTests() : MigrationTests(DatabaseKind.Sqlite)
{
    [Fact]
    public async Task Migrate_AfterAProcessDiedAtIt_GoesOn()
    {
        await using var database = await TestDatabase.CreateEmptyAsync(DatabaseKind.Sqlite);
        await using var services = Services(database.Settings);
        await using (var db = services.GetRequiredService<Database>().Open())
        {
            await db.Database.ExecuteSqlAsync($"CREATE TABLE \"__EFMigrationsLock\" (\"Id\" INTEGER NOT NULL PRIMARY KEY, \"Timestamp\" TEXT NOT NULL)", Stop);
            await db.Database.ExecuteSqlAsync($"INSERT INTO \"__EFMigrationsLock\" VALUES (1, '2020-01-01')", Stop);
        }

        await services.GetRequiredService<IDatabase>().MigrateAsync(Stop).WaitAsync(TimeSpan.FromSeconds(20), Stop);

        Assert.Null(await services.GetRequiredService<IDatabase>().FindFaultAsync(Stop));
    }

    [Fact]
    public async Task Migrate_CreatesTheFolderOfTheFile()
    {
        var folder = Path.Combine(Path.GetTempPath(), "datapipeline-tests", Path.GetRandomFileName());
        await using (var services = Services(new Dictionary<string, string?> { ["ConnectionStrings:Sqlite"] = $"Data Source={folder}/deep/it.db;Pooling=False" }))
        {
            await services.GetRequiredService<IDatabase>().MigrateAsync(Stop);
            Assert.True(File.Exists(Path.Combine(folder, "deep", "it.db")));
        }

        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task Migrate_WhereTheFileIsNoDatabase_SaysSo()
    {
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, new string('x', 5_000), Stop);
        await using (var services = Services(new Dictionary<string, string?> { ["ConnectionStrings:Sqlite"] = $"Data Source={file};Pooling=False" }))
        {
            var refused = await Assert.ThrowsAsync<DatabaseUnavailableException>(() => services.GetRequiredService<IDatabase>().MigrateAsync(Stop));
            Assert.Contains(file, refused.Message, StringComparison.Ordinal);
            Assert.DoesNotContain("\n", refused.Message, StringComparison.Ordinal);
        }

        foreach (var part in Directory.EnumerateFiles(Path.GetDirectoryName(file)!, Path.GetFileName(file) + "*")) File.Delete(part);
    }
}

public sealed class PostgresMigrationTests() : MigrationTests(DatabaseKind.Postgres)
{
    [Fact]
    public async Task Migrate_WhereNobodyAnswers_GivesUpAfterTheTimeout_InOneLine()
    {
        await using var services = Services(new Dictionary<string, string?> { ["ConnectionStrings:Postgres"] = "Host=127.0.0.1;Port=1;Password=hunter2", ["Database:StartupTimeoutSeconds"] = "1" });
        var database = services.GetRequiredService<IDatabase>();

        var refused = await Assert.ThrowsAsync<DatabaseUnavailableException>(() => database.MigrateAsync(Stop));

        Assert.Contains("127.0.0.1:1", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("\n", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", refused.Message, StringComparison.Ordinal);
        Assert.Equal("The database is out of reach.", await database.FindFaultAsync(Stop));
    }

    [Fact]
    public async Task ADetailThatQuotesTheRowItIsAbout_IsNotAskedFor_EvenWhereTheConnectionStringDoes()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseKind.Postgres);
        await using var services = Services(new Dictionary<string, string?> { ["ConnectionStrings:Postgres"] = $"{database.ConnectionString};Include Error Detail=true" });
        var twice = () => services.GetRequiredService<Database>().WriteAsync("INSERT INTO workers (id, alive_until) VALUES ('hunter2', now())", [], Stop);
        await twice();

        var refused = await Assert.ThrowsAsync<PostgresException>(twice);

        Assert.DoesNotContain("hunter2", refused.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task AMigrationThatChangesTables_GivesWayToWhoeverUsesThem()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseKind.Postgres);
        await using var services = Services(database.Settings);
        await using var db = services.GetRequiredService<Database>().Open();
        var migrations = db.GetService<IMigrationsAssembly>();

        // Those before were there before anybody used the tables.
        foreach (var (id, type) in migrations.Migrations.SkipWhile(migration => !migration.Key.EndsWith("_Retention", StringComparison.Ordinal)))
        {
            var operations = migrations.CreateMigration(type, db.Database.ProviderName!).UpOperations;
            var isApart = operations.All(operation => operation is SqlOperation { SuppressTransaction: true });
            Assert.True(isApart || operations[0] is SqlOperation { Sql: var first } && first.Contains("lock_timeout", StringComparison.Ordinal), $"{id} begins with a call of GiveWay, or does nothing but build indexes concurrently");
        }
    }

    [Fact]
    public async Task Migrate_WhileAnotherReadsATable_WaitsWithoutKeepingThirdOnesOut()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseKind.Postgres);
        await using var services = Services(database.Settings);
        await using var reading = services.GetRequiredService<Database>().Open();
        await using var other = services.GetRequiredService<Database>().Open();
        await other.GetService<IMigrator>().MigrateAsync("Tracing", Stop);
        await using var backup = await reading.Database.BeginTransactionAsync(Stop);
        await reading.Batches.CountAsync(Stop);

        var migrating = services.GetRequiredService<IDatabase>().MigrateAsync(Stop);
        await Eventually.TrueAsync(async () => await other.Database.SqlQuery<int>($"SELECT count(*)::int AS \"Value\" FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()").SingleAsync(Stop) > 0, "the migration waits");
        await other.Pipelines.CountAsync(Stop).WaitAsync(TimeSpan.FromSeconds(10), Stop);
        await other.Batches.CountAsync(Stop).WaitAsync(TimeSpan.FromSeconds(10), Stop);
        Assert.False(migrating.IsCompleted);
        await backup.CommitAsync(Stop);

        await migrating.WaitAsync(TimeSpan.FromSeconds(40), Stop);
        Assert.Null(await services.GetRequiredService<IDatabase>().FindFaultAsync(Stop));
    }

    [Fact]
    public async Task WhereNobodyMigrates_TheWaitForItEndsInOneLine()
    {
        await using var database = await TestDatabase.CreateEmptyAsync(DatabaseKind.Postgres);
        await using var services = Services(new Dictionary<string, string?>(database.Settings) { ["Database:StartupTimeoutSeconds"] = "1" });

        var refused = await Assert.ThrowsAsync<DatabaseUnavailableException>(() => services.GetRequiredService<IDatabase>().WaitUntilMigratedAsync(Stop));

        Assert.EndsWith("The database lacks migrations.", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("\n", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WhatTheClientThrowsWhenNobodyAnswers_IsOutOfReach()
    {
        await using var services = Services(new Dictionary<string, string?> { ["ConnectionStrings:Postgres"] = "Host=127.0.0.1;Port=1" });
        var database = services.GetRequiredService<Database>();

        foreach (var use in new Func<Task>[]
        {
            () => database.WriteAsync("SELECT 1", [], Stop),
            () => services.GetRequiredService<Application.Batches.IBatchQueue>().ClaimAsync("w", 1, PersistenceHost.Lease, Stop),
            () => services.GetRequiredService<Application.Batches.IBatchStore>().ReadFailuresAsync(Guid.Empty, -1, 1, Stop),
            () => services.GetRequiredService<Application.Batches.IBatchStore>().ChangeAsync(Guid.Empty, _ => { }, Stop),
        })
        {
            var failure = await Assert.ThrowsAnyAsync<Exception>(use);
            Assert.True(database.IsOutOfReach(failure), failure.ToString());
        }

        Assert.False(database.IsOutOfReach(new InvalidOperationException()));
    }
}

public abstract class MigrationTests(DatabaseKind kind)
{
    protected static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task TheModel_HasAMigrationForEveryChange()
    {
        await using var database = await TestDatabase.CreateAsync(kind);
        await using var services = Services(database.Settings);
        await using var db = services.GetRequiredService<Database>().Open();

        Assert.False(db.Database.HasPendingModelChanges());
    }

    [Fact]
    public async Task Migrate_BySeveralAtOnce_IsDoneOnce()
    {
        await using var database = await TestDatabase.CreateEmptyAsync(kind);
        var replicas = Enumerable.Range(0, 3).Select(_ => Services(database.Settings)).ToList();
        Assert.Equal("The database lacks migrations.", await replicas[0].GetRequiredService<IDatabase>().FindFaultAsync(Stop));

        await Task.WhenAll(replicas.Select(r => Task.Run(() => r.GetRequiredService<IDatabase>().MigrateAsync(Stop))));

        foreach (var replica in replicas)
        {
            Assert.Null(await replica.GetRequiredService<IDatabase>().FindFaultAsync(Stop));
            await replica.DisposeAsync();
        }
    }

    [Fact]
    public async Task AMigration_OnlyAdds_SoThatTheVersionBeforeCanGoOnBesideIt()
    {
        await using var database = await TestDatabase.CreateAsync(kind);
        await using var services = Services(database.Settings);
        await using var db = services.GetRequiredService<Database>().Open();
        var migrations = db.GetService<IMigrationsAssembly>();

        foreach (var (id, type) in migrations.Migrations)
        {
            var operations = migrations.CreateMigration(type, db.Database.ProviderName!).UpOperations;
            var created = operations.OfType<CreateTableOperation>().Select(table => table.Name).ToHashSet();
            Assert.All(operations, operation => Assert.True(OnlyAdds(operation, created), $"{id}: {operation.GetType().Name}"));
        }
    }

    /// <param name="created">Tables of the same migration, which no other version uses yet.</param>
    private static bool OnlyAdds(MigrationOperation operation, HashSet<string> created) => operation switch
    {
        CreateTableOperation or DropIndexOperation or SqlOperation => true,
        CreateIndexOperation index => !index.IsUnique || created.Contains(index.Table),
        AddColumnOperation column => column.IsNullable || column.DefaultValue is not null || column.DefaultValueSql is not null,
        _ => false,
    };

    [Theory]
    [InlineData("pipelines", "id,owner_id,name,config,status,created_at,updated_at")]
    [InlineData("batches", "id,pipeline_id,status,record_count,failed_count,started_at,completed_at")]
    [InlineData("batch_errors", "id,batch_id,record_index,error_message,created_at")]
    public async Task TheTables_HaveTheColumnsThatWerePromised(string table, string columns)
    {
        await using var database = await TestDatabase.CreateAsync(kind);
        await using var services = Services(database.Settings);
        await using var db = services.GetRequiredService<Database>().Open();
        var sql = $"SELECT {columns} FROM {table}";

        await db.Database.ExecuteSqlRawAsync(sql, Stop);
    }

    protected static ServiceProvider Services(IReadOnlyDictionary<string, string?> settings) =>
        new ServiceCollection().AddLogging().AddPersistence(new ConfigurationBuilder().AddInMemoryCollection(settings).Build()).BuildServiceProvider(new ServiceProviderOptions { ValidateOnBuild = true, ValidateScopes = true });
}
