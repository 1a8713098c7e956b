using DataPipeline.Application.Processing;
using DataPipeline.Application.Tests.Processing;

namespace DataPipeline.Application.Tests.Processors;

/// <summary>The validate processor, and the schema of a source.</summary>
public sealed class ValidateTests
{
    private const string Schema = """{"type":"object","required":["id"],"properties":{"id":{"type":"string"},"items":{"items":{"minimum":1}}},"additionalProperties":false}""";

    [Theory]
    [InlineData("""{"id":"a"}""")]
    [InlineData("""{ "id":"a" , "items":[1,2.50,12345678901234567890] }""")]
    public void ARecordThatMatches_GoesOnAsItIs(string record) => Assert.Equal(record, Engine.RunStep("validate", $$"""{"schema":{{Schema}}}""", record));

    [Fact]
    public void ARecordThatDoesNotMatch_FailsWithEverythingThatIsWrong()
    {
        var (verdict, json) = Engine.RunRecord(Engine.Step("validate", $$"""{"schema":{{Schema}}}"""), """{"items":[0,1,{},-1],"x":null}""");

        Assert.Equal((Ending.Failed, "SCHEMA_VIOLATION", "/items/0: Expected a number of at least 1, but found 0."), (verdict.Ending, verdict.Code, verdict.Message));
        Assert.Equal(
            [
                ("/items/0", "MINIMUM", "Expected a number of at least 1, but found 0."),
                ("/items/3", "MINIMUM", "Expected a number of at least 1, but found -1."),
                ("/x", "ADDITIONAL_PROPERTIES", "Expected nothing to stand here, but found null."),
                ("/id", "REQUIRED", "Expected an object with the property \"id\", but found {\"items\":[0,1,{},-1],\"x\":null}."),
            ],
            verdict.Failure.Details.Select(detail => (detail.Field, detail.Code, detail.Message)));
        Assert.Equal("""{"items":[0,1,{},-1],"x":null}""", json);
    }

    [Theory]
    [InlineData("false", """{}""", "Expected nothing to stand here, but found {}.", " FALSE")]
    [InlineData("""{"maxProperties":0}""", """{"a":1}""", "Expected an object with no property, but found {\"a\":1}.", " MAX_PROPERTIES")]
    [InlineData("""{"properties":{"a":{"$ref":"#/$defs/no"}},"$defs":{"no":false}}""", """{"a":1}""", "/a: Expected nothing to stand here, but found 1.", "/a FALSE")]
    [InlineData("""{"dependentRequired":{"a":["b/c"]}}""", """{"a":1}""", "/b~1c: Expected an object with the property \"b/c\", because it has \"a\", but found {\"a\":1}.", "/b~1c DEPENDENT_REQUIRED")]
    [InlineData("""{"properties":{"a":{"not":{}}}}""", """{"a":1}""", "/a: Expected a value that does not match the schema of not, but found 1.", "/a NOT")]
    public void TheCode_IsTheKeyword_AndTheMessageNamesThePlace(string schema, string record, string message, string detail)
    {
        var verdict = Engine.RunRecord(Engine.Step("validate", $$"""{"schema":{{schema}}}"""), record).Verdict;

        Assert.Equal(message, verdict.Message);
        Assert.Equal(detail, Assert.Single(verdict.Failure.Details.Select(d => $"{d.Field} {d.Code}")));
    }

    [Fact]
    public void RequiredFields_MustNotBeMissing()
    {
        var step = Engine.Step("validate", """{"required":["customer.email","items.0","['a/b']"]}""");

        Assert.Equal("""{"customer":{"email":""},"items":[0],"a/b":false}""", Engine.Run(step, """{"customer":{"email":""},"items":[0],"a/b":false}"""));
        var verdict = Engine.RunRecord(step, """{"customer":{"email":null},"items":[]}""").Verdict;
        Assert.Equal(("SCHEMA_VIOLATION", "/customer/email: customer.email is missing."), (verdict.Code, verdict.Message));
        Assert.Equal(["/customer/email REQUIRED", "/items/0 REQUIRED", "/a~1b REQUIRED"], verdict.Failure.Details.Select(detail => $"{detail.Field} {detail.Code}"));
    }

    [Fact]
    public void SchemaAndRequired_AreToldTogether() => Assert.Equal(
        ["/a TYPE", "/b REQUIRED"],
        Engine.RunRecord(Engine.Step("validate", """{"required":["b"],"schema":{"properties":{"a":{"type":"string"}}}}"""), """{"a":1}""").Verdict.Failure.Details.Select(detail => $"{detail.Field} {detail.Code}"));

    [Fact]
    public void TheRecord_IsCheckedAsItIsByThen() => Assert.Equal(
        "SCHEMA_VIOLATION /total: Expected a number less than 5, but found 7.",
        Engine.Run($"{Engine.Step("set", """{"field":"total","value":7}""")},{Engine.Step("validate", """{"schema":{"properties":{"total":{"exclusiveMaximum":5}}}}""")}", """{"total":1}"""));

    [Fact]
    public void AFailure_CanBeHandled() => Assert.Equal(
        """{"a":1,"why":"SCHEMA_VIOLATION /a: Expected a string, but found 1."}""",
        Engine.Run("""{"type":"validate","options":{"schema":{"properties":{"a":{"type":"string"}}}},"onFailure":[{"type":"set","options":{"field":"why","value":"{{failure.code}} {{failure.message}}"}}]}""", """{"a":1}"""));

    [Fact]
    public void TextsOfASchema_AreNoTemplates() =>
        Assert.Equal("""{"a":"{{b}}"}""", Engine.RunStep("validate", """{"schema":{"description":"{{x}}","properties":{"a":{"const":"{{b}}"}}}}""", """{"a":"{{b}}"}"""));

    [Theory]
    [InlineData("{}", "config.processors[0].options.schema", "REQUIRED")]
    [InlineData("""{"required":[]}""", "config.processors[0].options.schema", "REQUIRED")]
    [InlineData("""{"schema":null}""", "config.processors[0].options.schema", "REQUIRED")]
    [InlineData("""{"schema":1}""", "config.processors[0].options.schema", "INVALID_TYPE")]
    [InlineData("""{"required":"a"}""", "config.processors[0].options.required", "INVALID_TYPE")]
    [InlineData("""{"required":["a..b"]}""", "config.processors[0].options.required[0]", "INVALID_PATH")]
    [InlineData("""{"required":["{{a}}"]}""", "config.processors[0].options.required[0]", "TEMPLATE_NOT_ALLOWED")]
    [InlineData("""{"schema":{"properties":{"a":{"allOf":[{},{"minimun":1}]}}}}""", "config.processors[0].options.schema.properties.a.allOf[1].minimun", "UNKNOWN_KEYWORD")]
    [InlineData("""{"schema":{"unevaluatedProperties":false}}""", "config.processors[0].options.schema.unevaluatedProperties", "UNKNOWN_KEYWORD")]
    [InlineData("""{"schema":{"$ref":"#/$defs/a"}}""", "config.processors[0].options.schema.$ref", "INVALID_REFERENCE")]
    public void AConfiguration_IsCheckedWhereItIsWrong(string options, string field, string code)
    {
        var fault = Engine.Fault("validate", options);
        Assert.Equal((field, code), (fault.Field, fault.Code));
    }

    [Fact]
    public void AMistypedKeyword_ComesWithTheNearestOne() =>
        Assert.StartsWith("\"minimun\" is no keyword that is supported. Did you mean minimum?", Engine.Fault("validate", """{"schema":{"minimun":1}}""").Message, StringComparison.Ordinal);

    [Fact]
    public void AllFaultsOfASource_AreTold()
    {
        var compiled = Engine.CompileConfig("""{"source":{"type":"api","options":{"recordSchema":{"type":"objekt","foo":1},"recordShema":{}}},"processors":[],"destination":{"type":"store"}}""");

        Assert.Equal(
            ["config.source.options.recordSchema.foo UNKNOWN_KEYWORD", "config.source.options.recordSchema.type INVALID_VALUE", "config.source.options.recordShema UNKNOWN_PROPERTY"],
            compiled.Error!.Details.Select(detail => $"{detail.Field} {detail.Code}").Order(StringComparer.Ordinal));
        Assert.Contains("Did you mean recordSchema?", compiled.Error.Details.Single(detail => detail.Code == "UNKNOWN_PROPERTY").Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TheCatalogue_ShowsTheSourceWithASchema()
    {
        var listed = await new ListComponentsHandler(Engine.Processors, Destinations.DestinationConfig.Destinations, new NoPlugins()).Handle(new ListComponents(ComponentKind.Source), TestContext.Current.CancellationToken);

        var api = Assert.Single(listed.Value);
        Assert.True(api.OptionsSchema!.Value.GetProperty("properties").TryGetProperty("recordSchema", out _));
        var compiled = Engine.CompileConfig($$"""{"source":{{api.Example!.Value.GetRawText()}},"processors":[],"destination":{"type":"store"} }""");
        Assert.True(compiled.IsSuccess, string.Join('\n', compiled.Error?.Details ?? []));
        Assert.Empty(compiled.Value.RecordSchema!.ViolationsOf(Domain.Processing.Record.Of(JsonValues.ToRecordValue(api.ExampleRecord!.Value))));
    }

    private sealed class NoPlugins : IPlugins
    {
        public IReadOnlyList<Plugin> All => [];
    }
}
