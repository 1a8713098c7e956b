namespace DataPipeline.Application.Tests.Processing;

public sealed class MoreBuiltInTests
{
    [Theory]
    [InlineData("<p>I&apos;m so <b>happy</b>!</p>", "\\nI'm so happy!\\n")]
    [InlineData("a<br/>b", "a\\nb")]
    [InlineData("1 < 2 & 3 > 2", "1 < 2 & 3 > 2")]
    [InlineData("&lt;b&gt; &#233;&amp;", "<b> é&")]
    [InlineData("<a title='x>y' href=\\\"u\\\">t</a>", "t")]
    [InlineData("x<!-- <p> -->y<?php ?>z<!DOCTYPE html>", "xyz")]
    [InlineData("<script>if (a<b) c()</script>x<STYLE>p{}</style>", "x")]
    [InlineData("<b unclosed", "<b unclosed")]
    [InlineData("<", "<")]
    [InlineData("plain", "plain")]
    public void HtmlStrip(string html, string expected) => Assert.Equal($$"""{"a":"{{expected}}"}""", Engine.RunStep("htmlStrip", """{"field":"a"}""", $$"""{"a":"{{html}}"}"""));

    [Theory]
    [InlineData("\"a%20b+c%C3%A9\"", "{\"a\":\"a b cé\"}")]
    [InlineData("[\"%41\",\"b\"]", "{\"a\":[\"A\",\"b\"]}")]
    [InlineData("\"100%\"", "CONVERSION_FAILED a: \"100%\" has a bad escape")]
    [InlineData("\"%zz\"", "CONVERSION_FAILED a: \"%zz\" has a bad escape")]
    [InlineData("\"%ff\"", "CONVERSION_FAILED a: \"%ff\" has escapes that are not UTF-8")]
    [InlineData("1", "TYPE_MISMATCH a: 1 is not a string")]
    public void UrlDecode(string value, string expected) => Assert.Equal(expected, Engine.RunStep("urlDecode", """{"field":"a"}""", $$"""{"a":{{value}}}"""));

    [Theory]
    [InlineData("1kb", "{\"a\":1024}")]
    [InlineData("1.5 MB", "{\"a\":1572864}")]
    [InlineData("0b", "{\"a\":0}")]
    [InlineData("2Gb", "{\"a\":2147483648}")]
    [InlineData("1tb", "{\"a\":1099511627776}")]
    [InlineData("1PB", "{\"a\":1125899906842624}")]
    [InlineData("1024", "CONVERSION_FAILED a: \"1024\" is not a size with a unit, such as 1.5kb")]
    [InlineData("-1kb", "CONVERSION_FAILED a: \"-1kb\" is not a size with a unit, such as 1.5kb")]
    [InlineData("kb", "CONVERSION_FAILED a: \"kb\" is not a size with a unit, such as 1.5kb")]
    [InlineData("99999pb", "CONVERSION_FAILED a: \"99999pb\" is out of the range of an integer of 64 bits")]
    public void Bytes(string value, string expected) => Assert.Equal(expected, Engine.RunStep("bytes", """{"field":"a"}""", $$"""{"a":"{{value}}"}"""));

    [Theory]
    [InlineData("""{"field":"a"}""", "[10,9.5,1e1,-1]", """{"a":[-1,9.5,10,1e1]}""")]
    [InlineData("""{"field":"a","order":"desc"}""", "[\"b\",\"a\",\"B\"]", """{"a":["b","a","B"]}""")]
    [InlineData("""{"field":"a"}""", "[]", """{"a":[]}""")]
    [InlineData("""{"field":"a"}""", "[1,\"a\"]", "TYPE_MISMATCH a: \"a\" is not a number like the elements before it")]
    [InlineData("""{"field":"a"}""", "[\"a\",1]", "TYPE_MISMATCH a: 1 is not a text like the elements before it")]
    [InlineData("""{"field":"a"}""", "[true]", "TYPE_MISMATCH a: true is not a number or a text")]
    [InlineData("""{"field":"a"}""", "1", "TYPE_MISMATCH a: 1 is not an array")]
    public void Sort(string options, string value, string expected) => Assert.Equal(expected, Engine.RunStep("sort", options, $$"""{"a":{{value}}}"""));

    [Theory]
    [InlineData("""{"field":"a"}""", """{"a":"{\"x\":1.10}"}""", """{"a":{"x":1.10}}""")]
    [InlineData("""{"field":"a","targetField":"b"}""", """{"a":"[1]"}""", """{"a":"[1]","b":[1]}""")]
    [InlineData("""{"field":"a","addToRoot":true}""", """{"a":"{\"x\":1,\"b\":2}","b":0}""", """{"a":"{\"x\":1,\"b\":2}","b":2,"x":1}""")]
    [InlineData("""{"field":"a","addToRoot":true}""", """{"a":"[1]"}""", "TYPE_MISMATCH a: \"[1]\" is not a JSON object")]
    [InlineData("""{"field":"a"}""", """{"a":"{"}""", "PARSE_FAILED a: \"{\" is not JSON")]
    [InlineData("""{"field":"a"}""", """{"a":5}""", "TYPE_MISMATCH a: 5 is not a string")]
    [InlineData("""{"field":"a"}""", "{}", "FIELD_MISSING a is missing.")]
    [InlineData("""{"field":"a","ignoreMissing":true}""", "{}", "{}")]
    public void Json(string options, string record, string expected) => Assert.Equal(expected, Engine.RunStep("json", options, record));

    [Theory]
    [InlineData("""{"field":"a","map":{"de":"Germany","1.0":2}}""", "\"de\"", """{"a":"Germany"}""")]
    [InlineData("""{"field":"a","map":{"de":"Germany","1.0":2}}""", "1.0", """{"a":2}""")]
    [InlineData("""{"field":"a","map":{"true":[1]}}""", "true", """{"a":[1]}""")]
    [InlineData("""{"field":"a","map":{},"default":"?"}""", "\"x\"", """{"a":"?"}""")]
    [InlineData("""{"field":"a","map":{}}""", "\"x\"", "NO_MATCH a: \"x\" is not in the map")]
    [InlineData("""{"field":"a","map":{}}""", "[1]", "TYPE_MISMATCH a: [1] is not a text, a number or a boolean")]
    public void Lookup(string options, string value, string expected) => Assert.Equal(expected, Engine.RunStep("lookup", options, $$"""{"a":{{value}}}"""));

    [Theory]
    [InlineData("""{"field":"a","pattern":"(?<x>\\d+)-(?<y>z)?"}""", """{"a":"12-"}""", """{"a":"12-","x":"12"}""")]
    [InlineData("""{"field":"a","pattern":"(?<x>\\d+)","targetField":"o.p"}""", """{"a":"12"}""", """{"a":"12","o":{"p":{"x":"12"}}}""")]
    [InlineData("""{"field":"a","pattern":"(?<x>\\d+)"}""", """{"a":"no"}""", "NO_MATCH a: \"no\" does not match the pattern")]
    [InlineData("""{"field":"a","pattern":"(?<x>\\d+)","targetField":"b"}""", """{"a":"1","b":5}""", "INVALID_PATH b.x cannot be written: it runs through a value that is neither object nor array, past the end of an array, or too deep.")]
    [InlineData("""{"field":"a","pattern":"(?<x>\\d+)"}""", """{"a":1}""", "TYPE_MISMATCH a: 1 is not a string")]
    [InlineData("""{"field":"a","pattern":"(?<x>\\d+)"}""", "{}", "FIELD_MISSING a is missing.")]
    public void Extract(string options, string record, string expected) => Assert.Equal(expected, Engine.RunStep("extract", options, record));

    [Theory]
    [InlineData("extract", """{"field":"a","pattern":"(x)"}""", "pattern INVALID_PATTERN")]
    [InlineData("json", """{"field":"a","addToRoot":true,"targetField":"b"}""", "targetField INVALID_VALUE")]
    [InlineData("lookup", """{"field":"a","map":[]}""", "map INVALID_TYPE")]
    [InlineData("sort", """{"field":"a","order":"up"}""", "order INVALID_VALUE")]
    public void BadOptions_AreRefused(string type, string options, string expected)
    {
        var fault = Engine.Fault(type, options);
        Assert.Equal($"config.processors[0].options.{expected}", $"{fault.Field} {fault.Code}");
    }
}
