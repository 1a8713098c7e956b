using System.Text.RegularExpressions;
using DataPipeline.Application.Processing;
using DataPipeline.Domain.Processing;
using DataPipeline.Infrastructure.Processors;
using Record = DataPipeline.Domain.Processing.Record;

namespace DataPipeline.Application.Tests.Processing;

/// <summary>Regular expressions of configurations: which there are, and what becomes of a record that one takes too long with.</summary>
public sealed class LinearRegexTests
{
    /// <summary>Nearly every character of a random text makes its automaton grow, which is what takes time.</summary>
    private const string Slow = "(?:.{0,33}a){3}(?<x>y)";

    private static readonly Regex SlowAndImpatient = new(Slow, RegexOptions.NonBacktracking, TimeSpan.FromMilliseconds(1));

    private static readonly string Text = $"{new string(new Random(1).GetItems("ab".AsSpan(), 3_000))}aaay";

    private static readonly FieldPath Field = FieldPath.Parse("text");

    [Theory]
    [InlineData("a(?=b)", "The pattern would need backtracking, which is not supported because its time has no bound: it contains 'positive lookahead (?= pattern) or positive lookbehind (?<= pattern)'.")]
    [InlineData(@"(a)\1", @"The pattern would need backtracking, which is not supported because its time has no bound: it contains 'backreference (\ number)'.")]
    [InlineData("((a{100}){100}){100}", "The pattern is too large: its repetitions or character classes multiply to more than can be matched in linear time.")]
    [InlineData("ab(c' at offset 1. x", "The pattern is no regular expression: Not enough )'s. It goes wrong behind \"ab(c' at offset 1. x\".")]
    [InlineData("[z-a]", "The pattern is no regular expression: [x-y] range in reverse order. It goes wrong behind \"[z-a\".")]
    public void APatternThatCannotBeMatchedInLinearTime_IsRefusedWithTheReason(string pattern, string reason)
    {
        Assert.False(LinearRegex.TryCreate(pattern, RegexOptions.None, out _, out var error));
        Assert.Equal(reason, error);
    }

    [Theory]
    [InlineData("split")]
    [InlineData("gsub")]
    [InlineData("extract")]
    [InlineData("kv, between pairs")]
    [InlineData("kv, within a pair")]
    public void AMatchThatTakesTooLong_IsItsRecordsFailure(string type)
    {
        var other = new Regex("=", RegexOptions.NonBacktracking);
        IProcessor processor = type switch
        {
            "split" => new SplitProcessor(new SplitOptions { Field = Field, Separator = SlowAndImpatient }),
            "gsub" => new GsubProcessor(new GsubOptions { Field = Field, Pattern = SlowAndImpatient, Replacement = "$1" }),
            "extract" => new ExtractProcessor(new ExtractOptions { Field = Field, Pattern = SlowAndImpatient }),
            "kv, between pairs" => new KvProcessor(new KvOptions { Field = Field, FieldSplit = SlowAndImpatient, ValueSplit = other }),
            _ => new KvProcessor(new KvOptions { Field = Field, FieldSplit = other, ValueSplit = SlowAndImpatient }),
        };

        var result = processor.Process(Record.Of(RecordValue.FromObject([new("text", RecordValue.From(Text))])), new ProcessorContext(TimeProvider.System));

        Assert.Equal("PROCESSOR_TIMEOUT", result.Code);
        Assert.Equal($"text: \"{Text.AsSpan(0, 199)}… takes too long to match", result.Message);
    }

    [Fact]
    public void AMatchThatTakesTooLong_IsNoneToACondition() => Assert.False(FieldTests.Matching(SlowAndImpatient)(RecordValue.From(Text)));
}
