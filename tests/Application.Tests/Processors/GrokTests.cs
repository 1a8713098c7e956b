using System.Text.Json;
using DataPipeline.Application.Tests.Processing;
using DataPipeline.Infrastructure.Processors.Grok;

namespace DataPipeline.Application.Tests.Processors;

/// <summary>What the table of grok's cases cannot say.</summary>
public sealed class GrokTests
{
    [Fact]
    public void APattern_MayNameLargePatternsManyTimes() => Assert.Equal(
        """{"a":["::1","10.0.0.1","::1","10.0.0.1","::1","10.0.0.1","::1","10.0.0.1"],"u":["http://a","http://a","http://a","http://a"]}""",
        Match(string.Join(' ', Enumerable.Repeat("%{IP:a} %{IP:a} %{URI:u}", 4)), string.Join(' ', Enumerable.Repeat("::1 10.0.0.1 http://a", 4))));

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
    [InlineData("""{"field":"m","patterns":"\\[%{INT}\\] [%{INT}]"}""", "patterns[0]", "\"%{INT}]\" stands inside of square brackets, where there are no patterns; a bracket of the text is written \\[.")]
    [InlineData("""{"field":"m","patterns":"[[:nope:]]"}""", "patterns[0]", "There is no [:nope:]. Known: alnum, alpha, ascii, ")]
    [InlineData("""{"field":"m","patterns":[]}""", "patterns", "patterns must not be empty.")]
    [InlineData("""{"field":"m"}""", "patterns", "patterns is required.")]
    public void APatternThatIsRefused_SaysWhy(string options, string option, string message)
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

    /// <summary>What is captured: the record without its text; or the failure.</summary>
    private static string Match(string pattern, string text) => Engine.Run(
        Engine.Step("grok", $$"""{"field":"_text","patterns":{{JsonSerializer.Serialize(pattern)}}}""") + "," + Engine.Step("remove", """{"field":"_text"}"""),
        $$"""{"_text":{{JsonSerializer.Serialize(text)}}}""");
}
