using System.Text.Json;
using DataPipeline.Application.Processing.JsonSchema;

namespace DataPipeline.Application.Tests.Processing.JsonSchema;

public class JsonSchemaCompilerTests
{
    [Theory]
    [InlineData("1", "schema", "INVALID_TYPE")]
    [InlineData("null", "schema", "INVALID_TYPE")]
    [InlineData("[]", "schema", "INVALID_TYPE")]
    [InlineData("""{"foo":1}""", "schema.foo", "UNKNOWN_KEYWORD")]
    [InlineData("""{"properties":{"a":{"items":{"tpye":"string"}}}}""", "schema.properties.a.items.tpye", "UNKNOWN_KEYWORD")]
    [InlineData("""{"$id":1}""", "schema.$id", "INVALID_TYPE")]
    [InlineData("""{"$id":"http://example.com/a#b"}""", "schema.$id", "INVALID_VALUE")]
    [InlineData("""{"$id":"http://["}""", "schema.$id", "INVALID_VALUE")]
    [InlineData("""{"$id":"http://example.com/a","$defs":{"b":{"$id":"a"}}}""", "schema.$defs.b.$id", "INVALID_VALUE")]
    [InlineData("""{"$anchor":1}""", "schema.$anchor", "INVALID_TYPE")]
    [InlineData("""{"$anchor":"#a"}""", "schema.$anchor", "INVALID_VALUE")]
    [InlineData("""{"$anchor":""}""", "schema.$anchor", "INVALID_VALUE")]
    [InlineData("""{"$anchor":"a","not":{"$anchor":"a"}}""", "schema.not.$anchor", "INVALID_VALUE")]
    [InlineData("""{"$defs":{"a":{"$id":"urn:a","$anchor":"x"}},"not":{"$ref":"#x"}}""", "schema.not.$ref", "INVALID_REFERENCE")]
    [InlineData("""{"$defs":{"a":{"$id":"urn:a","not":{"$ref":"#/$defs/b"}},"b":{}}}""", "schema.$defs.a.not.$ref", "INVALID_REFERENCE")]
    [InlineData("""{"$dynamicRef":"#a"}""", "schema.$dynamicRef", "UNKNOWN_KEYWORD")]
    [InlineData("""{"$dynamicAnchor":"a"}""", "schema.$dynamicAnchor", "UNKNOWN_KEYWORD")]
    [InlineData("""{"$vocabulary":{}}""", "schema.$vocabulary", "UNKNOWN_KEYWORD")]
    [InlineData("""{"unevaluatedProperties":false}""", "schema.unevaluatedProperties", "UNKNOWN_KEYWORD")]
    [InlineData("""{"unevaluatedItems":false}""", "schema.unevaluatedItems", "UNKNOWN_KEYWORD")]
    [InlineData("""{"dependentSchemas":{}}""", "schema.dependentSchemas", "UNKNOWN_KEYWORD")]
    [InlineData("""{"dependencies":{}}""", "schema.dependencies", "UNKNOWN_KEYWORD")]
    [InlineData("""{"definitions":{}}""", "schema.definitions", "UNKNOWN_KEYWORD")]
    [InlineData("""{"additionalItems":false}""", "schema.additionalItems", "UNKNOWN_KEYWORD")]
    [InlineData("""{"contentEncoding":"base64"}""", "schema.contentEncoding", "UNKNOWN_KEYWORD")]
    [InlineData("""{"$schema":"http://json-schema.org/draft-07/schema#"}""", "schema.$schema", "INVALID_VALUE")]
    [InlineData("""{"$schema":1}""", "schema.$schema", "INVALID_TYPE")]
    [InlineData("""{"title":1}""", "schema.title", "INVALID_TYPE")]
    [InlineData("""{"deprecated":"yes"}""", "schema.deprecated", "INVALID_TYPE")]
    [InlineData("""{"examples":1}""", "schema.examples", "INVALID_TYPE")]
    [InlineData("""{"type":"strin"}""", "schema.type", "INVALID_VALUE")]
    [InlineData("""{"type":[]}""", "schema.type", "INVALID_VALUE")]
    [InlineData("""{"type":["string","string"]}""", "schema.type[1]", "INVALID_VALUE")]
    [InlineData("""{"type":["string",1]}""", "schema.type[1]", "INVALID_TYPE")]
    [InlineData("""{"type":1}""", "schema.type", "INVALID_TYPE")]
    [InlineData("""{"enum":1}""", "schema.enum", "INVALID_TYPE")]
    [InlineData("""{"minimum":"1"}""", "schema.minimum", "INVALID_TYPE")]
    [InlineData("""{"multipleOf":0}""", "schema.multipleOf", "INVALID_VALUE")]
    [InlineData("""{"multipleOf":-1.5}""", "schema.multipleOf", "INVALID_VALUE")]
    [InlineData("""{"multipleOf":"2"}""", "schema.multipleOf", "INVALID_TYPE")]
    [InlineData("""{"minLength":-1}""", "schema.minLength", "INVALID_TYPE")]
    [InlineData("""{"maxLength":1.5}""", "schema.maxLength", "INVALID_TYPE")]
    [InlineData("""{"maxItems":"1"}""", "schema.maxItems", "INVALID_TYPE")]
    [InlineData("""{"minContains":-1}""", "schema.minContains", "INVALID_TYPE")]
    [InlineData("""{"uniqueItems":1}""", "schema.uniqueItems", "INVALID_TYPE")]
    [InlineData("""{"pattern":1}""", "schema.pattern", "INVALID_TYPE")]
    [InlineData("""{"pattern":"("}""", "schema.pattern", "INVALID_PATTERN")]
    [InlineData("""{"patternProperties":{"(?=a)":true}}""", "schema.patternProperties.(?=a)", "INVALID_PATTERN")]
    [InlineData("""{"format":"hostname"}""", "schema.format", "UNKNOWN_FORMAT")]
    [InlineData("""{"format":1}""", "schema.format", "INVALID_TYPE")]
    [InlineData("""{"items":[{}]}""", "schema.items", "INVALID_TYPE")]
    [InlineData("""{"prefixItems":{}}""", "schema.prefixItems", "INVALID_TYPE")]
    [InlineData("""{"prefixItems":[]}""", "schema.prefixItems", "INVALID_TYPE")]
    [InlineData("""{"prefixItems":[true,1]}""", "schema.prefixItems[1]", "INVALID_TYPE")]
    [InlineData("""{"allOf":[]}""", "schema.allOf", "INVALID_TYPE")]
    [InlineData("""{"oneOf":{"type":"null"}}""", "schema.oneOf", "INVALID_TYPE")]
    [InlineData("""{"properties":[]}""", "schema.properties", "INVALID_TYPE")]
    [InlineData("""{"properties":{"a":1}}""", "schema.properties.a", "INVALID_TYPE")]
    [InlineData("""{"required":"a"}""", "schema.required", "INVALID_TYPE")]
    [InlineData("""{"required":["a","b","a"]}""", "schema.required[2]", "INVALID_VALUE")]
    [InlineData("""{"dependentRequired":{"a":"b"}}""", "schema.dependentRequired.a", "INVALID_TYPE")]
    [InlineData("""{"dependentRequired":1}""", "schema.dependentRequired", "INVALID_TYPE")]
    [InlineData("""{"$defs":1}""", "schema.$defs", "INVALID_TYPE")]
    [InlineData("""{"$defs":{"unused":{"type":"x"}}}""", "schema.$defs.unused.type", "INVALID_VALUE")]
    [InlineData("""{"$ref":1}""", "schema.$ref", "INVALID_TYPE")]
    [InlineData("""{"$ref":"#/$defs/missing"}""", "schema.$ref", "INVALID_REFERENCE")]
    [InlineData("""{"$ref":"#name"}""", "schema.$ref", "INVALID_REFERENCE")]
    [InlineData("""{"$ref":""}""", "schema.$ref", "INVALID_REFERENCE")]
    [InlineData("""{"$ref":"https://json-schema.org/draft/2020-12/schema"}""", "schema.$ref", "INVALID_REFERENCE")]
    [InlineData("""{"$ref":"other.json#/$defs/a"}""", "schema.$ref", "INVALID_REFERENCE")]
    [InlineData("""{"$defs":{"a":{}},"$ref":"#/$defs"}""", "schema.$ref", "INVALID_REFERENCE")]
    [InlineData("""{"const":{"type":"string"},"not":{"$ref":"#/const"}}""", "schema.not.$ref", "INVALID_REFERENCE")]
    [InlineData("""{"$ref":"#"}""", "schema.$ref", "INVALID_REFERENCE")]
    [InlineData("""{"anyOf":[{"type":"string"},{"not":{"$ref":"#"}}]}""", "schema.anyOf[1].not.$ref", "INVALID_REFERENCE")]
    [InlineData("""{"$defs":{"loop":{"if":{"$ref":"#/$defs/loop"},"then":true}},"items":{"$ref":"#/$defs/loop"}}""", "schema.$defs.loop.if.$ref", "INVALID_REFERENCE")]
    public void Schema_ThatIsNotSupportedOrWrong_IsRefusedWhereItIs(string schema, string path, string code)
    {
        var detail = Assert.Single(Some.Refusals(schema));
        Assert.Equal((path, code), (detail.Field, detail.Code));
        Assert.EndsWith(".", detail.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Faults_AreToldAllAtOnce()
    {
        var faults = Some.Refusals("""{"type":"x","properties":{"a":{"minimum":"1"},"b":{"format":"f","pattern":"["}},"$ref":"#/nowhere","foo":1,"required":[1,2]}""");
        Assert.Equal(
            ["schema.$ref", "schema.foo", "schema.properties.a.minimum", "schema.properties.b.format", "schema.properties.b.pattern", "schema.required[0]", "schema.required[1]", "schema.type"],
            faults.Select(fault => fault.Field).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Reference_InACycleThatNeverGoesIntoTheValue_IsRefusedAtEachOfItsLinks()
    {
        var faults = Some.Refusals("""{"$defs":{"a":{"$ref":"#/$defs/b"},"b":{"allOf":[{"$ref":"#/$defs/c"}]},"c":{"anyOf":[{"$ref":"#/$defs/a"}]},"before":{"$ref":"#/$defs/a"},"fine":{"properties":{"x":{"$ref":"#/$defs/fine"}}}}}""");
        Assert.Equal(["schema.$defs.a.$ref", "schema.$defs.b.allOf[0].$ref", "schema.$defs.c.anyOf[0].$ref"], faults.Select(fault => fault.Field).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Messages_SayWhatWouldBeRight()
    {
        Assert.Equal("minLength must be an integer of at least 0; it is -1.", Assert.Single(Some.Refusals("""{"minLength":-1}""")).Message);
        Assert.Equal("There is no type \"date\". Known: null, boolean, number, integer, string, array, object.", Assert.Single(Some.Refusals("""{"type":"date"}""")).Message);
        Assert.Equal("\"datetime\" is no format that is supported. Did you mean date-time? Known: date-time, date, time, email, uri, uuid, ipv4, ipv6.", Assert.Single(Some.Refusals("""{"format":"datetime"}""")).Message);
        Assert.StartsWith("\"definitions\" is no keyword that is supported. Did you mean $defs?", Assert.Single(Some.Refusals("""{"definitions":{}}""")).Message, StringComparison.Ordinal);
        Assert.StartsWith("\"maxlen\" is no keyword that is supported. Did you mean maxLength? Known: $ref, $defs, $id,", Assert.Single(Some.Refusals("""{"maxlen":1}""")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Schema_NestedTooDeeply_IsRefused()
    {
        var schema = string.Concat(Enumerable.Repeat("""{"not":""", 200)) + "{}" + new string('}', 200);
        Assert.Equal(("schema", "INVALID_VALUE"), Assert.Single(Some.Refusals(schema)) is var fault ? (fault.Field, fault.Code) : default);
    }

    [Fact]
    public void Schema_ThatWouldTakeTooMuchMemory_IsRefused()
    {
        var fault = Assert.Single(Some.Refusals($$"""{"allOf":[{{string.Join(',', Enumerable.Repeat("{}", 20_000))}}],"$ref":"#/allOf/19999"}"""));
        Assert.Equal(("schema.allOf[19999]", "TOO_MANY"), (fault.Field, fault.Code));

        fault = Assert.Single(Some.Refusals($$"""{"allOf":[{{string.Join(',', Enumerable.Range(0, 1_001).Select(i => $$"""{"pattern":"a{{i}}"}"""))}}]}"""));
        Assert.Equal(("schema.allOf[1000].pattern", "TOO_MANY"), (fault.Field, fault.Code));
    }

    [Fact]
    public void Faults_AreAtMost100() => Assert.Equal(100, Some.Refusals($$"""{{{string.Join(',', Enumerable.Range(0, 1_000).Select(i => $"\"a{i}\":1"))}},"$ref":"#/no"}""").Count);

    [Fact]
    public void MultipleOf_OfVeryManyDigits_IsRefused() => Assert.Equal("multipleOf may have at most 100 digits.", Assert.Single(Some.Refusals($$"""{"multipleOf":{{new string('3', 101)}}}""")).Message);

    [Fact]
    public void Schema_OfAWholeChainOfReferences_Compiles()
    {
        const int Links = 10_000;
        var definitions = string.Join(',', Enumerable.Range(0, Links).Select(i => $$"""  "d{{i}}":{"$ref":"#/$defs/d{{i + 1}}"} """));
        using var document = JsonDocument.Parse($$"""{"$defs":{ {{definitions}}, "d{{Links}}":true },"$ref":"#/$defs/d{{Links - 100}}"}""");
        var result = JsonSchemaCompiler.Compile(document.RootElement, "schema");
        Assert.True(result.IsSuccess);
        Assert.True(result.Value.IsValid(Some.Value("1")));
    }
}
