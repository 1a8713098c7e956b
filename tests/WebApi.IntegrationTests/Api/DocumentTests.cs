using System.Net;

namespace DataPipeline.WebApi.IntegrationTests.Api;

public sealed class DocumentTests(SqliteApi app) : IClassFixture<SqliteApi>
{
    [Fact]
    public async Task TheServedDocument_IsTheOneThatIsCheckedIn()
    {
        var served = (await app.With(null).Get("/openapi/v1.json")).Expect(HttpStatusCode.OK);

        Assert.True(served.Text == ApiDocument.CheckedIn.Text, "docs/openapi.json is not what the code says any more. Take it over, and make the client of it: dotnet build src/WebApi -t:UpdateClient");
    }

    [Fact]
    public void Document_DescribesEveryOperation()
    {
        var operations = ApiDocument.CheckedIn.Operations.Select(it => it.Operation).ToList();

        Assert.StartsWith("3.0.", ApiDocument.CheckedIn.Root.GetProperty("openapi").GetString(), StringComparison.Ordinal);
        Assert.Equal(
            ["cancelBatch", "createPipeline", "deletePipeline", "getBatch", "getPipeline", "getPipelineMetrics", "listBatchErrors", "listBatchRecords", "listBatches", "listDestinations", "listPipelines", "listProcessors", "listSources", "retryBatch", "simulateConfig", "simulatePipeline", "startPipeline", "stopPipeline", "submitBatch", "updatePipeline", "watchBatch", "watchPipeline"],
            operations.Select(operation => operation.GetProperty("operationId").GetString()!).Order(StringComparer.Ordinal));
        Assert.All(operations, operation => Assert.False(string.IsNullOrEmpty(operation.GetProperty("summary").GetString())));
        Assert.All(operations, operation => Assert.False(string.IsNullOrEmpty(operation.GetProperty("description").GetString())));
        Assert.All(
            operations.Where(operation => operation.TryGetProperty("parameters", out _)).SelectMany(operation => operation.GetProperty("parameters").EnumerateArray()),
            parameter => Assert.False(string.IsNullOrEmpty(parameter.GetProperty("description").GetString())));
        Assert.All(operations, operation => Assert.Empty(((string[])["401", "406", "429", "500", "503"]).Except(operation.GetProperty("responses").EnumerateObject().Select(response => response.Name))));
    }
}
