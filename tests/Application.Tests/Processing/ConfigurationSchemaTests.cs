using System.Text.Json;
using System.Text.Json.Nodes;
using DataPipeline.Application.Processing;
using DataPipeline.Application.Processing.JsonSchema;
using DataPipeline.Application.Tests.Destinations;

namespace DataPipeline.Application.Tests.Processing;

public sealed class ConfigurationSchemaTests
{
    private static readonly CompiledSchema Schema = Compile(Definitions(Engine.Processors));

    public static TheoryData<string> Processors => [.. Engine.Processors.Types.Keys];

    public static TheoryData<string> Tests => [.. ConditionCompiler.Tests];

    [Theory]
    [MemberData(nameof(Processors))]
    public void TheExampleOfEveryProcessor_InAWholeFrame_IsTaken(string type)
    {
        var processor = JsonObject.Create(Engine.Processors.Types[type].Example!.Configuration)!;
        processor["tag"] = "t";
        processor["description"] = "d";
        processor["if"] = JsonNode.Parse("""{ "all": [ { "field": "a", "exists": true }, { "any": [ { "not": { "field": "b", "equals": null } } ] } ] }""");
        processor["ignoreFailure"] = true;
        processor["onFailure"] = JsonNode.Parse("""[ { "type": "drop" } ]""");

        BothTake(Engine.Config(processor.ToJsonString()));
    }

    [Fact]
    public void EveryDestination_IsTaken()
    {
        foreach (var type in DestinationConfig.Destinations.Types.Values)
            BothTake($$"""{"source":{"type":"api"},"processors":[],"destination":{{type.Example!.Configuration}},"errorPolicy":{"maxFailedRecords":0,"maxFailedPercent":12.5} }""");
    }

    [Theory]
    [MemberData(nameof(Tests))]
    public void EveryTestOfAField_IsTaken_ButNoTwoOfThem(string test)
    {
        var operand = test switch { "in" or "notIn" => "[1]", "exists" => "true", "type" => "\"null\"", _ => "\"x\"" };

        BothTake(WithCondition($$"""{"field":"a","{{test}}":{{operand}} }"""));
        BothRefuse(WithCondition($$"""{"field":"a","{{test}}":{{operand}},"{{(test == "equals" ? "contains" : "equals")}}":1}"""));
        BothRefuse(WithCondition($$"""{"{{test}}":{{operand}} }"""));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("5")]
    [InlineData("""{"source":{"type":"ftp"},"processors":[],"destination":{"type":"store"} }""")]
    [InlineData("""{"source":{"type":"api"},"processors":[],"destination":{"type":"store","options":{"path":"x"} } }""")]
    [InlineData("""{"source":{"type":"api"},"processors":[],"destination":{"type":"webhook"} }""")]
    [InlineData("""{"source":{"type":"api"},"processors":[],"destination":{"type":"store"},"errorPolicy":{"maxFailedPercent":101} }""")]
    [InlineData("""{"source":{"type":"api"},"processors":[],"destination":{"type":"store"},"extra":1}""")]
    public void WhatIsNoConfiguration_IsRefused(string config) => BothRefuse(config);

    [Theory]
    [InlineData("""{"options":{} }""")]
    [InlineData("""{"type":"rename","options":{"field":"a"} }""")]
    [InlineData("""{"type":"rename"}""")]
    [InlineData("""{"type":"rename","options":{"field":"a","targetField":"b","target":"c"} }""")]
    [InlineData("""{"type":"convert","options":{"field":"a","type":"number"} }""")]
    [InlineData("""{"type":"drop","options":{"a":1} }""")]
    [InlineData("""{"type":"drop","when":{} }""")]
    [InlineData("""{"type":"drop","onFailure":[{"type":"rename"}]}""")]
    [InlineData("""{"type":"foreach","options":{"field":"a","processor":{"type":"rename","options":{"field":"a"} } } }""")]
    [InlineData("""{"type":"drop","if":{"all":[]} }""")]
    [InlineData("""{"type":"drop","if":{"field":"a"} }""")]
    [InlineData("""{"type":"drop","if":{"not":{"field":"a","exists":true},"field":"a"} }""")]
    public void WhatIsNoProcessor_IsRefused(string processor) => BothRefuse(Engine.Config(processor));

    [Fact]
    public void APlugin_ChangesNothing_ForAnyTypeIsTakenAsOne()
    {
        var shout = new ComponentDescriptor("shout", "1.0", "", typeof(NoOptions), _ => throw new NotSupportedException(), IsAtomic: false) { Plugin = new("Shouting", "1.0") };
        var withPlugin = new Dictionary<string, ComponentDescriptor>(Engine.Processors.Types) { ["shout"] = shout };

        Assert.Equal(Text(Definitions(Engine.Processors)), Text(Definitions(new Catalog(withPlugin))));
        Assert.Equal([], Violations(Engine.Config("""{"type":"shout","if":{"field":"a","exists":true},"options":{"loud":true} }""")));
        Assert.NotEqual([], Violations(Engine.Config("""{"type":"shout","loud":true}""")));
    }

    private static void BothTake(string config)
    {
        var compiled = Engine.CompileConfig(config);
        Assert.True(compiled.IsSuccess, string.Join('\n', compiled.Error?.Details ?? []));
        Assert.Equal([], Violations(config));
    }

    private static void BothRefuse(string config)
    {
        Assert.False(Engine.CompileConfig(config).IsSuccess, config);
        Assert.NotEqual([], Violations(config));
    }

    private static string WithCondition(string condition) => Engine.Config($$"""{"type":"drop","if":{{condition}} }""");

    private static IReadOnlyDictionary<string, JsonObject> Definitions(IProcessorCatalog processors) => ConfigurationSchema.Definitions(processors, DestinationConfig.Destinations);

    private static string Text(IReadOnlyDictionary<string, JsonObject> definitions) => JsonSerializer.Serialize(definitions);

    private static IReadOnlyList<SchemaViolation> Violations(string config) => Schema.Validate(JsonValues.ToRecordValue(JsonElement.Parse(config)));

    private static CompiledSchema Compile(IReadOnlyDictionary<string, JsonObject> definitions)
    {
        var schema = new JsonObject { ["$ref"] = $"#/$defs/{ConfigurationSchema.Root}", ["$defs"] = JsonNode.Parse(Text(definitions)) };
        var compiled = JsonSchemaCompiler.Compile(JsonSerializer.SerializeToElement(schema), "schema");
        Assert.True(compiled.IsSuccess, string.Join('\n', compiled.Error?.Details ?? []));
        return compiled.Value;
    }

    private sealed record Catalog(IReadOnlyDictionary<string, ComponentDescriptor> Types) : IProcessorCatalog;
}
