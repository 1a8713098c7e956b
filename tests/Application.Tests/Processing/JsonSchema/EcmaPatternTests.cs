using System.Diagnostics;
using System.Text;
using DataPipeline.Application.Processing.JsonSchema;

namespace DataPipeline.Application.Tests.Processing.JsonSchema;

public class EcmaPatternTests
{
    [Theory]
    [InlineData("^abc$", "abc", "abc\n", "abcd")]
    [InlineData("^(a|b)+$", "ab", "abc")]
    [InlineData("^(?:a||b)$", "", "x")]
    [InlineData("^\\t\\n\\r\\f\\v$", "\t\n\r\f\v", "tnrfv")]
    [InlineData("^\\cC\\cc\\0$", "\u0003\u0003\0", "\\cC")]
    [InlineData("^\\x41\\u0042\\u{43}\\u{1F600}\\ud83d\\ude00$", "ABC😀😀", "ABC😀")]
    [InlineData("^\\d\\D$", "0a", "߀a", "00")]
    [InlineData("^\\d$", "7", "߀", "৪")]
    [InlineData("^\\D$", "߀", "0")]
    [InlineData("^\\w\\W$", "_é", "éé", "aa")]
    [InlineData("^\\s$", "\ufeff", "\u0001", "\u200b", "\u2013", "x")]
    [InlineData("^\\s+$", " \t\n\r\v\f\u00a0\u1680\u2003\u2028\u2029\u202f\u205f\u3000\ufeff", "\u180e")]
    [InlineData("^\\S$", "\u2013", " ", "\u00a0", "\u2029")]
    [InlineData("^.$", "😀", "\n", "\r", "\u2028", "ab", "")]
    [InlineData("^[^a]$", "😀", "a", "bb", "")]
    [InlineData("^[😀-😎]$", "😃", "😏", "x")]
    [InlineData("^[\\u{1F600}-\\u{1F64F}x]$", "x", "\ud83d\ude7f")]
    [InlineData("^[\\u{FFF0}-\\u{20010}]$", "\ud840\udc10", "\ud840\udc11", "a")]
    [InlineData("^[\\u{103FF}-\\u{10400}]$", "\ud801\udc00", "\ud801\udc01")]
    [InlineData("^[\\u{10000}-\\u{10FFFF}]$", "\udbff\udfff", "\uffff")]
    [InlineData("^[]$", null, "", "a")]
    [InlineData("^[^]$", "\n", "", "ab")]
    [InlineData("^[a-c-e]+$", "a-e", "d")]
    [InlineData("^[\\w-.]+$", "a-.", "+")]
    [InlineData("^[a-\\d]+$", "a-1", "b")]
    [InlineData("^[-a]+[a-]+$", "-a", "b")]
    [InlineData("^[\\b]$", "\b", "b")]
    [InlineData("^[\\]\\\\^]+$", "]\\^", "[")]
    [InlineData("^[.*+?{}()|$]+$", ".*+?{}()|$", "a")]
    [InlineData("\\bcat\\b", "a cat.", "concat")]
    [InlineData("a\\Bc", "ac", "a c")]
    [InlineData("^\\p{Letter}+\\P{L}$", "aé漢𝒜1", "1", "aa")]
    [InlineData("^\\p{Lu}\\p{gc=Ll}\\p{General_Category=Nd}$", "Aa৪", "aaa")]
    [InlineData("^\\p{digit}+$", "4২", "a")]
    [InlineData("^\\p{ASCII}\\p{Any}\\p{Assigned}$", "a\u0378a", "é\u0378a", "aa\u0378")]
    [InlineData("^[\\p{L}\\d-]+$", "é1-", "_")]
    [InlineData("^[^\\p{L}]$", "1", "a", "𝒜")]
    [InlineData("^a{2}b{1,}c{0,2}$", "aabbcc", "ab", "aabccc")]
    [InlineData("^a*?b+?c??$", "aabb", "aa")]
    [InlineData("^a{,2}$", "a{,2}", "aa")]
    [InlineData("^{}]x{$", "{}]x{", "x")]
    [InlineData("^a{1,99999999999}$", "aaa", "")]
    [InlineData("^(?:a)(b)(?<name>c)$", "abc", "ab")]
    [InlineData("^\\/\\.\\-\\_\\@\\😀$", "/.-_@😀", "/")]
    [InlineData("^(?:(?:a*)*)*$", "aaa", "b")]
    [InlineData("^a\\$|^\\^$", "^", "a")]
    [InlineData("i", "i", "I", "İ", "ı")]
    public void Pattern_MeansWhatItMeansInJavaScript(string pattern, string? match, params string[] others)
    {
        var compiled = EcmaPattern.Compile(pattern, out var error);
        Assert.True(compiled is not null, error);
        if (match is not null) Assert.True(compiled.IsMatch(match.ToCharArray()), match);
        Assert.All(others, text => Assert.False(compiled.IsMatch(text.ToCharArray()), text));
    }

    [Theory]
    [InlineData("(?=a)", "it needs backtracking, whose time has no bound, for a lookahead")]
    [InlineData("a(?!b)", "a lookahead")]
    [InlineData("(?<=a)b", "a lookbehind")]
    [InlineData("(?<!a)b", "a lookbehind")]
    [InlineData("(a)\\1", "a back reference (at character 4)")]
    [InlineData("(?<n>a)\\k<n>", "a back reference")]
    [InlineData("(a", "a parenthesis is not closed")]
    [InlineData("a)", "a parenthesis is closed that was not opened")]
    [InlineData("[a", "a character class is not closed")]
    [InlineData("[b-a]", "a range of a character class is out of order")]
    [InlineData("*a", "there is nothing that '*' could repeat")]
    [InlineData("a**", "there is nothing that '*' could repeat")]
    [InlineData("^+", "there is nothing that '+' could repeat")]
    [InlineData("|?", "there is nothing that '?' could repeat")]
    [InlineData("{1}", "there is nothing that '{' could repeat")]
    [InlineData("a{2,1}", "the numbers of a repetition are out of order")]
    [InlineData("\\a", "\\a is no escape that ECMA-262 knows")]
    [InlineData("\\Z", "\\Z is no escape")]
    [InlineData("\\z", "\\z is no escape")]
    [InlineData("\\01", "\\0 is no escape")]
    [InlineData("\\c1", "\\c is no escape")]
    [InlineData("\\", "it ends with a \\")]
    [InlineData("\\x4", "an escape lacks its 2 hexadecimal digits")]
    [InlineData("\\u00g0", "an escape lacks its 4 hexadecimal digits")]
    [InlineData("\\u{110000}", "\\u{ is not followed by the number of a character")]
    [InlineData("\\u{d800}", "\\u{ is not followed by the number of a character")]
    [InlineData("\\u{FFFFFFFF}", "\\u{ is not followed")]
    [InlineData("\\u{41", "\\u{ is not followed")]
    [InlineData("\\ud800", "half a surrogate pair")]
    [InlineData("\\ud800\\u0041", "half a surrogate pair")]
    [InlineData("\\ude00", "half a surrogate pair")]
    [InlineData("\\p{Script=Greek}", "the Unicode property \"Script=Greek\" is not known")]
    [InlineData("\\p{gc=}", "the Unicode property \"gc=\" is not known")]
    [InlineData("\\pL", "\\p is not followed by a property in braces")]
    [InlineData("\\p{L", "\\p is not followed by a property in braces")]
    [InlineData("(?i)a", "(? begins no group that ECMA-262 knows")]
    [InlineData("(?>a)", "(? begins no group that ECMA-262 knows")]
    [InlineData("(?<>a)", "the name of a group")]
    [InlineData("(?<n", "the name of a group")]
    [InlineData("(a{1000}){1000}", "its repetitions or character classes multiply to more than can be matched in linear time")]
    public void Pattern_ThatCannotBeRun_IsRefusedWithTheReason(string pattern, string reason)
    {
        Assert.Null(EcmaPattern.Compile(pattern, out var error));
        Assert.Contains(reason, error, StringComparison.Ordinal);
    }

    [Fact]
    public void Pattern_BeyondMeasureOrNotUnicode_IsRefused()
    {
        Assert.Null(EcmaPattern.Compile(new string('(', 5_000) + new string(')', 5_000), out var nested));
        Assert.Contains("nested too deeply", nested, StringComparison.Ordinal);
        Assert.Null(EcmaPattern.Compile(new string('a', 10_001), out var length));
        Assert.Contains("more than 10000 characters", length, StringComparison.Ordinal);
        Assert.Null(EcmaPattern.Compile("[\ud83d]", out var half));
        Assert.Contains("half a surrogate pair", half, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("^(a+)+$")]
    [InlineData("^(a|a)*$")]
    [InlineData("(.*)*(.*)*b")]
    public void Pattern_ThatWouldExplodeInABacktracker_IsMatchedInLinearTime(string pattern)
    {
        var compiled = EcmaPattern.Compile(pattern, out _)!;
        var clock = Stopwatch.StartNew();
        Assert.False(compiled.IsMatch((new string('a', 20_000) + "!").ToCharArray()));
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(20), $"{clock.Elapsed}");
    }

    [Fact]
    public void Pattern_OfManyLargeClasses_IsCompiledAndMatchedQuickly()
    {
        var clock = Stopwatch.StartNew();
        var compiled = EcmaPattern.Compile("^(?:\\p{L}|\\p{M}|\\p{Nd}|[\\p{P}\\p{Zs}]|\\P{C}){1,100}$", out _)!;
        Assert.True(compiled.IsMatch("Ünïcode 漢字 𝒜𝒷 😀 ৪২".ToCharArray()));
        Assert.False(compiled.IsMatch("a\u0001".ToCharArray()));
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(10), $"{clock.Elapsed}");
    }

    [Fact]
    public void Pattern_OfClassesWithoutMeasure_IsRefused()
    {
        Assert.Null(EcmaPattern.Compile(string.Concat(Enumerable.Repeat("\\p{L}", 300)), out var size));
        Assert.Contains("its character classes are too large", size, StringComparison.Ordinal);
        Assert.Null(EcmaPattern.Compile(string.Concat(Enumerable.Range(0, 2_100).Select(Astral)), out var many));
        Assert.Contains("The pattern is too large", many, StringComparison.Ordinal);

        // Each character in a pair of sets of its own, so that no two may share a class.
        var sets = Enumerable.Range(0, 65).Select(set => $"[{string.Concat(Enumerable.Range(0, 65).Select(other => Astral((Math.Min(set, other) * 65) + Math.Max(set, other))))}]");
        Assert.Null(EcmaPattern.Compile(string.Concat(sets), out var classes));
        Assert.Contains("The pattern is too large", classes, StringComparison.Ordinal);

        static string Astral(int i) => char.ConvertFromUtf32(0x10000 + (2 * i));
    }

    [Fact]
    public void Record_ThatAPatternTakesTooLongFor_IsToldSoInsteadOfHoldingUpTheRest()
    {
        var schema = Some.Schema("""{"pattern":"(?:.*a.{50}){20}c"}""");
        var value = Some.Value($"\"{new StringBuilder().Insert(0, "a", 100_000)}\"");
        var violation = Assert.Single(schema.Validate(value));
        Assert.Equal(("", SchemaViolation.TooComplex, "Expected texts that can be matched against the patterns in time."), (violation.Location, violation.Keyword, violation.Message));
    }
}
