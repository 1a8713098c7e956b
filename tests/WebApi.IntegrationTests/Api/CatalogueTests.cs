using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace DataPipeline.WebApi.IntegrationTests.Api;

public sealed class CatalogueTests(SqliteApi app) : IClassFixture<SqliteApi>
{
    [Theory]
    [InlineData("processors")]
    [InlineData("destinations")]
    [InlineData("sources")]
    public async Task Catalogue_SaysOfEachTypeWhatOneNeedsToUseIt(string catalogue)
    {
        var items = (await (await app.NewOwner()).Get($"/api/v1/{catalogue}")).Expect(HttpStatusCode.OK).Items;

        Assert.NotEmpty(items);
        Assert.Equal(items.Select(item => item.GetProperty("type").GetString()).Order(StringComparer.Ordinal), items.Select(item => item.GetProperty("type").GetString()));
        Assert.All(items, item =>
        {
            Assert.Equal(["type", "version", "description", "optionsSchema", "example", "exampleRecord", "builtIn", "plugin", "broken"], item.EnumerateObject().Select(member => member.Name));
            Assert.True(item.GetProperty("builtIn").GetBoolean());
            Assert.False(string.IsNullOrWhiteSpace(item.GetProperty("description").GetString()), item.GetRawText());
            Assert.Equal("object", item.GetProperty("optionsSchema").GetProperty("type").GetString());
            Assert.Equal(item.GetProperty("type").GetString(), item.GetProperty("example").GetProperty("type").GetString());
            Assert.Equal(JsonValueKind.Null, item.GetProperty("broken").ValueKind);
        });
    }

    [Fact]
    public async Task Catalogue_NeedsAKey() => (await app.With(null).Get("/api/v1/processors")).Refused(HttpStatusCode.Unauthorized, "API_KEY_MISSING");

    [Fact]
    public async Task TheExampleOfEveryProcessor_WorksOnItsRecord()
    {
        var owner = await app.NewOwner();
        foreach (var item in (await owner.Get("/api/v1/processors")).Items)
        {
            var type = item.GetProperty("type").GetString();
            var answer = await owner.Post("/api/v1/pipelines/simulate", new JsonObject
            {
                ["config"] = ApiClient.Definition(null, JsonNode.Parse(item.GetProperty("example").GetRawText())!)["config"]!.DeepClone(),
                ["records"] = new JsonArray(JsonNode.Parse(item.GetProperty("exampleRecord").GetRawText())),
                ["verbose"] = true,
            });

            var result = answer.Expect(HttpStatusCode.OK)["results"][0];
            var step = Assert.Single(result.GetProperty("steps").EnumerateArray()).GetProperty("outcome").GetString();
            Assert.True(step == type switch { "drop" => "dropped", "fail" => "failed", _ => "ok" }, $"{type}: {answer.Text}");
            Assert.True(type is "drop" or "fail" or "terminate" or "validate" || result.GetProperty("record").GetRawText() != JsonSerializer.Serialize(item.GetProperty("exampleRecord")), $"{type} changes nothing: {answer.Text}");
        }
    }

    [Theory]
    [InlineData("sources", "source")]
    [InlineData("destinations", "destination")]
    public async Task TheExampleOfEverySourceAndDestination_IsAccepted(string catalogue, string part)
    {
        var owner = await app.NewOwner();
        foreach (var item in (await owner.Get($"/api/v1/{catalogue}")).Items)
        {
            var definition = ApiClient.Definition();
            definition["config"]![part] = JsonNode.Parse(item.GetProperty("example").GetRawText());
            await owner.CreatePipeline(definition);
        }
    }
}
