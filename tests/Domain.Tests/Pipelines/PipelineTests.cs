using DataPipeline.Domain.Pipelines;

namespace DataPipeline.Domain.Tests.Pipelines;

public sealed class PipelineTests
{
    private static readonly DateTimeOffset Later = Some.Noon.AddMinutes(1);

    [Theory]
    [InlineData(PipelineStatus.Created, "start", PipelineStatus.Active, null)]
    [InlineData(PipelineStatus.Created, "stop", PipelineStatus.Created, "PIPELINE_NOT_STARTED")]
    [InlineData(PipelineStatus.Active, "start", PipelineStatus.Active, null)]
    [InlineData(PipelineStatus.Active, "stop", PipelineStatus.Paused, null)]
    [InlineData(PipelineStatus.Paused, "start", PipelineStatus.Active, null)]
    [InlineData(PipelineStatus.Paused, "stop", PipelineStatus.Paused, null)]
    public void EveryStatusAnswersEveryTransition(PipelineStatus from, string transition, PipelineStatus to, string? refusal)
    {
        var pipeline = Some.Pipeline(from);

        var result = transition == "start" ? pipeline.Start(Later) : pipeline.Stop(Later);

        Assert.Equal(refusal, result.Error?.Code);
        Assert.Equal(to, pipeline.Status);
        Assert.Equal(from == to ? Some.Noon : Later, pipeline.UpdatedAt);
        Assert.Equal(1, pipeline.Version);
    }

    [Theory]
    [InlineData(PipelineStatus.Created, "PIPELINE_NOT_ACTIVE")]
    [InlineData(PipelineStatus.Active, null)]
    [InlineData(PipelineStatus.Paused, "PIPELINE_NOT_ACTIVE")]
    public void OnlyAnActivePipelineAcceptsBatches(PipelineStatus status, string? refusal) =>
        Assert.Equal(refusal, Some.Pipeline(status).EnsureAcceptsBatches().Error?.Code);

    [Theory]
    [InlineData(null, null)]
    [InlineData(new[] { 1 }, null)]
    [InlineData(new[] { 3, 1 }, null)]
    [InlineData(new[] { 2 }, "VERSION_MISMATCH")]
    [InlineData(new int[0], "VERSION_MISMATCH")]
    public void EnsureVersion_RefusesAnotherVersion(int[]? expected, string? refusal) =>
        Assert.Equal(refusal, Some.Pipeline().EnsureVersion(expected).Error?.Code);

    [Fact]
    public void Create_StartsAtVersionOne_NeverStarted()
    {
        var pipeline = Some.Pipeline();

        Assert.Equal((1, PipelineStatus.Created, "orders", "ORDERS"), (pipeline.Version, pipeline.Status, pipeline.Name, pipeline.NameKey));
        Assert.Equal((Some.Noon, Some.Noon), (pipeline.CreatedAt, pipeline.UpdatedAt));
    }

    [Theory]
    [InlineData("Orders", null, """{"source":{"type":"api"},"processors":[],"destination":{"type":"store"}}""")]
    [InlineData("orders", "all of them", """{"source":{"type":"api"},"processors":[],"destination":{"type":"store"}}""")]
    [InlineData("orders", null, """{"source":{"type":"api"},"processors":[{"type":"drop"}],"destination":{"type":"store"}}""")]
    public void Redefine_WithSomethingNew_RaisesTheVersion(string name, string? description, string config)
    {
        var pipeline = Some.Pipeline(PipelineStatus.Active);

        Assert.True(pipeline.Redefine(name, description, Some.Config(config), Later));

        Assert.Equal((2, name, description, Later), (pipeline.Version, pipeline.Name, pipeline.Description, pipeline.UpdatedAt));
        Assert.Equal(config, pipeline.Config.Json);
        Assert.Equal(PipelineStatus.Active, pipeline.Status);
    }

    [Fact]
    public void Redefine_WithTheSameInAnotherKeyOrder_ChangesNothing()
    {
        var pipeline = Some.Pipeline();

        Assert.False(pipeline.Redefine("orders", null, Some.Config("""{ "processors": [], "destination": { "type": "store" }, "source": { "type": "api" } }"""), Later));

        Assert.Equal((1, Some.Noon), (pipeline.Version, pipeline.UpdatedAt));
    }

    [Fact]
    public void AConfig_KeepsItsNumbersAndKeysAsWritten()
    {
        var config = Some.Config("""{ "b": 1.10, "a": 12345678901234567890, "c": "\u00e9" }""");

        Assert.Equal("1.10", config.ToElement().GetProperty("b").GetRawText());
        Assert.Equal("12345678901234567890", config.ToElement().GetProperty("a").GetRawText());
        Assert.True(PipelineConfig.Restore(config.Json).SaysTheSameAs(config));
    }
}
