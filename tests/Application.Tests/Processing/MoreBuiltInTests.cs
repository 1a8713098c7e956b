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
    [InlineData("""{"field":"a","targetFields":["x","y.z"]}""", "1, two ,3", """{"x":"1","y":{"z":" two "}}""")]
    [InlineData("""{"field":"a","targetFields":["x","y","z"],"trim":true}""", " 1 ,  ", """{"x":"1"}""")]
    [InlineData("""{"field":"a","targetFields":["x","y","z"],"emptyValue":"-"}""", "1,,", """{"x":"1","y":"-","z":"-"}""")]
    [InlineData("""{"field":"a","targetFields":["x","y"],"quote":"'"}""", " 'a,''b' ,c", """{"x":"a,'b","y":"c"}""")]
    [InlineData("""{"field":"a","targetFields":"x","separator":";"}""", "1;2", """{"x":"1"}""")]
    [InlineData("""{"field":"a","targetFields":"x"}""", "", "{}")]
    public void Csv(string options, string line, string expected) =>
        Assert.Equal(expected, Engine.Run(Engine.Step("csv", options) + "," + Engine.Step("remove", """{"field":"a"}"""), $$"""{"a":"{{line}}"}"""));

    [Theory]
    [InlineData("'x", "has a quote that does not end")]
    [InlineData("'x'y", "has text behind a closing quote")]
    [InlineData("x'y", "has a quote or a line end within a value that has no quotes")]
    public void Csv_OfBadText_Fails(string line, string problem) =>
        Assert.Equal($"PARSE_FAILED a: \"{line}\" {problem}", Engine.RunStep("csv", """{"field":"a","targetFields":"x","quote":"'"}""", $$"""{"a":"{{line}}"}"""));

    [Theory]
    [InlineData("""{"field":"a","fieldSplit":" ","valueSplit":"="}""", "x=1 y=2 x=3", """{"a":"x=1 y=2 x=3","x":["1","3"],"y":"2"}""")]
    [InlineData("""{"field":"a","fieldSplit":"&","valueSplit":"=","targetField":"q","prefix":"p_","includeKeys":["x"]}""", "x=1&y=2", """{"a":"x=1&y=2","q":{"p_x":"1"}}""")]
    [InlineData("""{"field":"a","fieldSplit":"&","valueSplit":"=","excludeKeys":["x"],"trimKey":"_","trimValue":" ","stripBrackets":true}""", "x=1&_y_= [2] ", """{"a":"x=1&_y_= [2] ","y":"2"}""")]
    [InlineData("""{"field":"a","fieldSplit":"&","valueSplit":"="}""", "a=1", """{"a":"1"}""")]
    [InlineData("""{"field":"a","fieldSplit":"&","valueSplit":"="}""", "b.c=1&d.=2", """{"a":"b.c=1&d.=2","b":{"c":"1"},"d.":"2"}""")]
    [InlineData("""{"field":"a","fieldSplit":"&","valueSplit":"="}""", "x", "PARSE_FAILED a: \"x\" has a part without a key and a value: x")]
    public void Kv(string options, string text, string expected) => Assert.Equal(expected, Engine.RunStep("kv", options, $$"""{"a":"{{text}}"}"""));

    [Theory]
    [InlineData("""{"field":"a.b"}""", """{"a.b":1}""", """{"a":{"b":1}}""")]
    [InlineData("""{"field":"a.b"}""", """{"a.b":1,"a":{"b":2}}""", """{"a":{"b":[2,1]}}""")]
    [InlineData("""{"field":"a.b","override":true}""", """{"a.b":1,"a":{"b":2}}""", """{"a":{"b":1}}""")]
    [InlineData("""{"field":"*"}""", """{"a.b":1,"a.c":2,".d":3}""", """{".d":3,"a":{"b":1,"c":2}}""")]
    [InlineData("""{"field":"*","path":"o"}""", """{"o":{"a.b":1},"x.y":2}""", """{"o":{"a":{"b":1}},"x.y":2}""")]
    [InlineData("""{"field":"z.z"}""", """{"a":1}""", """{"a":1}""")]
    [InlineData("""{"field":"a.b"}""", """{"a.b":1,"a":2}""", "INVALID_PATH a.b cannot be written: it runs through a value that is neither object nor array, past the end of an array, or too deep.")]
    public void DotExpander(string options, string record, string expected) => Assert.Equal(expected, Engine.RunStep("dotExpander", options, record));

    [Theory]
    [InlineData("http://me:pw@example.com:8080/a/b.tar.gz?x=1&y#top", """{"original":"http://me:pw@example.com:8080/a/b.tar.gz?x=1&y#top","scheme":"http","userInfo":"me:pw","domain":"example.com","port":8080,"path":"/a/b.tar.gz","extension":"gz","query":"x=1&y","fragment":"top"}""")]
    [InlineData("https://[::1]", """{"original":"https://[::1]","scheme":"https","domain":"[::1]","path":""}""")]
    [InlineData("mailto:a@b.c", """{"original":"mailto:a@b.c","scheme":"mailto","path":"a@b.c","extension":"c"}""")]
    [InlineData("file:///x/y", """{"original":"file:///x/y","scheme":"file","domain":"","path":"/x/y"}""")]
    public void UriParts(string uri, string expected) =>
        Assert.Equal($$"""{"url":{{expected}}}""", Engine.RunStep("uriParts", """{"field":"a","removeIfSuccessful":true}""", $$"""{"a":"{{uri}}"}"""));

    [Theory]
    [InlineData("not a uri")]
    [InlineData("http://a b")]
    [InlineData("http://x:99999/")]
    public void UriParts_OfWhatIsNone_Fails(string uri) => Assert.Equal($"PARSE_FAILED a: \"{uri}\" is not a URI", Engine.RunStep("uriParts", """{"field":"a"}""", $$"""{"a":"{{uri}}"}"""));

    [Theory]
    [InlineData("\"EMAIL\"", "mail me@x.example.com now", "mail *** now")]
    [InlineData("[\"IPV4\",\"n[0-9]\"]", "10.0.0.255 n1 999.1", "*** *** 999.1")]
    [InlineData("\"CREDIT_CARD\"", "4111 1111 1111 1111.", "***.")]
    [InlineData("\"IBAN\"", "DE89 3704 0044 0532 0130 00!", "***!")]
    [InlineData("\"PHONE\"", "call +49 (30) 123-456", "call ***")]
    public void Redact(string patterns, string text, string expected) =>
        Assert.Equal($$"""{"a":"{{expected}}"}""", Engine.RunStep("redact", $$"""{"field":"a","patterns":{{patterns}}}""", $$"""{"a":"{{text}}"}"""));

    [Fact]
    public void Redact_TakesItsReplacementAsItStands() => Assert.Equal("""{"a":"$1"}""", Engine.RunStep("redact", """{"field":"a","patterns":"(x)","replacement":"$1"}""", """{"a":"x"}"""));

    [Theory]
    [InlineData("""{"field":"m","pattern":"%{a} %{b.c}"}""", "x y z", """{"a":"x","b":{"c":"y z"}}""")]
    [InlineData("""{"field":"m","pattern":"[%{a}] %{?skip}:%{b}!"}""", "[x] y:z! rest", """{"a":"x","b":"z"}""")]
    [InlineData("""{"field":"m","pattern":"%{+a/2} %{+a/1}","appendSeparator":"-"}""", "x y", """{"a":"y-x"}""")]
    [InlineData("""{"field":"m","pattern":"%{a} %{+a}"}""", "x y", """{"a":"xy"}""")]
    [InlineData("""{"field":"m","pattern":"%{*k}=%{&k};%{}"}""", "x=y;z", """{"x":"y"}""")]
    [InlineData("""{"field":"m","pattern":"%{a->} %{b}"}""", "x    y", """{"a":"x","b":"y"}""")]
    [InlineData("""{"field":"m","pattern":"%{a},%{b}"}""", "x,", """{"a":"x","b":""}""")]
    public void Dissect(string options, string text, string expected) =>
        Assert.Equal(expected, Engine.Run(Engine.Step("dissect", options) + "," + Engine.Step("remove", """{"field":"m"}"""), $$"""{"m":"{{text}}"}"""));

    [Fact]
    public void Dissect_WithoutAMatch_Fails() => Assert.Equal("NO_MATCH m: \"x\" does not match the pattern", Engine.RunStep("dissect", """{"field":"m","pattern":"%{a} %{b}"}""", """{"m":"x"}"""));

    [Theory]
    [InlineData("", """{"a":1,"b":{"x":[1],"y":"\u00e9"}}""", """{"b":{"y":"é","x":[1.0]},"a":10e-1}""")]
    [InlineData(""","method":"MD5","salt":"s" """, """{"a":1,"b":2}""", """{"b":2.00,"a":1,"c":3}""")]
    public void Fingerprint_IsTheSameForTheSameValues(string more, string one, string other)
    {
        var step = Engine.Step("fingerprint", $$"""{"fields":["b","a"]{{more}}}""") + "," + Engine.Step("remove", """{"keep":"fingerprint"}""");
        Assert.Equal(Engine.Run(step, one), Engine.Run(step, other));
        Assert.Matches("^{\"fingerprint\":\"[0-9a-f]{32,128}\"}$", Engine.Run(step, one));
        Assert.NotEqual(Engine.Run(step, one), Engine.Run(step, """{"a":"1","b":2}"""));
    }

    [Theory]
    [InlineData("SHA-1", 40)]
    [InlineData("SHA-256", 64)]
    [InlineData("SHA-512", 128)]
    [InlineData("MD5", 32)]
    public void Fingerprint_HasTheLengthOfItsMethod(string method, int length) =>
        Assert.Equal(length, Engine.Run(Engine.Step("fingerprint", $$"""{"fields":"a","targetField":"a","method":"{{method}}"}"""), """{"a":true}""").Length - """{"a":""}""".Length);

    [Fact]
    public void Fingerprint_OfMissingFields_FailsOrLeavesThemOut()
    {
        Assert.Equal("FIELD_MISSING b is missing.", Engine.RunStep("fingerprint", """{"fields":["a","b"]}""", """{"a":1}"""));
        Assert.Equal("{}", Engine.RunStep("fingerprint", """{"fields":["a","b"],"ignoreMissing":true}""", "{}"));
        Assert.Equal(Engine.RunStep("fingerprint", """{"fields":["a","b"],"ignoreMissing":true}""", """{"a":1}"""), Engine.RunStep("fingerprint", """{"fields":"a"}""", """{"a":1}"""));
    }

    [Theory]
    [InlineData("dissect", """{"field":"a","pattern":"%{a}%{b}"}""", "pattern INVALID_PATTERN")]
    [InlineData("dissect", """{"field":"a","pattern":"%{a"}""", "pattern INVALID_PATTERN")]
    [InlineData("dissect", """{"field":"a","pattern":"none"}""", "pattern INVALID_PATTERN")]
    [InlineData("dissect", """{"field":"a","pattern":"%{*k} %{b}"}""", "pattern INVALID_PATTERN")]
    [InlineData("dissect", """{"field":"a","pattern":"%{+a/x} %{b}"}""", "pattern INVALID_PATTERN")]
    [InlineData("dissect", """{"field":"a","pattern":"%{*} %{&}"}""", "pattern INVALID_PATTERN")]
    [InlineData("fingerprint", """{"fields":[]}""", "fields REQUIRED")]
    [InlineData("fingerprint", """{"fields":"a","method":"CRC"}""", "method INVALID_VALUE")]
    [InlineData("csv", """{"field":"a","targetFields":[]}""", "targetFields REQUIRED")]
    [InlineData("csv", """{"field":"a","targetFields":"x","separator":",,"}""", "separator INVALID_VALUE")]
    [InlineData("csv", """{"field":"a","targetFields":"x","quote":","}""", "quote INVALID_VALUE")]
    [InlineData("dotExpander", """{"field":"a"}""", "field INVALID_VALUE")]
    [InlineData("redact", """{"field":"a","patterns":["(?=x)"]}""", "patterns[0] INVALID_PATTERN")]
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
