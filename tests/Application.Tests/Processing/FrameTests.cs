using System.Text;
using DataPipeline.Application.Processing;
using DataPipeline.Domain.Batches;
using DataPipeline.Domain.Processing;
using Microsoft.Extensions.Time.Testing;
using Record = DataPipeline.Domain.Processing.Record;

namespace DataPipeline.Application.Tests.Processing;

/// <summary>What surrounds a processor: <c>if</c>, <c>ignoreFailure</c>, <c>onFailure</c>, failures, crashes.</summary>
public sealed class FrameTests
{
    private const string Failing = """{"type":"convert","tag":"amount","options":{"field":"a","type":"long"} """;
    private const string After = """,{"type":"set","options":{"field":"after","value":1} }""";

    [Fact]
    public void AFailure_NamesItsProcessor()
    {
        var (verdict, json) = Engine.RunRecord($"{{\"type\":\"set\",\"options\":{{\"field\":\"x\",\"value\":1}} }},{Failing}}}", """{"a":"y"}""");

        Assert.Equal((Ending.Failed, new ProcessorRef(1, "convert", "amount"), "CONVERSION_FAILED", "a: \"y\" is not an integer"), (verdict.Ending, verdict.Processor, verdict.Code, verdict.Message));
        Assert.Equal("""{"a":"y","x":1}""", json);
    }

    [Fact]
    public void IgnoreFailure_LetsTheRecordGoOn() => Assert.Equal("""{"a":"y","after":1}""", Engine.Run($$"""{{Failing}},"ignoreFailure":true}{{After}}""", """{"a":"y"}"""));

    [Fact]
    public void IgnoreFailure_LeavesNoHalfChangedRecord() =>
        Assert.Equal("""{"a":1,"b":2}""", Engine.Run("""{"type":"remove","ignoreFailure":true,"options":{"field":["a","z"]} }""", """{"a":1,"b":2}"""));

    [Fact]
    public void OnFailure_SeesTheFailureAndTheRecordGoesOn() => Assert.Equal(
        """{"a":"y","e":"CONVERSION_FAILED|a: \"y\" is not an integer|convert|amount","after":1}""",
        Engine.Run($$$"""{{{Failing}}},"onFailure":[{"type":"set","options":{"field":"e","value":"{{failure.code}}|{{failure.message}}|{{failure.processor.type}}|{{failure.processor.tag}}"} }]}{{{After}}}""", """{"a":"y"}"""));

    [Fact]
    public void OnFailure_IsNotRunWithoutFailure() =>
        Assert.Equal("""{"a":1}""", Engine.Run($$"""{{Failing}},"onFailure":[{"type":"drop"}]}""", """{"a":1}"""));

    [Fact]
    public void AFailureInOnFailure_FailsTheRecord()
    {
        var (verdict, _) = Engine.RunRecord($$"""{"type":"trim","options":{"field":"a"} },{{Failing}},"ignoreFailure":true,"onFailure":[{"type":"trim","tag":"inner","options":{"field":"nope"} }]}""", """{"a":"y"}""");
        Assert.Equal((Ending.Failed, new ProcessorRef(1, "trim", "inner"), "FIELD_MISSING", "nope is missing."), (verdict.Ending, verdict.Processor, verdict.Code, verdict.Message));
    }

    [Theory]
    [InlineData(""" "ignoreFailure":true """, """{"a":"y","after":1}""")]
    [InlineData(""" "onFailure":[{"type":"set","options":{"field":"e","value":"{{failure.code}}"} }] """, """{"a":"y","e":"FIELD_MISSING","after":1}""")]
    [InlineData(""" "onFailure":[{"type":"drop"}] """, "dropped")]
    [InlineData(""" "onFailure":[{"type":"terminate"}] """, """{"a":"y"}""")]
    public void AFailureInOnFailure_ThatIsHandled_IsNone(string handling, string expected) =>
        Assert.Equal(expected, Engine.Run($$"""{{Failing}},"onFailure":[{"type":"trim","options":{"field":"nope"},{{handling}} }]}{{After}}""", """{"a":"y"}"""));

    [Fact]
    public void TheFailure_IsGoneAfterItsHandling() => Assert.Equal(
        """{"a":"y","f":"CONVERSION_FAILED","g":""}""",
        Engine.Run(
            $$$"""{{{Failing}}},"onFailure":[{"type":"trim","options":{"field":"nope"},"onFailure":[{"type":"set","options":{"field":"x","value":1} },{"type":"remove","options":{"field":"x"} }]},{"type":"set","options":{"field":"f","value":"{{failure.code}}"} }]},{"type":"set","options":{"field":"g","value":"{{failure.code}}"} }""",
            """{"a":"y"}"""));

    [Fact]
    public void AnEmptyOnFailure_HandlesNothing() => Assert.Equal("CONVERSION_FAILED a: \"y\" is not an integer", Engine.Run($$"""{{Failing}},"onFailure":[]}""", """{"a":"y"}"""));

    [Fact]
    public async Task AnException_IsTheRecordsFailure_AndIsTakenBack()
    {
        var step = new CompiledStep(new ProcessorRef(0, "odd", null), new Crashing(), isAtomic: false);
        var record = Parse("""{"a":1}""");

        var verdict = await RecordRunner.RunAsync([step], record, Context(), null, null, TestContext.Current.CancellationToken);

        Assert.Equal("PROCESSOR_CRASHED", verdict.Code);
        Assert.Equal("odd crashed: InvalidOperationException: oh", verdict.Message);
        Assert.Equal("""{"a":1}""", Engine.Json(record));
    }

    [Fact]
    public async Task AnAsyncProcessor_IsAwaited_AndItsExceptionsAreTheRecordsFailure()
    {
        using var step = new CompiledStep(new ProcessorRef(0, "slow", null), new Slow(), isAtomic: false);
        var good = Parse("""{"ok":true}""");
        var bad = Parse("{}");

        Assert.Equal(Ending.Passed, (await RecordRunner.RunAsync([step], good, Context(), null, null, TestContext.Current.CancellationToken)).Ending);
        Assert.Equal("""{"ok":true,"slow":true}""", Engine.Json(good));
        Assert.Equal("PROCESSOR_CRASHED", (await RecordRunner.RunAsync([step], bad, Context(), null, null, TestContext.Current.CancellationToken)).Code);
        Assert.Equal("{}", Engine.Json(bad));
    }

    [Fact]
    public async Task Cancellation_OfAnAsyncProcessor_IsNoFailure()
    {
        using var step = new CompiledStep(new ProcessorRef(0, "slow", null), new Slow(), isAtomic: false);
        using var source = new CancellationTokenSource();
        await source.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await RecordRunner.RunAsync([step], Parse("""{"ok":true}"""), Context(), null, null, source.Token));
    }

    private static Record Parse(string json) => Record.TryParse(Encoding.UTF8.GetBytes(json), out var record) ? record : throw new InvalidOperationException("No record.");

    private static ProcessorContext Context() => new(new FakeTimeProvider(Engine.Now));

    private sealed class Crashing : IProcessor
    {
        public ProcessorResult Process(Record record, ProcessorContext context)
        {
            Assert.True(record.TrySet(FieldPath.Parse("half"), RecordValue.From(true)));
            throw new InvalidOperationException("oh");
        }
    }

    private sealed class Slow : IAsyncProcessor
    {
        public async ValueTask<ProcessorResult> ProcessAsync(Record record, ProcessorContext context, CancellationToken cancellationToken)
        {
            Assert.True(record.TrySet(FieldPath.Parse("slow"), RecordValue.From(true)));
            await Task.Yield();
            cancellationToken.ThrowIfCancellationRequested();
            return record.Get(FieldPath.Parse("ok")).GetBoolean() ? ProcessorResult.Continue : throw new TimeoutException();
        }
    }
}
