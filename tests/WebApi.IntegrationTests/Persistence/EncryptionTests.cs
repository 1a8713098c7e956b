using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using DataPipeline.Application.Pipelines;
using DataPipeline.Infrastructure.Persistence.Encryption;
using DataPipeline.WebApi.IntegrationTests.Api;
using DataPipeline.WebApi.IntegrationTests.Faults;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Npgsql;

namespace DataPipeline.WebApi.IntegrationTests.Persistence;

public sealed class EncryptionOnSqlite() : EncryptionTests(DatabaseKind.Sqlite);

public sealed class EncryptionOnPostgres() : EncryptionTests(DatabaseKind.Postgres);

/// <summary>What of a configuration's secrets lies in the database, and with which keys it can be had back.</summary>
public abstract class EncryptionTests(DatabaseKind kind)
{
    private const string Secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    private const string Token = "Bearer-eyJhbGciOiJIUzI1NiJ9";

    private readonly string _old = NewKey();
    private readonly string _new = NewKey();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task NoSecretOfARun_LiesInTheDatabase_OrInTheLog()
    {
        await using var database = await TestDatabase.CreateAsync(kind);
        List<string> secrets = [Secret, Token, _new, .. ServiceProcess.Keys.Values];
        await using (var service = await ServiceProcess.StartAsync(database, ("Secrets:Keys:0", _new)))
        {
            var pipeline = await service.CreatePipelineAsync("acme", Config("https://127.0.0.1:1/hook").ToJsonString());
            await service.SendAsync("acme", HttpMethod.Put, $"pipelines/{pipeline}", new JsonObject { ["name"] = "renamed", ["config"] = Config("https://127.0.0.1:2/hook") }.ToJsonString());
            var batch = await service.SendAsync("acme", HttpMethod.Post, $"pipelines/{pipeline}/batches", """[{"a":1}]""", prefer: "wait=30");
            Assert.Equal("failed", batch.GetProperty("status").GetString());
            Assert.All(secrets, secret => Assert.DoesNotContain(service.Log, line => line.Contains(secret, StringComparison.Ordinal)));
            Assert.All(secrets, secret => Assert.DoesNotContain(secret, batch.GetRawText(), StringComparison.Ordinal));
        }

        var dump = await DumpAsync(database);

        Assert.Contains("renamed", dump, StringComparison.Ordinal);
        foreach (var form in secrets.SelectMany(secret => (string[])[secret, Convert.ToHexStringLower(Encoding.UTF8.GetBytes(secret)), Convert.ToBase64String(Encoding.UTF8.GetBytes(secret)).TrimEnd('=')]))
            Assert.DoesNotContain(form, dump, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AChangedKey_ReadsWhatTheOldOneWrote_UntilEverythingIsEncryptedAnew()
    {
        await using var app = await StartAsync();
        await using var before = app.Another(Keys(_old));
        var owner = await ApiFixture.NewOwner(before);
        var pipeline = await owner.CreatePipeline(Definition());

        await using var rotating = app.Another(Keys(_new, _old));
        var caller = new ApiClient(rotating.CreateClient(), owner.Key);
        Assert.Equal(pipeline.Text, (await caller.Get(ApiClient.Pipeline(pipeline.Id))).Expect(HttpStatusCode.OK).Text);
        Assert.Equal(2, await rotating.Services.GetRequiredService<IStoredConfigurations>().ReencryptAsync(Stop));
        Assert.Equal(0, await rotating.Services.GetRequiredService<IStoredConfigurations>().ReencryptAsync(Stop));

        await using var after = app.Another(Keys(_new));
        Assert.Equal(pipeline.Text, (await new ApiClient(after.CreateClient(), owner.Key).Get(ApiClient.Pipeline(pipeline.Id))).Expect(HttpStatusCode.OK).Text);
        Assert.Empty(await after.Services.GetRequiredService<IStoredConfigurations>().FindMissingKeysAsync(Stop));
        Assert.Single(await before.Services.GetRequiredService<IStoredConfigurations>().FindMissingKeysAsync(Stop));
    }

    [Fact]
    public async Task SendingBackWhatWasShown_ChangesNoVersion_ThoughItsCiphertextWouldDiffer()
    {
        await using var app = await StartAsync();
        var owner = await app.NewOwner();
        var pipeline = await owner.CreatePipeline(Definition());

        var same = (await owner.Put(ApiClient.Pipeline(pipeline.Id), new JsonObject { ["name"] = pipeline["name"].GetString(), ["config"] = JsonNode.Parse(pipeline["config"].GetRawText()) })).Expect(HttpStatusCode.OK);

        Assert.Equal(1, same["version"].GetInt32());
    }

    [Fact]
    public async Task WithoutItsKey_APipelineIsNotReadable_OthersAre_AndItsBatchSaysWhyItFailed()
    {
        await using var app = await StartAsync();
        await using var before = app.Another(new(Keys(_old)) { ["Worker:Enabled"] = "false" });
        var owner = await ApiFixture.NewOwner(before);
        var pipeline = await owner.CreateActivePipeline(Definition());
        var batch = await owner.Submit(pipeline.Id, """[{"a":1}]""");

        await using var after = app.Another(new(Keys(_new)) { ["Worker:MaxAttempts"] = "1" });
        var caller = new ApiClient(after.CreateClient(), owner.Key);

        Assert.StartsWith("Records from index 0 on could not be processed in 1 attempts: the pipeline's configuration cannot be decrypted", (await caller.Finished(batch))["error"].GetProperty("message").GetString(), StringComparison.Ordinal);
        (await caller.Get(ApiClient.Pipeline(pipeline.Id))).Refused(HttpStatusCode.ServiceUnavailable, "SERVICE_UNAVAILABLE");
        Assert.Single((await caller.Get("/api/v1/pipelines")).Expect(HttpStatusCode.OK).Items);
        await caller.CreateActivePipeline(Definition());
        await Assert.ThrowsAsync<UnreadableConfigurationException>(() => after.Services.GetRequiredService<IStoredConfigurations>().ReencryptAsync(Stop));
    }

    [Fact]
    public async Task AKeyThatIsLost_KeepsNothingElseFromBeingEncryptedAnew_AndWhatLiesUnderItCanBeDeleted()
    {
        await using var app = await StartAsync();
        await using var before = app.Another(Keys(_old));
        var owner = await ApiFixture.NewOwner(before);
        var lost = await owner.CreatePipeline(Definition());
        var kept = await app.With(owner.Key).CreatePipeline(Definition());

        await using var after = app.Another(Keys(_new));
        var (caller, configurations) = (new ApiClient(after.CreateClient(), owner.Key), after.Services.GetRequiredService<IStoredConfigurations>());
        var refusal = await Assert.ThrowsAsync<UnreadableConfigurationException>(() => configurations.ReencryptAsync(Stop));
        Assert.Equal($"2 configurations were encrypted anew; left as they were are those under keys that are not among Secrets:Keys: {Assert.Single(await configurations.FindMissingKeysAsync(Stop))}.", refusal.Message);
        Assert.Equal(kept.Text, (await caller.Get(ApiClient.Pipeline(kept.Id))).Expect(HttpStatusCode.OK).Text);

        (await caller.Delete(ApiClient.Pipeline(lost.Id))).Expect(HttpStatusCode.NoContent);
        (await caller.Get(ApiClient.Pipeline(lost.Id))).Refused(HttpStatusCode.NotFound, "PIPELINE_NOT_FOUND");
    }

    [Fact]
    public async Task WhatLiesInClear_AsEarlierVersionsLeftIt_IsRead_AndEncryptedWhenAsked()
    {
        await using var app = await StartAsync();
        await using var process = app.Another(Keys(_new));
        var owner = await ApiFixture.NewOwner(process);
        var pipeline = await owner.CreatePipeline(Definition());
        var database = process.Services.GetRequiredService<Infrastructure.Persistence.Database>();
        await database.WriteAsync("UPDATE pipelines SET config = {0}", [Config("https://example.com/").ToJsonString()], Stop);

        Assert.Equal("https://example.com/", (await owner.Get(ApiClient.Pipeline(pipeline.Id))).Expect(HttpStatusCode.OK)["config"].GetProperty("destination").GetProperty("options").GetProperty("url").GetString());
        Assert.Equal(1, await process.Services.GetRequiredService<IStoredConfigurations>().ReencryptAsync(Stop));
    }

    [Fact]
    public void EachText_IsEncryptedDifferently_AndOneThatWasChangedIsRefused()
    {
        var encryption = new ConfigEncryption(Options.Create(new SecretsOptions { Keys = [_new] }));
        var (one, other) = (encryption.Encrypt("{}"), encryption.Encrypt("{}"));

        Assert.NotEqual(one, other);
        Assert.Equal("{}", encryption.Decrypt(one));
        string[] broken = [one[..^4], one[..^12], encryption.Prefix, $"{encryption.Prefix}!", "aes256gcm:", "aes256gcm:00000000:AAAA", one[..25] + (one[25] == 'A' ? 'B' : 'A') + one[26..]];
        Assert.All(broken, text => Assert.Throws<UnreadableConfigurationException>(() => encryption.Decrypt(text)));
    }

    private static string NewKey() => Convert.ToBase64String(RandomNumberGenerator.GetBytes(ConfigEncryption.KeyBytes));

    private static Dictionary<string, string> Keys(params string[] keys) => keys.Index().ToDictionary(key => $"Secrets:Keys:{key.Index}", key => key.Item);

    private static JsonObject Config(string url) => new()
    {
        ["source"] = new JsonObject { ["type"] = "api" },
        ["processors"] = new JsonArray(),
        ["destination"] = new JsonObject
        {
            ["type"] = "webhook",
            ["options"] = new JsonObject { ["url"] = url, ["secret"] = Secret, ["headers"] = new JsonObject { ["Authorization"] = Token }, ["maxAttempts"] = 1 },
        },
    };

    private static JsonObject Definition() => new() { ["name"] = ApiClient.NewName(), ["config"] = Config("https://example.com/hook") };

    private async Task<ApiFixture> StartAsync()
    {
        ApiFixture app = kind == DatabaseKind.Sqlite ? new IdleSqliteApi() : new IdlePostgresApi();
        await app.InitializeAsync();
        return app;
    }

    /// <summary>All that is kept: of SQLite its files, of PostgreSQL every row of every table.</summary>
    private static async Task<string> DumpAsync(TestDatabase database)
    {
        if (database.Kind == DatabaseKind.Sqlite)
        {
            var file = new SqliteConnectionStringBuilder(database.ConnectionString).DataSource;
            return string.Concat(Directory.EnumerateFiles(Path.GetDirectoryName(file)!, Path.GetFileName(file) + "*").Select(part => Encoding.Latin1.GetString(File.ReadAllBytes(part))));
        }

        await using var source = NpgsqlDataSource.Create(database.ConnectionString);
        var tables = await ReadAsync(source, "SELECT format('SELECT t::text FROM %I AS t', table_name) FROM information_schema.tables WHERE table_schema = 'public'");
        var rows = new StringBuilder();
        foreach (var table in tables) rows.AppendJoin('\n', await ReadAsync(source, table));
        return rows.ToString();
    }

    private static async Task<List<string>> ReadAsync(NpgsqlDataSource source, string sql)
    {
        await using var command = source.CreateCommand(sql);
        await using var reader = await command.ExecuteReaderAsync(Stop);
        var texts = new List<string>();
        while (await reader.ReadAsync(Stop)) texts.Add(reader.GetString(0));
        return texts;
    }
}
