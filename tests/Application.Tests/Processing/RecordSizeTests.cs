using System.Globalization;
using System.Text;
using DataPipeline.Application.Processing;

namespace DataPipeline.Application.Tests.Processing;

/// <summary>What becomes of records that processors would make longer than they may be.</summary>
public sealed class RecordSizeTests
{
    private const int MaxBytes = 100_000;

    private static readonly string Doubling = Repeated(40, _ => Engine.Step("set", """{"field":"a","value":"{{a}}{{a}}"}"""));

    private static readonly string Sharing = Repeated(60, _ => Engine.Step("set", """{"field":"a","value":{"x":"{{a}}","y":["{{a}}","{{a}}"]} }"""));

    public static TheoryData<string, string, string> Bombs => new()
    {
        { "a text that doubles", Doubling, """{"a":"0123456789"}""" },
        { "a value that holds itself", Sharing, """{"a":"0123456789"}""" },
        { "an array appended to itself", Repeated(60, _ => Engine.Step("append", """{"field":"a","value":"{{a}}"}""")), """{"a":["x"]}""" },
        { "an array appended to itself, without duplicates", Repeated(40, _ => Engine.Step("append", """{"field":"a","value":["{{a}}","{{b}}"],"allowDuplicates":false}""") + "," + Engine.Step("set", """{"field":"b","value":["{{a}}","{{a}}"]}""")), """{"a":["x"]}""" },
        { "a template with thousands of placeholders", Engine.Step("set", $$"""{"field":"b","value":"{{Repeated(20_000, _ => "{{a}}", "")}}"}"""), Record("a", 50_000) },
        { "a value with thousands of templates", Engine.Step("set", $$"""{"field":"b","value":[{{Repeated(5_000, i => $"\"{i} {{{{a}}}}\"")}}]}"""), Record("a", 50_000) },
        { "a value with thousands of copies", Engine.Step("set", $$"""{"field":"b","value":[{{Repeated(5_000, _ => "\"{{a}}\"")}}]}"""), Record("a", 50_000) },
        { "an appended value with thousands of templates", Engine.Step("append", $$"""{"field":"b","value":[{{Repeated(5_000, i => $"\"{i} {{{{a}}}}\"")}}]}"""), Record("a", 50_000) },
        { "a long replacement of short matches", Engine.Step("gsub", $$"""{"field":"a","pattern":".","replacement":"{{Text(50_000)}}"}"""), Record("a", 50_000) },
        { "a replacement at every place", Engine.Step("gsub", $$"""{"field":"a","pattern":"","replacement":"{{Text(50_000)}}"}"""), Record("a", 50_000) },
        { "a replacement made of what surrounds the match", Engine.Step("gsub", $$"""{"field":"a","pattern":"x","replacement":"{{Repeated(20_000, _ => "$`$'$_", "")}}"}"""), Record("a", 50_000) },
        { "a replacement made of the match", Engine.Step("gsub", $$"""{"field":"a","pattern":"(.+)","replacement":"{{Repeated(20_000, _ => "$1", "")}}"}"""), Record("a", 50_000) },
        { "a long replacement in each of many texts", Engine.Step("gsub", $$"""{"field":"a","pattern":"x","replacement":"{{Text(50_000)}}"}"""), $$"""{"a":[{{Repeated(10_000, _ => "\"x\"")}}]}""" },
        { "a long cover", Engine.Step("redact", $$"""{"field":"a","patterns":["x"],"replacement":"{{Text(50_000)}}"}"""), Record("a", 50_000) },
        { "covers that are covered", Repeated(30, _ => Engine.Step("redact", """{"field":"a","patterns":["x"],"replacement":"xx"}""")), """{"a":"x"}""" },
        { "a long separator", Engine.Step("join", $$"""{"field":"a","separator":"{{Text(50_000)}}"}"""), $$"""{"a":[{{Repeated(10_000, i => i.ToString(CultureInfo.InvariantCulture))}}]}""" },
        { "a long separator between appended parts", Engine.Step("dissect", $$"""{"field":"a","pattern":"{{Repeated(2_000, i => $"%{{+a/{i}}}", " ")}}","appendSeparator":"{{Text(50_000)}}"}"""), $$"""{"a":"{{Repeated(2_000, _ => "x", " ")}}"}""" },
        { "a long prefix before many keys", Engine.Step("kv", $$"""{"field":"a","fieldSplit":" ","valueSplit":"=","prefix":"{{Text(50_000)}}"}"""), $$"""{"a":"{{Repeated(5_000, i => $"k{i}=v", " ")}}"}""" },
        { "many groups that capture everything", Engine.Step("extract", $$"""{"field":"a","pattern":"{{Repeated(50, i => $"(?<g{i}>", "")}}.*{{Repeated(50, _ => ")", "")}}"}"""), Record("a", 50_000) },
        { "one name that captures everything often", Engine.Step("grok", $$"""{"field":"a","patterns":"{{Repeated(50, _ => "(?<g>", "")}}.*{{Repeated(50, _ => ")", "")}}"}"""), Record("a", 50_000) },
        { "a long format", Engine.Step("date", $$"""{"field":"a","formats":"UNIX","outputFormat":"'{{Text(150_000)}}'yyyy"}"""), """{"a":0}""" },
        { "a large entry of a map", Engine.Step("lookup", $$"""{"field":"a","map":{"x":"{{Text(150_000)}}"} }"""), """{"a":"x"}""" },
        { "elements that become long", Engine.Step("foreach", """{"field":"b","processor":{"type":"set","options":{"field":"value","value":"{{a}}{{index}}"} } }"""), Record("a", 20_000)[..^1] + $",\"b\":[{Repeated(2_000, _ => "1")}]}}" },
        { "elements of which each is too long", Engine.Step("foreach", """{"field":"b","processor":{"type":"set","options":{"field":"value","value":"{{a}}{{a}}{{a}}"} } }"""), Record("a", 40_000)[..^1] + ",\"b\":[1,2]}" },
        { "texts of a script", Engine.Step("script", """{"source":"let t = 'x'; for (let i = 0; i < 17; i++) t += t; record.b = 1; record.c = t; record.d = 2;"}"""), """{"a":1}""" },
        { "objects of a script", Engine.Step("script", """{"source":"const t = 'x'.repeat(50000); record = { t: t, u: t, v: t };"}"""), """{"a":1}""" },
        { "characters that are escaped", Engine.Step("gsub", """{"field":"a","pattern":"x","replacement":"\u0001\u0001"}"""), Record("a", 20_000) },
        { "characters of several bytes", Engine.Step("gsub", """{"field":"a","pattern":"x","replacement":"€"}"""), Record("a", 50_000) },
    };

    [Theory]
    [MemberData(nameof(Bombs))]
    public void ARecordThatBecomesTooLong_FailsAsItWas_AndLittleIsMadeOfIt(string what, string processors, string record)
    {
        var allocated = GC.GetAllocatedBytesForCurrentThread();
        var (verdict, json) = Engine.RunRecord(processors, record, MaxBytes);
        allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;

        TestContext.Current.SendDiagnosticMessage("{0}: {1:N0} bytes allocated", what, allocated);
        Assert.Equal((Ending.Failed, "RECORD_TOO_LARGE"), (verdict.Ending, verdict.Code));
        Assert.EndsWith("The record would be longer than 100000 bytes.", verdict.Message, StringComparison.Ordinal);
        Assert.InRange(Encoding.UTF8.GetByteCount(json), 1, MaxBytes);
        if (verdict.Processor!.Index == 0) Assert.Equal(record, json);
        Assert.InRange(allocated, 0, 600L * MaxBytes);
    }

    [Fact]
    public void AFailureForItsLength_IsHandledLikeAnyOther()
    {
        var longer = Engine.Step("set", """{"field":"a","value":"{{a}}{{a}}{{a}}"}""");
        var record = Record("a", 50_000);
        string Framed(string frame) => Engine.RunRecord($"{longer[..^1]},{frame} }},{Engine.Step("set", """{"field":"after","value":1}""")}", record, MaxBytes).Json;

        Assert.Equal(record[..^1] + ",\"after\":1}", Framed("\"ignoreFailure\":true"));
        Assert.Equal(record[..^1] + ",\"e\":\"RECORD_TOO_LARGE\",\"after\":1}", Framed("""onFailure":[{"type":"set","options":{"field":"e","value":"{{failure.code}}"} }]""".Insert(0, "\"")));
    }

    [Theory]
    [InlineData("rename", """{"field":"a","targetField":"b.c.d.e.f.g"}""")]
    [InlineData("copy", """{"sourceField":"a","targetField":"b"}""")]
    [InlineData("uriParts", """{"field":"u","targetField":"parts","removeIfSuccessful":true}""")]
    public void AProcessorThatFirstTakesAway_LeavesTheRecordAsItWas(string type, string options)
    {
        var record = $$"""{"u":"https://example.com/x","a":"{{Text(MaxBytes - 50)}}"}""";
        var (verdict, json) = Engine.RunRecord(Engine.Step(type, options), record, record.Length);
        Assert.Equal(("RECORD_TOO_LARGE", record), (verdict.Code, json));
    }

    [Theory]
    [InlineData("x", "$1$2$3$$$&|${n}", "a(x)(?<n>b)?")]
    [InlineData("ax axb", "$$1$10$01${n}$n$", "a(x)(?<n>b)?")]
    [InlineData("ax axb", "[$`|$'|$_|$+]", "a(x)(?<n>b)?")]
    [InlineData("ax axb", "$", "")]
    [InlineData("aax", "-", "")]
    [InlineData("no match", "$1", "(z)")]
    public void AReplacement_IsTheSameHoweverLittleRoomThereIs(string text, string replacement, string pattern)
    {
        var regex = new System.Text.RegularExpressions.Regex(pattern, System.Text.RegularExpressions.RegexOptions.NonBacktracking);
        var expected = regex.Replace(text, replacement);
        var put = new Infrastructure.Processors.Replacement(regex, replacement);
        Assert.Equal(expected, put.PutInto(text, int.MaxValue));
        Assert.Equal(expected, put.PutInto(text, expected.Length));
        if (expected != text) Assert.Null(put.PutInto(text, expected.Length - 1));
    }

    private static string Record(string field, int length) => $$"""{"{{field}}":"{{Text(length)}}"}""";

    private static string Text(int length) => new('x', length);

    private static string Repeated(int count, Func<int, string> part, string separator = ",") => string.Join(separator, Enumerable.Range(0, count).Select(part));
}
