using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using DataPipeline.Application.Processing;
using DataPipeline.Application.Processing.JsonSchema;
using DataPipeline.Domain.Common;
using DataPipeline.Domain.Processing;

namespace DataPipeline.Application.Tests.Processing;

public sealed class OptionsSchemaTests
{
    public static TheoryData<string> Types => [.. Engine.Processors.Types.Keys, .. Destinations.DestinationConfig.Destinations.Types.Keys];

    [Fact]
    public void TheSchema_SaysWhatTheBinderTakes() => Assert.Equal(
        """
        {"$schema":"https://json-schema.org/draft/2020-12/schema","type":"object","properties":{
        "name":{"type":"string","description":"A name."},
        "path":{"type":"string","default":"a.b"},
        "text":{"type":"string"},
        "any":{},
        "anyJson":{"default":{"a":[1.10]}},
        "pattern":{"type":"string","default":"^a"},
        "flag":{"type":"boolean","default":false},
        "count":{"type":"integer","minimum":1,"maximum":9,"default":3},
        "big":{"type":"integer"},
        "share":{"type":"number","minimum":0.5,"default":0.75},
        "day":{"type":"string","enum":["sunnyDay","rainyDay"],"default":"rainyDay"},
        "list":{"type":"array","items":{"type":"string"},"default":["x"]},
        "fields":{"anyOf":[{"type":"string"},{"type":"array","items":{"type":"string"},"minItems":1}]},
        "map":{"type":"object","additionalProperties":{},"default":{"k":true}},
        "key":{"type":"string","writeOnly":true},
        "schema":{"anyOf":[{"type":"object"},{"type":"boolean"}]},
        "processor":{"type":"object","properties":{"type":{"type":"string"},"tag":{"type":"string"},"description":{"type":"string"},"if":{"type":"object"},"ignoreFailure":{"type":"boolean"},"onFailure":{"type":"array","items":{"type":"object"}},"options":{"type":"object"}},"required":["type"],"additionalProperties":false}
        },"required":["name","fields"],"additionalProperties":false}
        """.ReplaceLineEndings(""),
        OptionsSchema.Of(typeof(Everything)).GetRawText());

    [Fact]
    public void ATypeThatOptionsCannotHave_IsRefused() =>
        Assert.Contains("Address", Assert.Throws<NotSupportedException>(() => OptionsSchema.Of(typeof(Strange))).Message, StringComparison.Ordinal);

    [Theory]
    [MemberData(nameof(Types))]
    public void TheExample_IsWholeAndRight(string type)
    {
        var descriptor = Find(type);

        Assert.False(string.IsNullOrWhiteSpace(descriptor.Description));
        var example = descriptor.Example!.Configuration;
        Assert.Equal(type, example.GetProperty("type").GetString());
        Assert.Equal([], Violations(descriptor, OptionsOf(descriptor)));
        Assert.Equal(Engine.Processors.Types.ContainsKey(type), descriptor.Example.Record is not null);
        var compiled = CompileExample(descriptor, OptionsOf(descriptor));
        Assert.True(compiled.IsSuccess, string.Join('\n', compiled.Error?.Details ?? []));
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void SchemaAndBinder_AgreeOnTypes(string type)
    {
        var descriptor = Find(type);
        foreach (var option in descriptor.OptionsSchema.GetProperty("properties").EnumerateObject())
        {
            foreach (var probe in (string[])["\"x\"", "1", "1.5", "true", "{}", "[]", "[\"x\"]", "[1]", "[{}]", "{\"a\":1}", "{\"a\":\"x\"}"])
            {
                var options = OptionsOf(descriptor);
                options[option.Name] = JsonNode.Parse(probe);
                var faults = CompileExample(descriptor, options).Error?.Details ?? [];
                var violations = Violations(descriptor, options);

                Assert.True(violations.Count == 0 || faults.Count > 0, $"{option.Name}: {probe} is bound although {string.Join('\n', violations)}");
                var wrongType = faults.FirstOrDefault(fault => fault.Code == "INVALID_TYPE" && fault.Field.Contains($".options.{option.Name}", StringComparison.Ordinal));
                var takesAnything = !option.Value.TryGetProperty("type", out _) && !option.Value.TryGetProperty("anyOf", out _);
                Assert.True(wrongType is null || takesAnything || violations.Count > 0, $"{option.Name}: {probe} is of the wrong type and matches {option.Value}: {wrongType?.Message}");
            }
        }
    }

    private static ComponentDescriptor Find(string type) => Engine.Processors.Types.GetValueOrDefault(type) ?? Destinations.DestinationConfig.Destinations.Types[type];

    private static JsonObject OptionsOf(ComponentDescriptor descriptor) =>
        descriptor.Example!.Configuration.TryGetProperty("options", out var options) ? JsonObject.Create(options)! : [];

    private static Result<CompiledPipeline> CompileExample(ComponentDescriptor descriptor, JsonObject options)
    {
        var example = JsonObject.Create(descriptor.Example!.Configuration)!;
        example["options"] = options.DeepClone();
        return Engine.Processors.Types.ContainsKey(descriptor.Type)
            ? Engine.Compile(example.ToJsonString())
            : Engine.CompileConfig($$"""{"source":{"type":"api"},"processors":[],"destination":{{example.ToJsonString()}} }""");
    }

    private static List<string> Violations(ComponentDescriptor descriptor, JsonObject options)
    {
        var schema = JsonSchemaCompiler.Compile(descriptor.OptionsSchema, "schema");
        Assert.True(schema.IsSuccess, string.Join('\n', schema.Error?.Details ?? []));
        return [.. schema.Value.Validate(JsonValues.ToRecordValue(options.Deserialize<JsonElement>())).Select(violation => violation.ToString())];
    }

    private enum Day
    {
        SunnyDay,
        RainyDay,
    }

    private sealed record Everything
    {
        [Description("A name.")]
        public required string Name { get; init; }

        public FieldPath Path { get; init; } = FieldPath.Parse("a.b");

        public Template? Text { get; init; }

        public ValueTemplate? Any { get; init; }

        public RecordValue AnyJson { get; init; } = JsonValues.ToRecordValue(JsonElement.Parse("""{"a":[1.10]}"""));

        public Regex Pattern { get; init; } = new("^a", RegexOptions.NonBacktracking);

        public bool Flag { get; init; }

        [Range(1, 9)]
        public int Count { get; init; } = 3;

        public long? Big { get; init; }

        [Range(0.5, double.PositiveInfinity)]
        public double Share { get; init; } = 0.75;

        public Day Day { get; init; } = Day.RainyDay;

        public IReadOnlyList<string> List { get; init; } = ["x"];

        [OneOrMany]
        public required IReadOnlyList<FieldPath> Fields { get; init; }

        public IReadOnlyDictionary<string, RecordValue> Map { get; init; } = new Dictionary<string, RecordValue> { ["k"] = RecordValue.From(true) };

        [Secret]
        public string? Key { get; init; }

        public RecordSchema? Schema { get; init; }

        public InnerProcessor? Processor { get; init; }

        public string ReadOnly => Name;
    }

    private sealed record Strange
    {
        public Uri? Address { get; init; }
    }
}
