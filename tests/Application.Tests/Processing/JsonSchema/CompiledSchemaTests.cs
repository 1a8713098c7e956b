using System.Diagnostics;
using System.Text;
using System.Text.Json;
using DataPipeline.Application.Processing.JsonSchema;
using DataPipeline.Domain.Processing;

namespace DataPipeline.Application.Tests.Processing.JsonSchema;

public class CompiledSchemaTests
{
    /// <summary>What a customer would write for an order of about 300 bytes.</summary>
    private const string OrderSchema = """
        {
          "$schema": "https://json-schema.org/draft/2020-12/schema",
          "type": "object",
          "required": ["id", "customer", "amount", "currency", "createdAt", "items"],
          "properties": {
            "id": { "type": "string", "pattern": "^ord_[0-9a-f]{8}$" },
            "customer": {
              "type": "object",
              "required": ["email"],
              "properties": { "name": { "type": "string", "minLength": 1, "maxLength": 100 }, "email": { "type": "string", "format": "email" } },
              "additionalProperties": false
            },
            "amount": { "type": "number", "minimum": 0, "multipleOf": 0.01 },
            "currency": { "enum": ["EUR", "USD", "GBP"] },
            "createdAt": { "type": "string", "format": "date-time" },
            "paid": { "type": "boolean" },
            "note": { "type": ["string", "null"] },
            "items": {
              "type": "array",
              "minItems": 1,
              "items": { "type": "object", "required": ["sku", "quantity"], "properties": { "sku": { "type": "string" }, "quantity": { "type": "integer", "minimum": 1 } } }
            }
          },
          "additionalProperties": false
        }
        """;

    private const string Order = """{"id":"ord_12ab34cd","customer":{"name":"Jürgen Example","email":"juergen@example.com"},"amount":1234.50,"currency":"EUR","createdAt":"2025-03-01T12:30:45.123Z","paid":true,"note":null,"items":[{"sku":"A-1000-X","quantity":2},{"sku":"B-2000-Y","quantity":1},{"sku":"C-3000-Z","quantity":12}]}""";

    [Fact]
    public void Validate_TellsAllViolations_WithPointerKeywordAndValue()
    {
        var schema = Some.Schema(OrderSchema);
        var violations = schema.Validate(Some.Value(
            """{"id":"ord_1","customer":{"name":"","phone":1},"amount":-1.005,"currency":"CHF","createdAt":"yesterday","note":5,"items":[{"sku":1,"quantity":1.5},{"sku":"x"}],"a/b~c":{}}"""));
        Assert.Equal(
            [
                ("/id", "pattern", "Expected a string that matches the pattern ^ord_[0-9a-f]{8}$, but found \"ord_1\"."),
                ("/customer/name", "minLength", "Expected a string of at least 1 character, but found \"\"."),
                ("/customer/phone", "additionalProperties", "Expected nothing to stand here, but found 1."),
                ("/customer/email", "required", "Expected an object with the property \"email\", but found {\"name\":\"\",\"phone\":1}."),
                ("/amount", "minimum", "Expected a number of at least 0, but found -1.005."),
                ("/amount", "multipleOf", "Expected a number that is a multiple of 0.01, but found -1.005."),
                ("/currency", "enum", "Expected one of \"EUR\", \"USD\", \"GBP\", but found \"CHF\"."),
                ("/createdAt", "format", "Expected a string in the format date-time, but found \"yesterday\"."),
                ("/note", "type", "Expected a string or null, but found 5."),
                ("/items/0/sku", "type", "Expected a string, but found 1."),
                ("/items/0/quantity", "type", "Expected an integer, but found 1.5."),
                ("/items/1/quantity", "required", "Expected an object with the property \"quantity\", but found {\"sku\":\"x\"}."),
                ("/a~1b~0c", "additionalProperties", "Expected nothing to stand here, but found {}."),
            ],
            violations.Select(violation => (violation.Location, violation.Keyword, violation.Message)));
    }

    [Theory]
    [InlineData("false", "1", "", "false", "Expected nothing to stand here, but found 1.")]
    [InlineData("""{"const":{"a":1}}""", "[]", "", "const", "Expected {\"a\":1}, but found [].")]
    [InlineData("""{"maximum":1e3}""", "1001", "", "maximum", "Expected a number of at most 1e3, but found 1001.")]
    [InlineData("""{"exclusiveMinimum":0}""", "0.0", "", "exclusiveMinimum", "Expected a number greater than 0, but found 0.0.")]
    [InlineData("""{"exclusiveMaximum":0}""", "0", "", "exclusiveMaximum", "Expected a number less than 0, but found 0.")]
    [InlineData("""{"maxLength":0}""", "\"a\"", "", "maxLength", "Expected a string of no character, but found \"a\".")]
    [InlineData("""{"minItems":2}""", "[1]", "", "minItems", "Expected an array with at least 2 elements, but found [1].")]
    [InlineData("""{"maxItems":1}""", "[1,2]", "", "maxItems", "Expected an array with at most 1 element, but found [1,2].")]
    [InlineData("""{"minProperties":1}""", "{}", "", "minProperties", "Expected an object with at least 1 property, but found {}.")]
    [InlineData("""{"maxProperties":0}""", """{"a":1}""", "", "maxProperties", "Expected an object with no property, but found {\"a\":1}.")]
    [InlineData("""{"uniqueItems":true}""", "[1,2,1.0]", "", "uniqueItems", "Expected an array without equal elements (that at /2 repeats one), but found [1,2,1.0].")]
    [InlineData("""{"contains":{"const":1}}""", "[2]", "", "contains", "Expected an array with at least 1 element that matches the schema of contains, but found [2].")]
    [InlineData("""{"contains":{"const":1},"minContains":2}""", "[1]", "", "minContains", "Expected an array with at least 2 elements that match the schema of contains, but found [1].")]
    [InlineData("""{"contains":{"const":1},"maxContains":1}""", "[1,1]", "", "maxContains", "Expected an array with at most 1 element that matches the schema of contains, but found [1,1].")]
    [InlineData("""{"items":{"items":false}}""", "[[],[1]]", "/1/0", "items", "Expected nothing to stand here, but found 1.")]
    [InlineData("""{"prefixItems":[true,false]}""", "[1,2]", "/1", "prefixItems", "Expected nothing to stand here, but found 2.")]
    [InlineData("""{"propertyNames":{"maxLength":2}}""", """{"abc":1}""", "/abc", "maxLength", "Expected a string of at most 2 characters, but found \"abc\".")]
    [InlineData("""{"properties":{"a":{"propertyNames":false}}}""", """{"a":{"\u0062":1}}""", "/a/b", "propertyNames", "Expected nothing to stand here, but found \"\\u0062\".")]
    [InlineData("""{"dependentRequired":{"a":["b"]}}""", """{"a":1}""", "/b", "dependentRequired", "Expected an object with the property \"b\", because it has \"a\", but found {\"a\":1}.")]
    [InlineData("""{"anyOf":[{"type":"string"},{"type":"null"}]}""", "1", "", "anyOf", "Expected a value that matches at least one of the 2 schemas of anyOf, but found 1.")]
    [InlineData("""{"oneOf":[{"minimum":1},{"minimum":2},{"minimum":3}]}""", "4", "", "oneOf", "Expected a value that matches exactly one of the 3 schemas of oneOf, not 3, but found 4.")]
    [InlineData("""{"not":{"type":"string"}}""", "\"a\"", "", "not", "Expected a value that does not match the schema of not, but found \"a\".")]
    [InlineData("""{"if":true,"then":{"type":["array","integer","boolean"]}}""", "\"a\"", "", "type", "Expected an array or an integer or a boolean, but found \"a\".")]
    [InlineData("""{"properties":{"":{"$ref":"#/$defs/a"}},"$defs":{"a":{"allOf":[{"type":"object"}]}}}""", """{"":null}""", "/", "type", "Expected an object, but found null.")]
    public void Violation_SaysWhatWasExpected(string schema, string value, string location, string keyword, string message)
    {
        var violation = Assert.Single(Some.Schema(schema).Validate(Some.Value(value)));
        Assert.Equal((location, keyword, message), (violation.Location, violation.Keyword, violation.Message));
    }

    [Fact]
    public void Violation_OfALongValue_ShowsIts200FirstCharacters()
    {
        var violation = Assert.Single(Some.Schema("""{"maxLength":3}""").Validate(Some.Value($"\"{new string('é', 500)}\"")));
        Assert.Equal($"Expected a string of at most 3 characters, but found \"{new string('é', 199)}….", violation.Message);
        violation = Assert.Single(Some.Schema("""{"maxLength":3}""").Validate(Some.Value($"\"{string.Concat(Enumerable.Repeat("😀", 500))}\"")));
        Assert.Equal($"Expected a string of at most 3 characters, but found \"{string.Concat(Enumerable.Repeat("😀", 99))}….", violation.Message);
    }

    [Fact]
    public void Violation_OfALongEnum_ShowsItsFirstValues()
    {
        var values = string.Join(',', Enumerable.Range(0, 1_000).Select(i => $"\"value{i}\""));
        var message = Assert.Single(Some.Schema($$"""{"enum":[{{values}}]}""").Validate(Some.Value("1"))).Message;
        Assert.StartsWith("Expected one of \"value0\", \"value1\", ", message, StringComparison.Ordinal);
        Assert.InRange(message.Length, 200, 250);
    }

    [Fact]
    public void Violations_AreAtMost100()
    {
        var schema = Some.Schema("""{"items":{"allOf":[{"type":"string"},{"minimum":5},{"enum":["a"]}]}}""");
        var violations = schema.Validate(Some.Value($"[{string.Join(',', Enumerable.Repeat("1", 50_000))}]"));
        Assert.Equal(CompiledSchema.MaxViolations, violations.Count);
        Assert.Equal(["/0", "/0", "/0", "/1"], violations.Take(4).Select(violation => violation.Location));
    }

    [Fact]
    public void Violations_AtLongPlaces_AreFewer_AndLongNamesAreCut()
    {
        var name = new string('n', 500_000);
        var violations = Some.Schema("""{"additionalProperties":{"items":{"type":"string"}}}""").Validate(Some.Value($$"""{"{{name}}":[{{string.Join(',', Enumerable.Repeat("1", 200))}}]}"""));
        Assert.Equal($"/{name}/0", Assert.Single(violations).Location);

        var missing = Assert.Single(Some.Schema($$"""{"required":["{{name}}"]}""").Validate(Some.Value("{}")));
        Assert.Equal($"/{name}", missing.Location);
        Assert.Equal($"Expected an object with the property \"{new string('n', 200)}…\", but found {{}}.", missing.Message);
    }

    [Fact]
    public void IsValid_OfAMatchingRecord_AllocatesNothing()
    {
        var schema = Some.Schema(OrderSchema);
        var order = Some.Value(Order);

        // The code of the framework boxes here and there before it is compiled with optimization.
        var allocated = long.MaxValue;
        for (var clock = Stopwatch.StartNew(); allocated > 0 && clock.Elapsed < TimeSpan.FromSeconds(30);)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < 1_000; i++) Assert.True(schema.IsValid(order));
            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        }

        Assert.Equal(0, allocated);
    }

    [Fact]
    public void IsValid_FromManyThreads_IsRight()
    {
        var schema = Some.Schema(OrderSchema);
        var good = Some.Value(Order);
        var bad = Some.Value(Order.Replace("EUR", "eur", StringComparison.Ordinal));
        Parallel.For(0, 20_000, i => Assert.Equal(i % 2 == 0, schema.IsValid(i % 2 == 0 ? good : bad)));
    }

    [Fact]
    public void IsValid_AfterALargeRecord_DoesNotHoldItsMemory()
    {
        var schema = Some.Schema("""{"items":{"type":"string","pattern":"a"}}""");
        var large = Some.Value($"[\"{new string('a', 200_000)}\",{string.Join(',', Enumerable.Repeat("\"a\"", 50_000))}]");
        Assert.True(schema.IsValid(large));
        Assert.True(schema.IsValid(Some.Value("[\"a\"]")));
        Assert.False(schema.IsValid(Some.Value("[\"b\"]")));
    }

    [Theory]
    [InlineData("anyOf")]
    [InlineData("oneOf")]
    [InlineData("allOf")]
    public void References_ThatMultiply_AreCheckedOnceForEachValue(string keyword)
    {
        const int Levels = 60;
        var definitions = string.Join(',', Enumerable.Range(0, Levels).Select(i => $$"""  "d{{i}}":{"{{keyword}}":[{"$ref":"#/$defs/d{{i + 1}}"},{"$ref":"#/$defs/d{{i + 1}}"}]} """));
        var schema = Some.Schema($$"""{"$defs":{ {{definitions}}, "d{{Levels}}":{"type":"string"} },"$ref":"#/$defs/d0"}""");
        var clock = Stopwatch.StartNew();
        Assert.False(schema.IsValid(Some.Value("1")));
        Assert.NotEmpty(schema.Validate(Some.Value("1")));
        Assert.Equal(keyword != "oneOf", schema.IsValid(Some.Value("\"a\"")));
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(20), $"{clock.Elapsed}");
    }

    [Fact]
    public void References_ThatMultiplyAlongTheDepthOfTheValue_AreCheckedOnceForEachValue()
    {
        var schema = Some.Schema("""{"anyOf":[{"properties":{"c":{"$ref":"#"}},"required":["x"]},{"properties":{"c":{"$ref":"#"}},"required":["y"]},{"type":"null"}]}""");
        var value = Some.Value(string.Concat(Enumerable.Repeat("""{"c":""", 60)) + "1" + new string('}', 60));
        var clock = Stopwatch.StartNew();
        Assert.False(schema.IsValid(value));
        Assert.Equal("anyOf", Assert.Single(schema.Validate(value)).Keyword);
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(20), $"{clock.Elapsed}");
    }

    [Fact]
    public void Schemas_AppliedWithinEachOtherTooDeep_AreAViolation_NotACrash()
    {
        const int Links = 50;
        var definitions = string.Join(',', Enumerable.Range(0, Links).Select(i => $$"""  "d{{i}}":{"allOf":[{"not":{"not":{"$ref":"#/$defs/d{{i + 1}}"} } }]} """));
        var schema = Some.Schema($$"""{"$defs":{ {{definitions}}, "d{{Links}}":{"items":{"$ref":"#/$defs/d0"} } },"$ref":"#/$defs/d0"}""");
        var value = Some.Value(new string('[', 60) + new string(']', 60));
        var violations = new List<SchemaViolation>();
        var thread = new Thread(() => violations.AddRange(schema.Validate(value)), maxStackSize: 512 * 1024);
        thread.Start();
        thread.Join();
        Assert.Equal("Expected a value to which no more than 1000 schemas apply within each other.", Assert.Single(violations).Message);
        Assert.False(schema.IsValid(value));
        Assert.True(schema.IsValid(Some.Value("[[1]]")));
    }

    [Fact]
    public void Schemas_ThatTakeTooManySteps_AreAViolation_NotAnEndlessWait()
    {
        var schema = Some.Schema($$"""{"items":{"allOf":[{{string.Join(',', Enumerable.Repeat("""{"type":"integer"}""", 1_000))}}]} }""");
        var value = Some.Value($"[{string.Join(',', Enumerable.Repeat("1", 100_000))}]");
        Assert.Equal("Expected a value that takes no more than 10000000 steps to check.", Assert.Single(schema.Validate(value)).Message);
    }

    [Fact]
    public void Patterns_ThatTakeTooLongTogether_AreAViolation_NotAnEndlessWait()
    {
        var schema = Some.Schema("""{"items":{"not":{"pattern":"(?:.*a.{50}){20}c"}}}""");
        var value = Some.Value($"[{string.Join(',', Enumerable.Range(0, 400).Select(i => $"\"{i}{new string('a', 2_000)}\""))}]");
        var clock = Stopwatch.StartNew();
        Assert.Equal(SchemaViolation.TooComplex, Assert.Single(schema.Validate(value)).Keyword);
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(60), $"{clock.Elapsed}");
    }

    [Fact]
    public void Record_OfTheGreatestDepth_IsChecked()
    {
        var schema = Some.Schema("""{"type":"array","items":{"$ref":"#"}}""");
        Assert.True(schema.IsValid(Some.Value(new string('[', 64) + new string(']', 64))));
        Assert.Equal(string.Concat(Enumerable.Repeat("/0", 63)), Assert.Single(schema.Validate(Some.Value(new string('[', 63) + "1" + new string(']', 63)))).Location);
    }

    [Theory]
    [InlineData("""{"k":"{i}","x":[1,2]}""")]
    [InlineData("{i}.5")]
    [InlineData("[{i},{i}]")]
    public void UniqueItems_OfALargeArray_TakesNoQuadraticTime(string item)
    {
        var schema = Some.Schema("""{"uniqueItems":true}""");
        var items = Enumerable.Range(0, 100_000).Select(i => item.Replace("{i}", $"{i}", StringComparison.Ordinal)).ToList();
        var clock = Stopwatch.StartNew();
        Assert.True(schema.IsValid(Some.Value($"[{string.Join(',', items)}]")));
        items[99_999] = items[17];
        Assert.Contains("that at /99999 repeats", Assert.Single(schema.Validate(Some.Value($"[{string.Join(',', items)}]"))).Message, StringComparison.Ordinal);
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(20), $"{clock.Elapsed}");
    }

    [Fact]
    public void Objects_OfManyProperties_AreComparedInLinearTime()
    {
        var names = Enumerable.Range(0, 100_000).Select(i => $"\"a property of some length {i}\":{i}").ToList();
        var schema = Some.Schema($$"""{"const":{ {{string.Join(',', names)}} } }""");
        names.Reverse();
        var clock = Stopwatch.StartNew();
        Assert.True(schema.IsValid(Some.Value($"{{{string.Join(',', names)}}}")));
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(20), $"{clock.Elapsed}");
    }

    [Fact]
    public void Value_MadeRatherThanRead_IsCheckedAlike()
    {
        var schema = Some.Schema("""{"properties":{"a":{"const":"é\"\ud800"},"b":{"items":{"type":"integer"}}},"required":["a"]}""");
        var value = RecordValue.FromObject([new("a", RecordValue.From("é\"\ud800")), new("b", RecordValue.FromArray([RecordValue.From(1), RecordValue.From(2.5)]))]);
        Assert.Equal("/b/1", Assert.Single(schema.Validate(value)).Location);
    }

    [Fact]
    public void AbsentValue_IsAMistakeOfTheCaller() => Assert.ThrowsAny<JsonException>(() => Some.Schema("true").IsValid(RecordValue.Absent));

    [Fact]
    public void Schema_OutlivesTheDocumentItWasReadFrom()
    {
        var document = JsonDocument.Parse(Encoding.UTF8.GetBytes("""{"enum":["a",{"b":[1]}],"required":["x"]}"""));
        var schema = JsonSchemaCompiler.Compile(document.RootElement, "schema").Value;
        document.Dispose();
        Assert.True(schema.IsValid(Some.Value("\"a\"")));
        Assert.False(schema.IsValid(Some.Value("\"b\"")));
    }
}
