using System.Text.Json;
using DataPipeline.Application.Tests.Processing;
using DataPipeline.Infrastructure.Processors.Grok;

namespace DataPipeline.Application.Tests.Processors;

/// <summary>The grok processor: patterns, text, what is captured.</summary>
public sealed class GrokTests
{
    [Theory]
    [InlineData("%{WORD:a} %{NUMBER:b}", "GET 1.50", """{"a":"GET","b":"1.50"}""")]
    [InlineData("%{NUMBER:i:int} %{NUMBER:l:long} %{NUMBER:f:float} %{NUMBER:d:double} %{WORD:b:boolean} %{WORD:s:string}", "12 9007199254740993 1.5 1.10 true x", """{"i":12,"l":9007199254740993,"f":1.5,"d":1.10,"b":true,"s":"x"}""")]
    [InlineData("%{WORD:http.method} %{NUMBER:http.status:int}", "GET 200", """{"http":{"method":"GET","status":200}}""")]
    [InlineData("(?<id>[A-F0-9]{4}):(?<a.b>\\w+) (?'c'.)", "00FF:x y", """{"id":"00FF","a":{"b":"x"},"c":"y"}""")]
    [InlineData("%{IP:ip}(?:, %{IP:ip})?", "10.0.0.1, 10.0.0.2", """{"ip":["10.0.0.1","10.0.0.2"]}""")]
    [InlineData("%{IP:ip}(?:, %{IP:ip})?", "10.0.0.1", """{"ip":"10.0.0.1"}""")]
    [InlineData("(?:%{INT:v:int}|%{WORD:v})", "abc", """{"v":"abc"}""")]
    [InlineData("(?:%{INT:v:int}|%{WORD:v})", "12", """{"v":12}""")]
    [InlineData("a(?<x>.*)b", "ab", """{"x":""}""")]
    [InlineData("\\[%{DATA:a}\\] 100\\%{2}", "[x] 100%%", """{"a":"x"}""")]
    [InlineData("^%{WORD:a}$", "x y\nsecond\n", """{"a":"second"}""")]
    [InlineData("%{GREEDYDATA:a}", "x\ny", """{"a":"x"}""")]
    [InlineData("(?m)%{GREEDYDATA:a}", "x\ny", """{"a":"x\ny"}""")]
    [InlineData("%{WORD:@timestamp} %{WORD:a-b}", "x y", """{"@timestamp":"x","a-b":"y"}""")]
    public void APattern_CapturesFields(string pattern, string text, string expected) => Assert.Equal(expected, Match(pattern, text));

    [Fact]
    public void APattern_MayNameLargePatternsManyTimes() => Assert.Equal(
        """{"a":["::1","10.0.0.1","::1","10.0.0.1","::1","10.0.0.1","::1","10.0.0.1"],"u":["http://a","http://a","http://a","http://a"]}""",
        Match(string.Join(' ', Enumerable.Repeat("%{IP:a} %{IP:a} %{URI:u}", 4)), string.Join(' ', Enumerable.Repeat("::1 10.0.0.1 http://a", 4))));

    [Fact]
    public void TheFirstPatternThatMatches_Counts() =>
        Assert.Equal("""{"m":"x 1","w":"x"}""", Engine.RunStep("grok", """{"field":"m","patterns":["%{IP:ip}","%{WORD:w} %{INT}","%{GREEDYDATA:all}"]}""", """{"m":"x 1"}"""));

    [Fact]
    public void OnePattern_NeedsNoBrackets() => Assert.Equal("""{"m":"x","w":"x"}""", Engine.RunStep("grok", """{"field":"m","patterns":"%{WORD:w}"}""", """{"m":"x"}"""));

    [Fact]
    public void Definitions_GoBeforeTheLibrary_AndNameEachOther() => Assert.Equal(
        """{"m":"no-42","n":{"x":42}}""",
        Engine.RunStep("grok", """{"field":"m","patterns":"%{ORDER}","patternDefinitions":{"ORDER":"no-%{NUM:n.x:int}","NUM":"[0-9]{2}","WORD":"never"}}""", """{"m":"no-42"}"""));

    [Theory]
    [InlineData("""{"field":"m","patterns":"%{INT:a}"}""", """{"m":"x"}""", "NO_MATCH m: \"x\" matches none of the patterns")]
    [InlineData("""{"field":"m","patterns":"%{INT:a}"}""", "{}", "FIELD_MISSING m is missing.")]
    [InlineData("""{"field":"m","patterns":"%{INT:a}","ignoreMissing":true}""", """{"m":null}""", """{"m":null}""")]
    [InlineData("""{"field":"m","patterns":"%{INT:a}"}""", """{"m":5}""", "TYPE_MISMATCH m: 5 is not a string")]
    [InlineData("""{"field":"m","patterns":"%{INT:a}"}""", """{"m":["5"]}""", "TYPE_MISMATCH m: [\"5\"] is not a string")]
    [InlineData("""{"field":"m","patterns":"%{NUMBER:a:int}"}""", """{"m":"1.5"}""", "CONVERSION_FAILED a: \"1.5\" is not an integer")]
    [InlineData("""{"field":"m","patterns":"%{NUMBER:a:int}"}""", """{"m":"3000000000"}""", "CONVERSION_FAILED a: \"3000000000\" is out of the range of an integer of 32 bits")]
    [InlineData("""{"field":"m","patterns":"%{WORD:a:boolean}"}""", """{"m":"yes"}""", "CONVERSION_FAILED a: \"yes\" is not a boolean")]
    [InlineData("""{"field":"m","patterns":"%{WORD:b} %{WORD:m.x}"}""", """{"m":"x y"}""", "INVALID_PATH m.x cannot be written: it runs through a value that is neither object nor array, past the end of an array, or too deep.")]
    public void ATextThatDoesNotFit_FailsTheRecord(string options, string record, string expected) => Assert.Equal(expected, Engine.RunStep("grok", options, record));

    [Fact]
    public void AFailure_LeavesNothingBehind() => Assert.Equal(
        """{"m":"x y"}""",
        Engine.Run("""{"type":"grok","ignoreFailure":true,"options":{"field":"m","patterns":"%{WORD:b} %{WORD:m.x}"}}""", """{"m":"x y"}"""));

    [Theory]
    [InlineData("""{"field":"m","patterns":"%{NOPE:a}"}""", "patterns[0]", "There is no pattern \"NOPE\".")]
    [InlineData("""{"field":"m","patterns":["%{INT}","%{}"]}""", "patterns[1]", "There is no pattern \"\".")]
    [InlineData("""{"field":"m","patterns":"%{INT:a:integer}"}""", "patterns[0]", "There is no type \"integer\". Known: int, long, float, double, boolean, string.")]
    [InlineData("""{"field":"m","patterns":"%{INT:a:int:b}"}""", "patterns[0]", "%{INT:a:int:b} has too many parts: a pattern, a field and a type.")]
    [InlineData("""{"field":"m","patterns":"x %{INT:a"}""", "patterns[0]", "%{ is not closed: \"%{INT:a\".")]
    [InlineData("""{"field":"m","patterns":"%{INT:a b}"}""", "patterns[0]", "\"a b\" is no name for a capture: ")]
    [InlineData("""{"field":"m","patterns":"%{INT:}"}""", "patterns[0]", "\"\" is no name for a capture. A path must not be empty.")]
    [InlineData("""{"field":"m","patterns":"%{INT:a..b}"}""", "patterns[0]", "\"a..b\" is no name for a capture. ")]
    [InlineData("""{"field":"m","patterns":"%{INT:[a][b]}"}""", "patterns[0]", "\"[a][b]\" is no name for a capture. ")]
    [InlineData("""{"field":"m","patterns":"(?<>x)"}""", "patterns[0]", "\"\" is no name for a capture. ")]
    [InlineData("""{"field":"m","patterns":"(?<a"}""", "patterns[0]", "The name of a group does not end: \"(?<a\".")]
    [InlineData("""{"field":"m","patterns":"%{A}","patternDefinitions":{"A":"x%{A}"}}""", "patternDefinitions.A", "The pattern A holds itself: A → A.")]
    [InlineData("""{"field":"m","patterns":"%{INT}","patternDefinitions":{"A":"%{NOPE}"}}""", "patternDefinitions.A", "There is no pattern \"NOPE\".")]
    [InlineData("""{"field":"m","patterns":"%{INT}","patternDefinitions":{"A-B":"x"}}""", "patternDefinitions.A-B", "\"A-B\" is no name for a pattern: letters, digits and underscores.")]
    [InlineData("""{"field":"m","patterns":"(?=x)"}""", "patterns[0]", "The pattern would need backtracking")]
    [InlineData("""{"field":"m","patterns":"(?>x)"}""", "patterns[0]", "The pattern would need backtracking")]
    [InlineData("""{"field":"m","patterns":"(?<!x)y"}""", "patterns[0]", "The pattern would need backtracking")]
    [InlineData("""{"field":"m","patterns":"(?<a>x)\\1"}""", "patterns[0]", "The pattern would need backtracking")]
    [InlineData("""{"field":"m","patterns":"%{INT} ("}""", "patterns[0]", "The pattern is no regular expression: Not enough )'s. It goes wrong behind \"")]
    [InlineData("""{"field":"m","patterns":"(a{200}){200}"}""", "patterns[0]", "The pattern is too large: its repetitions or character classes multiply to more than can be matched in linear time.")]
    [InlineData("""{"field":"m","patterns":[]}""", "patterns", "patterns must not be empty.")]
    [InlineData("""{"field":"m"}""", "patterns", "patterns is required.")]
    public void APatternThatCannotWork_IsRefused(string options, string option, string message)
    {
        var fault = Engine.Fault("grok", options);
        Assert.Equal($"config.processors[0].options.{option}", fault.Field);
        Assert.StartsWith(message, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void DefinitionsThatHoldEachOther_AreRefused()
    {
        var compiled = Engine.Compile(Engine.Step("grok", """{"field":"m","patterns":"%{A}","patternDefinitions":{"A":"%{B}","B":"x%{A}"}}"""));
        Assert.Equal(["The pattern A holds itself: A → B → A.", "The pattern B holds itself: B → A → B."], compiled.Error!.Details.Select(detail => detail.Message));
    }

    [Fact]
    public void DefinitionsThatGrowWithEveryLevel_AreRefused()
    {
        var definitions = Enumerable.Range(0, 30).ToDictionary(level => $"P{level}", level => level == 29 ? "x" : $"%{{P{level + 1}}}%{{P{level + 1}}}");
        var compiled = Engine.Compile(Engine.Step("grok", $$"""{"field":"m","patterns":"%{P0}","patternDefinitions":{{JsonSerializer.Serialize(definitions)}}}"""));
        Assert.Contains(compiled.Error!.Details, detail => detail.Field.EndsWith("patternDefinitions.P0", StringComparison.Ordinal) && detail.Message == "The pattern becomes longer than 100000 characters.");
    }

    [Fact]
    public void EveryPatternOfTheLibrary_CanBeUsed() => Assert.All(
        GrokLibrary.Patterns.Keys,
        name => Assert.True(GrokPattern.TryParse($"%{{{name}:x}}", new Dictionary<string, string>(), out _, out var error), $"{name}: {error}"));

    [Theory]
    [InlineData("USERNAME", "a.b-c_d1")]
    [InlineData("USER", "x")]
    [InlineData("EMAILLOCALPART", "a.b+c")]
    [InlineData("EMAILADDRESS", "a.b+c@mail.example.org")]
    [InlineData("INT", "-12")]
    [InlineData("INT", "+7")]
    [InlineData("BASE10NUM", "-1.50")]
    [InlineData("NUMBER", ".5")]
    [InlineData("BASE16NUM", "0xDeadBeef")]
    [InlineData("BASE16FLOAT", "-0xA.F")]
    [InlineData("POSINT", "10")]
    [InlineData("NONNEGINT", "0")]
    [InlineData("WORD", "word_1")]
    [InlineData("NOTSPACE", "a/b?c")]
    [InlineData("SPACE", "  \t")]
    [InlineData("DATA", "any thing")]
    [InlineData("GREEDYDATA", "any thing")]
    [InlineData("QS", "\"a \\\"b\\\" c\"")]
    [InlineData("QUOTEDSTRING", "'it'")]
    [InlineData("QUOTEDSTRING", "`x`")]
    [InlineData("QUOTEDSTRING", "\"\"")]
    [InlineData("UUID", "123e4567-E89b-12d3-a456-426614174000")]
    [InlineData("URN", "urn:isbn:0451450523")]
    [InlineData("MAC", "01:23:45:67:89:ab")]
    [InlineData("MAC", "01-23-45-67-89-AB")]
    [InlineData("MAC", "0123.4567.89ab")]
    [InlineData("IPV4", "255.249.199.9")]
    [InlineData("IP", "192.168.0.1")]
    [InlineData("IPV6", "2001:0db8:85a3:0000:0000:8a2e:0370:7334")]
    [InlineData("IPV6", "::1")]
    [InlineData("IPV6", "::")]
    [InlineData("IPV6", "fe80::1%eth0")]
    [InlineData("IPV6", "::ffff:192.0.2.128")]
    [InlineData("IPV6", "2001:db8::8a2e:370:7334")]
    [InlineData("IPV6", "1:2:3:4:5:6:7::")]
    [InlineData("IPV6", "1:2:3:4:5:6:192.0.2.1")]
    [InlineData("IP", "64:ff9b::192.0.2.33")]
    [InlineData("HOSTNAME", "www.example-site.org")]
    [InlineData("HOSTNAME", "localhost")]
    [InlineData("IPORHOST", "10.1.2.3")]
    [InlineData("HOSTPORT", "example.org:8080")]
    [InlineData("PATH", "/usr/local/bin/x-1.2")]
    [InlineData("UNIXPATH", "/a/b c\\ d", "/a/b")]
    [InlineData("TTY", "/dev/pts/0")]
    [InlineData("TTY", "/dev/ttyS1")]
    [InlineData("WINPATH", "C:\\Program Files\\x.exe")]
    [InlineData("URIPROTO", "https")]
    [InlineData("URIHOST", "example.org:443")]
    [InlineData("URIPATH", "/a/b;c=1")]
    [InlineData("URIPARAM", "?a=1&b[]=2")]
    [InlineData("URIPATHPARAM", "/a?b=c")]
    [InlineData("URI", "https://user:secret@example.org:8443/a/b?c=d#e")]
    [InlineData("URI", "ftp://10.0.0.1/x")]
    [InlineData("MONTH", "January")]
    [InlineData("MONTH", "Sep")]
    [InlineData("MONTHNUM", "9")]
    [InlineData("MONTHNUM2", "09")]
    [InlineData("MONTHDAY", "31")]
    [InlineData("DAY", "Wednesday")]
    [InlineData("YEAR", "2026")]
    [InlineData("YEAR", "26")]
    [InlineData("HOUR", "23")]
    [InlineData("MINUTE", "59")]
    [InlineData("SECOND", "59.123")]
    [InlineData("TIME", "23:59:60")]
    [InlineData("DATE_US", "12/31/2026")]
    [InlineData("DATE_EU", "31.12.2026")]
    [InlineData("DATE", "31-12-2026")]
    [InlineData("ISO8601_TIMEZONE", "+02:00")]
    [InlineData("TIMESTAMP_ISO8601", "2026-03-04T05:06:07.890Z")]
    [InlineData("TIMESTAMP_ISO8601", "2026-03-04 05:06:07,890")]
    [InlineData("DATESTAMP", "04/03/2026 05:06:07")]
    [InlineData("DATESTAMP_RFC822", "Wed Mar 04 2026 05:06:07 EST")]
    [InlineData("DATESTAMP_RFC2822", "Wed, 04 Mar 2026 05:06:07 +0100")]
    [InlineData("DATESTAMP_OTHER", "Wed Mar 04 05:06:07 UTC 2026")]
    [InlineData("DATESTAMP_EVENTLOG", "20260304050607")]
    [InlineData("TZ", "PST")]
    [InlineData("PROG", "sshd")]
    [InlineData("SYSLOGPROG", "sshd[123]")]
    [InlineData("SYSLOGHOST", "gw-1")]
    [InlineData("SYSLOGFACILITY", "<3.4>")]
    [InlineData("SYSLOGTIMESTAMP", "Mar  4 05:06:07")]
    [InlineData("HTTPDATE", "04/Mar/2026:05:06:07 +0100")]
    [InlineData("LOGLEVEL", "WARNING")]
    [InlineData("LOGLEVEL", "info")]
    public void ALibraryPattern_MatchesWhatItIsFor(string name, string text, string? expected = null)
    {
        var isWhole = expected is null;
        var pattern = isWhole ? $"^(?<whole>%{{{name}}})$" : $"^(?<whole>%{{{name}}})";
        using var json = JsonDocument.Parse(Match(pattern, text));
        Assert.Equal(expected ?? text, json.RootElement.GetProperty("whole").GetString());
    }

    [Theory]
    [InlineData("IPV4", "256.1.1.1")]
    [InlineData("IPV4", "1.2.3.256")]
    [InlineData("IP", "1.2.3")]
    [InlineData("IP", "05:06:07")]
    [InlineData("IP", "1:2:3:4:5:6:7")]
    [InlineData("POSINT", "0")]
    [InlineData("MONTHNUM2", "9")]
    [InlineData("HOUR", "24")]
    [InlineData("MINUTE", "60")]
    [InlineData("UUID", "123e4567e89b12d3a456426614174000")]
    [InlineData("MAC", "01:23:45:67:89")]
    [InlineData("LOGLEVEL", "loud")]
    [InlineData("EMAILADDRESS", "@x.org")]
    public void ALibraryPattern_DoesNotMatchWhatItIsNotFor(string name, string text) => Assert.StartsWith("NO_MATCH", Match($"^%{{{name}}}$", text), StringComparison.Ordinal);

    [Theory]
    [InlineData(
        "%{COMBINEDAPACHELOG}",
        """127.0.0.1 - frank [10/Oct/2000:13:55:36 -0700] "GET /apache_pb.gif?a=b HTTP/1.0" 200 2326 "http://www.example.com/start.html" "Mozilla/4.08 [en] (Win98; I ;Nav)" """,
        """{"clientip":"127.0.0.1","ident":"-","auth":"frank","timestamp":"10/Oct/2000:13:55:36 -0700","verb":"GET","request":"/apache_pb.gif?a=b","httpversion":"1.0","response":"200","bytes":"2326","referrer":"\"http://www.example.com/start.html\"","agent":"\"Mozilla/4.08 [en] (Win98; I ;Nav)\""}""")]
    [InlineData(
        "%{COMMONAPACHELOG}",
        """host.example.org - - [10/Oct/2000:13:55:36 -0700] "-" 408 -""",
        """{"clientip":"host.example.org","ident":"-","auth":"-","timestamp":"10/Oct/2000:13:55:36 -0700","rawrequest":"-","response":"408"}""")]
    [InlineData(
        "%{SYSLOGBASE} %{GREEDYDATA:message}",
        "Mar  4 05:06:07 gw-1 sshd[4711]: Accepted key for root",
        """{"timestamp":"Mar  4 05:06:07","logsource":"gw-1","program":"sshd","pid":"4711","message":"Accepted key for root"}""")]
    [InlineData(
        "%{HTTPD_ERRORLOG}",
        "[Wed Oct 11 14:32:52 2000] [error] [client 127.0.0.1] denied: /x",
        """{"timestamp":"Wed Oct 11 14:32:52 2000","loglevel":"error","clientip":"127.0.0.1","message":"denied: /x"}""")]
    [InlineData(
        "%{HTTPD_ERRORLOG}",
        "[Wed Oct 11 14:32:52.123456 2023] [core:error] [pid 35708:tid 4328636416] [client 72.15.99.187:5050] File does not exist: /favicon.ico",
        """{"timestamp":"Wed Oct 11 14:32:52.123456 2023","loglevel":"error","clientip":"72.15.99.187","message":"/favicon.ico","module":"core","pid":"35708","tid":"4328636416","clientport":"5050","errorcode":"File does not exist"}""")]
    [InlineData(
        "%{TIMESTAMP_ISO8601:time} %{LOGLEVEL:level} \\[%{DATA:thread}\\] %{GREEDYDATA:text}",
        "2026-03-04T05:06:07.123+01:00 ERROR [main-1] it broke",
        """{"time":"2026-03-04T05:06:07.123+01:00","level":"ERROR","thread":"main-1","text":"it broke"}""")]
    [InlineData(
        "%{IP:client} %{WORD:method} %{URIPATHPARAM:request} %{NUMBER:bytes:int} %{NUMBER:duration:double}",
        "55.3.244.1 GET /index.html 15824 0.043",
        """{"client":"55.3.244.1","method":"GET","request":"/index.html","bytes":15824,"duration":0.043}""")]
    [InlineData("%{URI:u}", "see http://example.org:8080/x?y=z now", """{"u":"http://example.org:8080/x?y=z","port":"8080"}""")]
    public void WellKnownLines_AreTakenApart(string pattern, string line, string expected) => Assert.Equal(expected, Match(pattern, line));

    /// <summary>What is captured: the record without its text; or the failure.</summary>
    private static string Match(string pattern, string text) => Engine.Run(
        Engine.Step("grok", $$"""{"field":"_text","patterns":{{JsonSerializer.Serialize(pattern)}}}""") + "," + Engine.Step("remove", """{"field":"_text"}"""),
        $$"""{"_text":{{JsonSerializer.Serialize(text)}}}""");
}
