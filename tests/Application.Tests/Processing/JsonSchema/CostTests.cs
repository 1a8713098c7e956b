using System.Diagnostics;
using System.Text;

namespace DataPipeline.Application.Tests.Processing.JsonSchema;

/// <summary>What a schema can cost: a record of a mebibyte against the worst that a configuration of a mebibyte can say ends, one way or the other, in time.</summary>
public sealed class CostTests
{
    private const int Many = 9_000;

    /// <summary>A second is what it takes where nothing else runs; without bounds it was minutes.</summary>
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    private static readonly Dictionary<string, (Func<string> Schema, Func<string> Value)> Worst = new()
    {
        ["texts are measured many times"] = (() => All(Many, i => $$"""{"maxLength":{{600_000 + i}} }"""), () => Text("é", 1_000_000)),
        ["texts are looked at many times"] = (() => All(Many, _ => """{"not":{"format":"uri"}}"""), () => Text("a:/", 900_000)),
        ["texts are matched many times"] = (() => All(900, i => $$"""{"pattern":"x{{i}}|z$"}"""), () => Text("z", 900_000)),
        ["arrays are sorted many times"] = (() => All(Many, _ => """{"uniqueItems":true}"""), () => Array(150_000, i => $"{i}")),
        ["numbers that are written in many ways are compared"] = (() => All(10, _ => """{"not":{"uniqueItems":true}}"""), () => Array(20_000, i => $"{i}{new string('0', i % 40)}e-{i % 40}")),
        ["values are compared many times"] = (() => All(Many, i => $$"""{"not":{"const":[{{i}}] } }"""), () => Array(250_000, _ => "[1]")),
        ["equal values are compared many times"] = (() => All(4, _ => $$"""{"const":{{Array(60_000, _ => "0")}} }"""), () => Array(60_000, _ => "0.0")),
        ["values are hashed many times"] = (() => All(Many, i => $$"""{"not":{"enum":[1,2,3,4,5,6,{{i + 7}}] } }"""), () => Array(500_000, _ => "0")),
        ["names are looked for many times"] = (() => All(Many, i => $$"""{"dependentRequired":{"p0":["p{{i}}","p{{i + 1}}"] } }"""), () => Object(50_000)),
        ["many required names are missing"] = (() => All(20, _ => Required(3_000, "q")), () => Object(50_000)),
        ["many required names are there but for one"] = (() => All(2, _ => Required(40_000, "p").Replace("p7\"", "x\"", StringComparison.Ordinal)), () => Object(50_000)),
        ["no name is known"] = (() => All(Many, i => $$"""{"properties":{"q{{i}}":{"type":"null"} } }"""), () => Object(50_000)),
        ["schemas that refuse everything are many"] = (() => $$"""{"items":{"not":{"oneOf":[{{string.Join(',', Enumerable.Repeat("false", Many))}}] } } }""", () => Array(500_000, _ => "0")),
        ["schemas that take everything are many"] = (() => $$"""{"items":{"allOf":[{{string.Join(',', Enumerable.Repeat("{}", Many))}}] } }""", () => Array(500_000, _ => "0")),
        ["schemas that say something are many"] = (() => $$"""{"items":{"not":{"anyOf":[{{string.Join(',', Enumerable.Repeat("""{"type":"null"}""", Many))}}] } } }""", () => Array(500_000, _ => "0")),
        ["multiples are taken of large numbers"] = (() => All(Many, _ => """{"multipleOf":1234567890123456789012345678901234567890}"""), () => new string('7', 1_000_000)),
        ["numbers are compared digit by digit"] = (() => All(Many, i => $$"""{"minimum":{{new string('7', 30)}}{{i}} }"""), () => new string('7', 1_000_000)),
        ["elements are searched many times"] = (() => All(Many, _ => """{"contains":{"type":"null"},"minContains":0}"""), () => Array(500_000, _ => "0")),
        ["elements are found many times"] = (() => All(Many, _ => """{"contains":true,"maxContains":1000000}"""), () => Array(500_000, _ => "0")),
        ["names are checked many times"] = (() => All(Many, _ => """{"propertyNames":{"minLength":1}}"""), () => Object(50_000)),
        ["references multiply"] = (() => $$"""{"$ref":"#/$defs/d0","$defs":{ {{string.Join(',', Enumerable.Range(0, 2_000).Select(i => $$"""  "d{{i}}":{"anyOf":[{"not":{"$ref":"#/$defs/d{{i + 1}}"} },{"$ref":"#/$defs/d{{i + 1}}"}] } """))}},"d2000":{"type":"null"} } }""", () => "1"),
        ["references go as deep as the value"] = (() => """{"anyOf":[{"items":{"$ref":"#"}},{"items":{"not":{"$ref":"#"}}},{"prefixItems":[{"$ref":"#"}],"minItems":2}]}""", () => new string('[', 60) + Array(5_000, _ => "[[]]") + new string(']', 60)),
    };

    public static TheoryData<string> Names => [.. Worst.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void TheWorst_EndsInTime(string about)
    {
        var (schema, value) = (Worst[about].Schema(), Worst[about].Value());
        Assert.InRange(schema.Length, 0, 1 << 20);
        Assert.InRange(value.Length, 0, 1 << 20);
        var compiled = Some.Schema(schema);
        var record = Some.Value(value);

        var clock = Stopwatch.StartNew();
        _ = compiled.Validate(record);
        var elapsed = clock.Elapsed;

        TestContext.Current.SendDiagnosticMessage($"{about}: {elapsed.TotalMilliseconds:F0} ms");
        Assert.True(elapsed < Deadline, $"{about}: {elapsed}");
    }

    private static string All(int count, Func<int, string> schema) => $$"""{"allOf":[{{string.Join(',', Enumerable.Range(0, count).Select(schema))}}]}""";

    private static string Required(int count, string prefix) => $$"""{"required":[{{string.Join(',', Enumerable.Range(0, count).Select(i => $"\"{prefix}{i}\""))}}]}""";

    private static string Text(string part, int bytes) => $"\"{string.Concat(Enumerable.Repeat(part, bytes / Encoding.UTF8.GetByteCount(part)))}\"";

    private static string Array(int count, Func<int, string> element) => $"[{string.Join(',', Enumerable.Range(0, count).Select(element))}]";

    private static string Object(int count) => $"{{{string.Join(',', Enumerable.Range(0, count).Select(i => $"\"p{i}\":1"))}}}";
}
