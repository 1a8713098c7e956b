using System.Text.Json;
using DataPipeline.Application.Pipelines;
using DataPipeline.Application.Processing;
using DataPipeline.Domain.Pipelines;
using DataPipeline.Domain.Processing;

namespace DataPipeline.Application.Tests.Destinations;

public sealed class SecretTests
{
    private const string Stored = """{"url":"http://example.com","secret":"s3cret","headers":{"Authorization":"t0ken","X-Plain":"v"},"maxAttempts":3}""";
    private const string Shown = """{"url":"http://example.com","secret":"***","headers":{"Authorization":"***","X-Plain":"***"},"maxAttempts":3}""";

    private static readonly ConfigSecrets Secrets = new(new Processors(), DestinationConfig.Destinations);

    [Fact]
    public void Hidden_ShowsStarsForSecretsAlone() => AssertSame(Webhook(Shown), Secrets.Hide(PipelineConfig.Of(Webhook(Stored))));

    [Fact]
    public void WithoutSecrets_WhatIsShown_IsWhatWasWritten()
    {
        var config = JsonElement.Parse("""{"source":{"type":"api"},"processors":[{"type":"plain","options":{"key":1.10,"note":"ü"}}],"destination":{"type":"store"}}""");
        Assert.Equal(PipelineConfig.Of(config).Json, Secrets.Hide(PipelineConfig.Of(config)).GetRawText());
    }

    [Fact]
    public void WhatWasShownAndIsSentBack_IsWhatIsStored()
    {
        var restored = Secrets.Restore(Definition(Webhook(Shown)), PipelineConfig.Of(Webhook(Stored)));
        Assert.Empty(restored.Faults);
        AssertSame(Webhook(Stored), restored.Config);
    }

    [Fact]
    public void ANewSecret_IsTaken_BesideOneThatIsKept()
    {
        var restored = Secrets.Restore(Definition(Webhook("""{"url":"u","secret":"new","headers":{"Authorization":"***"}}""")), PipelineConfig.Of(Webhook(Stored)));
        AssertSame(Webhook("""{"url":"u","secret":"new","headers":{"Authorization":"t0ken"}}"""), restored.Config);
    }

    [Theory]
    [InlineData("""{"url":"u","secret":"***"}""", "secret")]
    [InlineData("""{"url":"u","headers":{"X-New":"***"}}""", "headers.X-New")]
    public void StarsWhereNothingIsStored_AreRefused(string options, string option)
    {
        foreach (var stored in new[] { null, PipelineConfig.Of(Webhook("""{"url":"u"}""")), PipelineConfig.Of(JsonElement.Parse("""{"destination":{"type":"store"}}""")) })
        {
            var fault = Assert.Single(Secrets.Restore(Definition(Webhook(options)), stored).Faults);
            Assert.Equal(($"config.destination.options.{option}", "SECRET_REQUIRED"), (fault.Field, fault.Code));
        }
    }

    [Fact]
    public void SecretsOfProcessors_AreHiddenWhereverTheyStand_AndRestored()
    {
        const string Processors = """
            [{"type":"keyed","options":{"key":"one","keys":["two","three"],"note":"four"}},
             {"type":"plain","onFailure":[{"type":"keyed","options":{"key":"five"}}],"options":{"processor":{"type":"keyed","options":{"key":"six"}}}},
             {"type":"plain","options":{"processor":{"type":"plain","onFailure":[{"type":"keyed","options":{"key":"seven"}}],"options":{"processor":{"type":"keyed","options":{"key":"eight"}}}}}}]
            """;
        var stored = JsonElement.Parse($$"""{"processors":{{Processors}},"destination":{"type":"store"} }""");

        var hidden = Secrets.Hide(PipelineConfig.Of(stored));

        var text = hidden.GetRawText();
        Assert.All(["one", "two", "three", "five", "six", "seven", "eight"], secret => Assert.DoesNotContain(secret, text, StringComparison.Ordinal));
        Assert.Contains("four", text, StringComparison.Ordinal);
        AssertSame(stored, Secrets.Restore(Definition(hidden), PipelineConfig.Of(stored)).Config);
    }

    [Fact]
    public void OfATypeThatIsNotKnownHere_EveryTextIsHidden()
    {
        var hidden = Secrets.Hide(PipelineConfig.Of(JsonElement.Parse("""{"processors":[],"destination":{"type":"gone","options":{"password":"p4ss","deep":{"a":["x",1]}}}}""")));
        AssertSame(JsonElement.Parse("""{"processors":[],"destination":{"type":"gone","options":{"password":"***","deep":{"a":["***",1]}}}}"""), hidden);
    }

    [Theory]
    [InlineData("""[]""")]
    [InlineData("""{"destination":7,"processors":{"a":1}}""")]
    [InlineData("""{"destination":{"type":7,"options":[]},"processors":[1,null,{"type":"keyed","options":{"key":{"a":1}},"onFailure":3}]}""")]
    [InlineData("""{"destination":{"type":"webhook","type":"webhook","options":{"secret":"***"}}}""")]
    [InlineData("""{"destination":{"type":"webhook","options":{"secret":"\ud800"}}}""")]
    public void AConfigurationOfAnyShape_IsLeftToItsChecks(string config)
    {
        var restored = Secrets.Restore(Definition(JsonElement.Parse(config)), PipelineConfig.Of(Webhook(Stored)));
        Assert.Equal(config, restored.Config.GetRawText());
        Assert.Empty(restored.Faults);
    }

    private static JsonElement Webhook(string options) => DestinationConfig.Of("webhook", options);

    private static PipelineDefinition Definition(JsonElement config) => new("orders", null, config, []);

    private static void AssertSame(JsonElement expected, JsonElement actual) => Assert.True(JsonElement.DeepEquals(expected, actual), actual.GetRawText());

    private sealed class Processors : IProcessorCatalog
    {
        public IReadOnlyDictionary<string, ComponentDescriptor> Types { get; } = new Dictionary<string, ComponentDescriptor>
        {
            ["keyed"] = new("keyed", "1", "", typeof(KeyedOptions), _ => throw new NotSupportedException(), false),
            ["plain"] = new("plain", "1", "", typeof(NoOptions), _ => throw new NotSupportedException(), false),
        };
    }

    private sealed record KeyedOptions
    {
        [Secret]
        public string? Key { get; init; }

        [Secret]
        public IReadOnlyList<string>? Keys { get; init; }

        public string? Note { get; init; }
    }
}
