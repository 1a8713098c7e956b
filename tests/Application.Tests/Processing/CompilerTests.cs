using System.Text;
using System.Text.Json;
using DataPipeline.Domain.Common;
using DataPipeline.Domain.Pipelines;

namespace DataPipeline.Application.Tests.Processing;

public sealed class CompilerTests
{
    [Fact]
    public void Compile_ReportsEverythingAtOnce()
    {
        var compiled = Engine.CompileConfig(
            """
            { "source": { "type": "ftp" }, "extra": 1,
              "processors": [
                { "type": "lowercse", "options": {} },
                { "type": "rename", "options": { "field": "a..b", "target": "x" } },
                { "type": "gsub", "options": { "field": "a", "pattern": "(?=x)", "replacement": "" }, "onFailure": [ { "type": "set", "options": { "value": 1 } } ] } ],
              "destination": { "type": "store", "options": { "path": "x" } },
              "errorPolicy": { "maxFailedRecords": -1, "maxFailedPercent": 101 } }
            """);

        Assert.Equal("VALIDATION_FAILED", compiled.Error!.Code);
        Assert.Equal(
            [
                "config.extra UNKNOWN_PROPERTY",
                "config.source.type UNKNOWN_TYPE",
                "config.processors[0].type UNKNOWN_TYPE",
                "config.processors[1].options.target UNKNOWN_PROPERTY",
                "config.processors[1].options.field INVALID_PATH",
                "config.processors[1].options.targetField REQUIRED",
                "config.processors[2].onFailure[0].options.field REQUIRED",
                "config.processors[2].options.pattern INVALID_PATTERN",
                "config.destination.options.path UNKNOWN_PROPERTY",
                "config.errorPolicy.maxFailedRecords INVALID_VALUE",
                "config.errorPolicy.maxFailedPercent INVALID_VALUE",
            ],
            [.. compiled.Error.Details.Select(detail => $"{detail.Field} {detail.Code}").OrderBy(line => OrderOf(line))]);
        Assert.Contains("Did you mean lowercase?", Detail(compiled.Error, "config.processors[0].type").Message, StringComparison.Ordinal);
        Assert.Contains("Did you mean targetField?", Detail(compiled.Error, "config.processors[1].options.target").Message, StringComparison.Ordinal);
        Assert.Contains("positive lookahead", Detail(compiled.Error, "config.processors[2].options.pattern").Message, StringComparison.Ordinal);

        static int OrderOf(string line) => line.Contains("extra", StringComparison.Ordinal) ? 0
            : line.Contains("source", StringComparison.Ordinal) ? 1
            : line.Contains("processors[0]", StringComparison.Ordinal) ? 2
            : line.Contains("processors[1]", StringComparison.Ordinal) ? 3
            : line.Contains("processors[2]", StringComparison.Ordinal) ? 4
            : line.Contains("destination", StringComparison.Ordinal) ? 5 : 6;
    }

    [Theory]
    [InlineData("5", "config INVALID_TYPE")]
    [InlineData("null", "config REQUIRED")]
    [InlineData("{}", "config.source REQUIRED;config.processors REQUIRED;config.destination REQUIRED")]
    [InlineData("""{"source":{},"processors":null,"destination":{"type":null} }""", "config.source.type REQUIRED;config.processors REQUIRED;config.destination.type REQUIRED")]
    [InlineData("""{"source":1,"processors":{},"destination":[],"errorPolicy":2}""", "config.source INVALID_TYPE;config.processors INVALID_TYPE;config.destination INVALID_TYPE;config.errorPolicy INVALID_TYPE")]
    [InlineData("""{"source":{"type":"api","options":{"schema":{} } },"processors":[],"destination":{"type":"store"} }""", "config.source.options.schema UNKNOWN_PROPERTY")]
    [InlineData("""{"source":{"type":"api","option":{} },"processors":[],"destination":{"type":"stores"} }""", "config.source.option UNKNOWN_PROPERTY;config.destination.type UNKNOWN_TYPE")]
    [InlineData("""{"source":{"type":"api"},"processors":[],"destination":{"type":"store"},"errorPolicy":{"maxFailedRecords":1.5,"maxFailedPercent":"1","x":0} }""", "config.errorPolicy.x UNKNOWN_PROPERTY;config.errorPolicy.maxFailedRecords INVALID_TYPE;config.errorPolicy.maxFailedPercent INVALID_TYPE")]
    [InlineData("""{"source":{"type":"api"},"source":{"type":"api"},"processors":[],"destination":{"type":"store"} }""", "config.source DUPLICATE_PROPERTY")]
    [InlineData("""{"source":{"type":"api\ud800"},"processors":[],"destination":{"type":"store"} }""", "config INVALID_VALUE")]
    public void Compile_RefusesABadConfiguration(string config, string expected) => Assert.Equal(expected, Faults(Engine.CompileConfig(config).Error!));

    [Theory]
    [InlineData("5", "config.processors[0] INVALID_TYPE")]
    [InlineData("{}", "config.processors[0].type REQUIRED")]
    [InlineData("""{"type":7}""", "config.processors[0].type INVALID_TYPE")]
    [InlineData("""{"type":"drop","options":[]}""", "config.processors[0].options INVALID_TYPE")]
    [InlineData("""{"type":"drop","options":{"x":1} }""", "config.processors[0].options.x UNKNOWN_PROPERTY")]
    [InlineData("""{"type":"drop","tag":1,"description":2,"ignoreFailure":"yes","when":{} }""", "config.processors[0].when UNKNOWN_PROPERTY;config.processors[0].tag INVALID_TYPE;config.processors[0].description INVALID_TYPE;config.processors[0].ignoreFailure INVALID_TYPE")]
    [InlineData("""{"type":"drop","onFailure":{} }""", "config.processors[0].onFailure INVALID_TYPE")]
    [InlineData("""{"type":"drop","onFailure":[{"type":"x","onFailure":[{"type":"y"}]}] }""", "config.processors[0].onFailure[0].onFailure[0].type UNKNOWN_TYPE;config.processors[0].onFailure[0].type UNKNOWN_TYPE")]
    [InlineData("""{"type":"set"}""", "config.processors[0].options.field REQUIRED")]
    [InlineData("""{"type":"set","options":{"field":"a"} }""", "config.processors[0].options.value REQUIRED")]
    [InlineData("""{"type":"set","options":{"field":null,"value":null} }""", "config.processors[0].options.field REQUIRED")]
    [InlineData("""{"type":"set","options":{"field":"a","value":1,"copyFrom":"b"} }""", "config.processors[0].options.copyFrom INVALID_VALUE")]
    [InlineData("""{"type":"set","options":{"field":"a","value":{"b":1,"b":2} } }""", "config.processors[0].options.value.b DUPLICATE_PROPERTY")]
    [InlineData("""{"type":"set","options":{"field":"a","value":"{{b"} }""", "config.processors[0].options.value INVALID_TEMPLATE")]
    [InlineData("""{"type":"set","options":{"field":"a","value":["{{b..c}}"]} }""", "config.processors[0].options.value INVALID_TEMPLATE")]
    [InlineData("""{"type":"set","options":{"field":"a","value":{"x":"{{{b}}}"} } }""", "config.processors[0].options.value INVALID_TEMPLATE")]
    [InlineData("""{"type":"set","options":{"field":"a","value":1,"override":"no"} }""", "config.processors[0].options.override INVALID_TYPE")]
    [InlineData("""{"type":"set","options":{"field":"{{a}}","value":1} }""", "config.processors[0].options.field TEMPLATE_NOT_ALLOWED")]
    [InlineData("""{"type":"fail","options":{"message":5} }""", "config.processors[0].options.message INVALID_TYPE")]
    [InlineData("""{"type":"fail","options":{"message":"{{}}"} }""", "config.processors[0].options.message INVALID_TEMPLATE")]
    [InlineData("""{"type":"append","options":{"field":"a","value":null} }""", "config.processors[0].options.value REQUIRED")]
    [InlineData("""{"type":"copy","options":{"sourceField":"a","targetField":"['a']"} }""", "config.processors[0].options.targetField INVALID_VALUE")]
    [InlineData("""{"type":"remove"}""", "config.processors[0].options.field REQUIRED")]
    [InlineData("""{"type":"remove","options":{"field":"a","keep":"b"} }""", "config.processors[0].options.keep INVALID_VALUE")]
    [InlineData("""{"type":"remove","options":{"field":[]} }""", "config.processors[0].options.field REQUIRED")]
    [InlineData("""{"type":"remove","options":{"keep":[]} }""", "config.processors[0].options.keep REQUIRED")]
    [InlineData("""{"type":"remove","options":{"field":["a",5,"b."]} }""", "config.processors[0].options.field[1] INVALID_TYPE;config.processors[0].options.field[2] INVALID_PATH")]
    [InlineData("""{"type":"convert","options":{"field":"a","type":"int"} }""", "config.processors[0].options.type INVALID_VALUE")]
    [InlineData("""{"type":"convert","options":{"field":"a","type":1} }""", "config.processors[0].options.type INVALID_TYPE")]
    [InlineData("""{"type":"split","options":{"field":"a","separator":"("} }""", "config.processors[0].options.separator INVALID_PATTERN")]
    [InlineData("""{"type":"split","options":{"field":"a","separator":"((a{1000}){1000}){1000}"} }""", "config.processors[0].options.separator INVALID_PATTERN")]
    [InlineData("""{"type":"gsub","options":{"field":"a","pattern":"(a)\\1","replacement":"{{x}}"} }""", "config.processors[0].options.pattern INVALID_PATTERN;config.processors[0].options.replacement TEMPLATE_NOT_ALLOWED")]
    public void Compile_RefusesABadProcessor(string processor, string expected) => Assert.Equal(expected, Faults(Engine.Compile(processor).Error!));

    [Theory]
    [InlineData("5", "if INVALID_TYPE")]
    [InlineData("{}", "if.field REQUIRED;if REQUIRED")]
    [InlineData("""{"field":"a"}""", "if REQUIRED")]
    [InlineData("""{"field":"a","equals":1,"exists":true}""", "if INVALID_VALUE")]
    [InlineData("""{"field":"a","equal":1}""", "if.equal UNKNOWN_PROPERTY;if REQUIRED")]
    [InlineData("""{"field":"a..b","equals":1}""", "if.field INVALID_PATH")]
    [InlineData("""{"field":1,"equals":1}""", "if.field INVALID_TYPE")]
    [InlineData("""{"field":"a","in":1}""", "if.in INVALID_TYPE")]
    [InlineData("""{"field":"a","exists":"yes"}""", "if.exists INVALID_TYPE")]
    [InlineData("""{"field":"a","greaterThan":true}""", "if.greaterThan INVALID_TYPE")]
    [InlineData("""{"field":"a","startsWith":1}""", "if.startsWith INVALID_TYPE")]
    [InlineData("""{"field":"a","endsWith":1}""", "if.endsWith INVALID_TYPE")]
    [InlineData("""{"field":"a","matches":"(?!x)"}""", "if.matches INVALID_PATTERN")]
    [InlineData("""{"field":"a","type":"text"}""", "if.type INVALID_VALUE")]
    [InlineData("""{"field":"a","type":null}""", "if.type INVALID_TYPE")]
    [InlineData("""{"all":{} }""", "if.all INVALID_TYPE")]
    [InlineData("""{"any":[]}""", "if.any REQUIRED")]
    [InlineData("""{"all":[{"field":"a","exists":true},{"not":{"field":"b"} }],"field":"c"}""", "if.field UNKNOWN_PROPERTY;if.all[1].not REQUIRED")]
    public void Compile_RefusesABadCondition(string condition, string expected) =>
        Assert.Equal(expected, Faults(Engine.Compile($$"""{"type":"drop","if":{{condition}} }""").Error!).Replace("config.processors[0].", "", StringComparison.Ordinal));

    [Fact]
    public void Compile_TakesWhatAConstructorThrowsForARefusal()
    {
        var path = string.Join('.', Enumerable.Repeat("a", 64));
        Assert.Equal("config.processors[0].options INVALID_VALUE", Faults(Engine.Compile(Engine.Step("extract", $$"""{"field":"a","pattern":"(?<x>y)","targetField":"{{path}}"}""")).Error!));
    }

    [Fact]
    public void Compile_TakesAtMost100Processors()
    {
        Assert.True(Engine.Compile(string.Join(',', Enumerable.Repeat("""{"type":"drop"}""", 100))).IsSuccess);
        Assert.Equal("config.processors TOO_MANY", Faults(Engine.Compile(string.Join(',', Enumerable.Repeat("""{"type":"drop"}""", 101))).Error!));
    }

    [Fact]
    public void Compile_TakesNullForWhatMayBeAbsent() => Assert.True(Engine.CompileConfig(
        """
        { "source": { "type": "api", "options": null }, "destination": { "type": "store", "options": {} }, "errorPolicy": { "maxFailedRecords": null, "maxFailedPercent": null },
          "processors": [ { "type": "trim", "tag": null, "description": null, "if": null, "ignoreFailure": null, "onFailure": null, "options": { "field": "a", "targetField": null } } ] }
        """).IsSuccess);

    [Fact]
    public void Compile_ReadsTheErrorPolicy()
    {
        var compiled = Engine.CompileConfig("""{"source":{"type":"api"},"processors":[],"destination":{"type":"store"},"errorPolicy":{"maxFailedRecords":0,"maxFailedPercent":12.5} }""");
        Assert.Equal(new ErrorPolicy(0, 12.5), compiled.Value.Policy);
        Assert.Equal(ErrorPolicy.Unbounded, Engine.Compile("").Value.Policy);
    }

    [Fact]
    public void Compile_WithARandomlyDamagedConfiguration_Answers()
    {
        var whole = Engine.Config("""{"type":"convert","tag":"t","if":{"all":[{"field":"a","in":[1,"x"]},{"not":{"field":"b","matches":"x+"}}]},"onFailure":[{"type":"set","options":{"field":"e","value":"{{failure.message}}"}}],"options":{"field":"a","type":"double"}}""");
        string[] parts = ["5", "null", "\"x\"", "[]", "{}", "true", "[[1]]", "{\"type\":\"set\"}", "1e999"];
        for (var at = 0; at < whole.Length; at++)
        {
            foreach (var part in parts)
            {
                var damaged = ReplaceValueAt(whole, at, part);
                if (damaged is not null) _ = Engine.CompileConfig(damaged).Error?.Details.Count;
            }
        }
    }

    private static string? ReplaceValueAt(string json, int at, string part)
    {
        var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(json));
        while (reader.Read())
        {
            if (reader.TokenStartIndex != at || reader.TokenType is JsonTokenType.PropertyName or JsonTokenType.EndArray or JsonTokenType.EndObject) continue;
            reader.Skip();
            return string.Concat(json.AsSpan(0, at), part, json.AsSpan((int)reader.BytesConsumed));
        }

        return null;
    }

    private static ErrorDetail Detail(Error error, string field) => error.Details.Single(detail => detail.Field == field);

    private static string Faults(Error error) => string.Join(';', error.Details.Select(detail => $"{detail.Field} {detail.Code}"));
}
