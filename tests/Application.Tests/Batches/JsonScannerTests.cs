using System.Text;
using System.Text.Json;
using CsCheck;
using DataPipeline.Application.Batches.Intake;

namespace DataPipeline.Application.Tests.Batches;

public sealed class JsonScannerTests
{
    private readonly JsonScanner _scanner = new();

    [Theory]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData(" [ ] ")]
    [InlineData("""{"a":[1,-0,0.5,1e5,-2.5E-3,true,false,null,"x",{}]}""")]
    [InlineData("""{ "a" : 1 , "b" : [ { } , [ ] ] }""")]
    [InlineData("""{"":"\"\\\/\b\f\n\r\t\u00e9\ud800"}""")]
    [InlineData("12345678901234567890123")]
    [InlineData("\"text\"")]
    public void Scan_OfWellFormedText_FindsItsEnd(string json)
    {
        Assert.Equal(ScanOutcome.Complete, Scan(json));
        Assert.Equal(json.TrimEnd().Length, _scanner.Position);
    }

    [Theory]
    [InlineData("{,}", 1, "',' stands where a property name is expected")]
    [InlineData("{\"a\":1,}", 7, "'}' stands where a property name is expected")]
    [InlineData("{\"a\" 1}", 5, "'1' stands where a colon is expected")]
    [InlineData("{\"a\":1 2}", 7, "'2' stands where a comma or the end of the object is expected")]
    [InlineData("[1 2]", 3, "'2' stands where a comma or the end of the array is expected")]
    [InlineData("[1,]", 3, "']' stands where a value is expected")]
    [InlineData("[1}", 2, "'}' stands where a comma or the end of the array is expected")]
    [InlineData("{\"a\":1]", 6, "']' stands where a comma or the end of the object is expected")]
    [InlineData("[01]", 2, "'1' stands where a comma or the end of the array is expected")]
    [InlineData("[+1]", 1, "'+' stands where a value is expected")]
    [InlineData("[.5]", 1, "'.' stands where a value is expected")]
    [InlineData("[1.]", 3, "']' stands where a digit is expected")]
    [InlineData("[1e]", 3, "']' stands where a digit is expected")]
    [InlineData("[-]", 2, "']' stands where a digit is expected")]
    [InlineData("[nul]", 4, "']' stands within the literal null")]
    [InlineData("[\"a\nb\"]", 3, "byte 0x0A must be escaped in a string")]
    [InlineData("[\"\\x\"]", 3, "'x' stands where an escape is expected")]
    [InlineData("[\"\\u12g4\"]", 6, "'g' stands where a hexadecimal digit is expected")]
    [InlineData("{'a':1}", 1, "''' stands where a property name is expected")]
    [InlineData("]", 0, "']' stands where a value is expected")]
    [InlineData("/* */1", 0, "'/' stands where a value is expected")]
    [InlineData("NaN", 0, "'N' stands where a value is expected")]
    public void Scan_OfMalformedText_SaysWhatStandsWhere(string json, int position, string fault)
    {
        Assert.Equal(ScanOutcome.Malformed, Scan(json));
        Assert.Equal((position, fault), (_scanner.Position, _scanner.Fault));
    }

    [Fact]
    public void Scan_OfEveryBeginningOfAText_IsIncomplete()
    {
        var json = """{"a":[1,-0.5e+3,true,"x\u00e9\n",{"b":null}],"c":false}"""u8.ToArray();

        for (var length = 0; length < json.Length; length++) Assert.Equal(ScanOutcome.Incomplete, _scanner.Scan(json.AsSpan(0, length), isFinal: false));

        Assert.Equal(ScanOutcome.Complete, _scanner.Scan(json, isFinal: false));
    }

    [Theory]
    [InlineData("1")]
    [InlineData("-0.5")]
    [InlineData("1e5")]
    public void Scan_OfANumberAtTheEnd_IsCompleteOnlyWhenNothingFollows(string json)
    {
        Assert.Equal(ScanOutcome.Incomplete, _scanner.Scan(Encoding.UTF8.GetBytes(json), isFinal: false));
        Assert.Equal(ScanOutcome.Complete, Scan(json));
    }

    [Theory]
    [InlineData("1", 0)]
    [InlineData("[]", 1)]
    [InlineData("""{"a":{"b":[[1]]},"c":[]}""", 4)]
    public void Depth_IsThatOfTheInnermostValue(string json, int depth)
    {
        Scan(json);

        Assert.Equal(depth, _scanner.Depth);
    }

    [Theory]
    [InlineData("""{"a":1,"b":2}""", null)]
    [InlineData("""{"a":1,"a":2}""", "a")]
    [InlineData("""{"a":{"a":{"a":1}}}""", null)]
    [InlineData("""{"a":{"b":1},"c":{"b":1}}""", null)]
    [InlineData("""[{"a":1},{"a":1}]""", null)]
    [InlineData("""{"x":[0,{"y":{"z":1,"q":2,"z":3}}]}""", "z")]
    [InlineData("""{"a":1,"\u0061":2}""", "\\u0061")]
    [InlineData("""{"\u0061":1,"a":2}""", "a")]
    [InlineData("""{"\ud83d\ude00":1,"😀":2}""", "😀")]
    [InlineData("""{"\ud800":1,"\ud801":2}""", null)]
    [InlineData("""{"\ud800":1,"\uD800":2}""", "\\uD800")]
    [InlineData("""{"customer_first_name":1,"customer_other_name":2,"customer_first_name":3}""", "customer_first_name")]
    [InlineData("""{"A":1,"a":2}""", null)]
    [InlineData("""{"":1,"":2}""", "")]
    public void RepeatedName_IsTheFirstNameThatStandsTwiceInOneObject(string json, string? name)
    {
        Assert.Equal(ScanOutcome.Complete, Scan(json));
        Assert.Equal(name, _scanner.RepeatedName);
    }

    [Theory]
    [InlineData(64)]
    [InlineData(65)]
    [InlineData(3_000)]
    public void RepeatedName_IsFoundAmongManyNames(int count)
    {
        var names = Enumerable.Range(0, count).Select(i => $"\"name{i}\":{i}").ToList();

        Scan($"{{{string.Join(',', names)}}}");
        Assert.Null(_scanner.RepeatedName);

        Scan($"{{{string.Join(',', names)},\"name1\":0}}");
        Assert.Equal("name1", _scanner.RepeatedName);
    }

    [Fact]
    public void RepeatedName_IsFoundFastAmongNamesChosenToCollide()
    {
        var names = Enumerable.Range(0, 30_000).Select(i => $"\"aaaaaaaa{i:D6}bbbbbbbb\":0");

        var started = TimeProvider.System.GetTimestamp();
        Scan($"{{{string.Join(',', names)}}}");

        Assert.Null(_scanner.RepeatedName);
        Assert.True(TimeProvider.System.GetElapsedTime(started) < TimeSpan.FromSeconds(2), "Thirty thousand names with equal ends took quadratic time.");
    }

    [Fact]
    public void Scan_OfAnyText_AgreesWithTheFramework() => Texts().Sample(
        json =>
        {
            var bytes = Encoding.UTF8.GetBytes(json);
            var scanner = new JsonScanner();
            var isWhole = scanner.Scan(bytes, isFinal: true) == ScanOutcome.Complete && bytes.AsSpan(scanner.Position).Trim(" \t\r\n"u8).IsEmpty;
            return isWhole == IsJson(bytes);
        },
        iter: 20_000);

    [Fact]
    public void RepeatedName_OfAnyObject_AgreesWithTheFramework() => Objects().Sample(
        json =>
        {
            var scanner = new JsonScanner();
            Assert.Equal(ScanOutcome.Complete, scanner.Scan(Encoding.UTF8.GetBytes(json), isFinal: true));
            return scanner.RepeatedName is not null == HasDuplicates(json);
        },
        iter: 5_000);

    private static Gen<string> Texts()
    {
        var piece = Gen.OneOf("{", "}", "[", "]", ",", ":", "\"a\"", "\"b\"", "\"\\u00e9\\n\"", "\"", "\\", "1", "0", "-", ".5", "1.5", "e3", "true", "fals", "null", " ", "\n", "é", "\t", "{\"a\":1}", "[1,2]", "[]", "{}");
        return Gen.OneOf(piece.Array[0, 8].Select(string.Concat), Objects().SelectMany(o => Gen.Int[0, o.Length].Select(i => o[..i])), Objects(), Mutated());
    }

    private static Gen<string> Mutated() => Gen.Select(Objects(), Gen.Int[0, 1_000], Gen.OneOf('{', '}', '[', ']', ',', ':', '"', '\\', '0', 'x')).Select((o, at, c) => o.Remove(at % o.Length, 1).Insert(at % o.Length, c.ToString()));

    private static Gen<string> Objects() => Gen.Recursive<string>((depth, self) =>
    {
        Gen<string> scalar = Gen.OneOf("1", "-0.5e7", "true", "false", "null", "\"x\"", "\"\\\"\\u0041\"", "\"ü\"");
        var value = depth > 3 ? scalar : Gen.OneOf(scalar, self, self.Array[0, 3].Select(a => $"[{string.Join(" , ", a)}]"));
        var property = Gen.Select(Gen.OneOf("\"a\"", "\"b\"", "\"\\u0061\"", "\"long name one\"", "\"long name two\"", "\"c\"", "\"d\""), value).Select((n, v) => $"{n}: {v}");
        return property.Array[0, 4].Select(p => $"{{{string.Join(',', p)}}}");
    });

    private static bool IsJson(byte[] text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static bool HasDuplicates(string json)
    {
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { AllowDuplicateProperties = false });
            return false;
        }
        catch (JsonException)
        {
            return true;
        }
    }

    private ScanOutcome Scan(string json) => _scanner.Scan(Encoding.UTF8.GetBytes(json), isFinal: true);
}
