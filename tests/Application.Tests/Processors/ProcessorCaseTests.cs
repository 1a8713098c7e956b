using System.Text;
using System.Text.Json;
using DataPipeline.Application.Processing;
using DataPipeline.Application.Tests.Processing;
using DataPipeline.Domain.Processing;

namespace DataPipeline.Application.Tests.Processors;

/// <summary>
/// Runs the tables in <c>Cases</c>, one for each processor type. A case has a <c>name</c> that says what it specifies, <c>options</c> and, unless they are refused, a
/// <c>record</c>; and one of: <c>becomes</c>, the record afterwards; <c>fails</c>, a code or a code and the whole message; <c>drops</c>; <c>refused</c>, the option
/// and the code of the one thing that is wrong. Records are compared by their texts but for the order of properties: 1.0 is not 1.
/// </summary>
public sealed class ProcessorCaseTests
{
    private static readonly string[] Properties = ["name", "options", "record", "becomes", "fails", "drops", "refused"];

    private static readonly string[] Outcomes = ["becomes", "fails", "drops", "refused"];

    public static IEnumerable<TheoryDataRow<string, string>> Cases() =>
        from file in Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "Processors", "Cases"), "*.json").Order(StringComparer.Ordinal)
        let type = Path.GetFileNameWithoutExtension(file)
        from item in JsonElement.Parse(File.ReadAllText(file)).EnumerateArray()
        select new TheoryDataRow<string, string>(type, item.GetRawText()) { TestDisplayName = $"{type} {item.GetProperty("name").GetString()}" };

    [Theory]
    [MemberData(nameof(Cases))]
    public void AProcessor(string type, string json)
    {
        var specified = JsonElement.Parse(json);
        Assert.Empty(specified.EnumerateObject().Select(property => property.Name).Except(Properties));
        var outcome = Assert.Single(Outcomes, name => specified.TryGetProperty(name, out _));
        var options = specified.GetProperty("options").GetRawText();
        if (outcome == "refused")
        {
            var fault = Engine.Fault(type, options);
            Assert.Equal($"config.processors[0].options.{specified.GetProperty(outcome).GetString()}", $"{fault.Field} {fault.Code}");
            return;
        }

        var record = Rewritten(specified.GetProperty("record").GetRawText(), sorted: false);
        var (verdict, after) = Engine.RunRecord(Engine.Step(type, options), record);
        var expected = specified.GetProperty(outcome);
        switch (outcome)
        {
            case "becomes":
                Assert.True(verdict.Ending is Ending.Passed or Ending.Terminated, $"{verdict}");
                Assert.Equal(Rewritten(expected.GetRawText(), sorted: true), Rewritten(after, sorted: true));
                break;
            case "fails":
                Assert.Equal(Ending.Failed, verdict.Ending);
                Assert.Equal(expected.GetString(), expected.GetString()!.Contains(' ', StringComparison.Ordinal) ? $"{verdict.Code} {verdict.Message}" : verdict.Code);
                Assert.Equal(Rewritten(record, sorted: true), Rewritten(after, sorted: true));
                break;
            default:
                Assert.Equal(Ending.Dropped, verdict.Ending);
                break;
        }
    }

    [Fact]
    public void AFailure_ShowsTheFirst200CharactersOfTheValue() => Assert.Equal(
        $"CONVERSION_FAILED a: \"{new string('x', 199)}… is not an integer", Engine.RunStep("convert", """{"field":"a","type":"long"}""", $$"""{"a":"{{new string('x', 500)}}"}"""));

    [Theory]
    [InlineData("lowercase", 'A', 'a')]
    [InlineData("uppercase", 'a', 'A')]
    public void LongText_IsChangedToItsEnd(string type, char before, char after) => Assert.Equal(
        $$"""{"a":"{{new string(after, 1_000)}}"}""", Engine.RunStep(type, """{"field":"a"}""", $$"""{"a":"{{new string(before, 1_000)}}"}"""));

    /// <summary>Markup that does not end must not be looked through again and again: quadratic, each of these would take minutes.</summary>
    [Theory]
    [InlineData("<a")]
    [InlineData("<!")]
    [InlineData("<?")]
    [InlineData("<")]
    [InlineData("<a x='")]
    [InlineData("<a x=\\\"<b y='")]
    public async Task MarkupThatDoesNotEnd_IsStrippedInLinearTime(string markup)
    {
        var record = $$"""{"a":"{{string.Concat(Enumerable.Repeat(markup, 200_000))}}"}""";
        await Task.Run(() => Engine.RunStep("htmlStrip", """{"field":"a"}""", record)).WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
    }

    [Fact]
    public void EveryBuiltInProcessor_HasCases() =>
        Assert.Empty(Engine.Processors.Types.Keys.Except(["foreach", "script", "validate"]).Except(Cases().Select(row => row.Data.Item1)));

    /// <summary>The same JSON without white space and, if told, with the properties of objects sorted by their names.</summary>
    private static string Rewritten(string json, bool sorted)
    {
        Assert.True(RecordValue.TryParse(Encoding.UTF8.GetBytes(json), out var value), json);
        return Rewritten(value, sorted).ToJson();
    }

    private static RecordValue Rewritten(RecordValue value, bool sorted) => value.Kind switch
    {
        RecordValueKind.Object => RecordValue.FromObject(
            (sorted ? value.EnumerateObject().OrderBy(property => property.Key, StringComparer.Ordinal) : value.EnumerateObject()).Select(property => KeyValuePair.Create(property.Key, Rewritten(property.Value, sorted)))),
        RecordValueKind.Array => RecordValue.FromArray([.. value.EnumerateArray().Select(item => Rewritten(item, sorted))]),
        RecordValueKind.String => RecordValue.From(value.GetString()),
        _ => value,
    };
}
