using System.Diagnostics;
using System.Text;
using System.Text.Json;
using DataPipeline.Application.Processing;
using DataPipeline.Application.Tests.Processing;
using DataPipeline.Domain.Processing;
using Microsoft.Extensions.Time.Testing;
using Record = DataPipeline.Domain.Processing.Record;

namespace DataPipeline.Application.Tests.Processors;

/// <summary>The foreach processor.</summary>
public sealed class ForeachTests
{
    private static readonly PipelineCompiler Compiler = new(new WithLater(), Destinations.DestinationConfig.Destinations);

    [Theory]
    [InlineData("""{"a":["x","y"]}""", """{"a":["X","Y"]}""")]
    [InlineData("""{"a":[]}""", """{"a":[]}""")]
    [InlineData("""{"a":{"p":"x","q":"y"}}""", """{"a":{"p":"X","q":"Y"}}""")]
    [InlineData("""{"a":{}}""", """{"a":{}}""")]
    [InlineData("""{"a":{"":"x","p.q":["y","z"]}}""", """{"a":{"":"X","p.q":["Y","Z"]}}""")]
    [InlineData("""{"a":["x"],"b":{"value":1}}""", """{"a":["X"],"b":{"value":1}}""")]
    public void EachElement_IsReplacedByWhatValueIsAfterwards(string record, string expected) => Assert.Equal(expected, Run("a", """{"type":"uppercase","options":{"field":"value"}}""", record));

    [Fact]
    public void AnElement_CanBeAnObject() => Assert.Equal(
        """{"items":[{"sku":"A","price":1.10},{"sku":"B"}]}""",
        Run("items", """{"type":"uppercase","options":{"field":"value.sku"}}""", """{"items":[{"sku":"a","price":1.10},{"sku":"b"}]}"""));

    [Fact]
    public void TheField_CanLieDeep() => Assert.Equal(
        """{"a":{"b":[{"c":["x","Y"]}]}}""",
        Run("a.b.0.c", """{"type":"uppercase","if":{"field":"index","equals":1},"options":{"field":"value"}}""", """{"a":{"b":[{"c":["x","y"]}]}}"""));

    [Fact]
    public void TheRestOfTheRecord_IsSeenAndWritten() => Assert.Equal(
        """{"currency":"EUR","items":[{"n":1,"label":"EUR 1 0"},{"n":2,"label":"EUR 2 1"}],"last":2}""",
        Engine.Run(
            $"{Foreach("items", """{"type":"set","options":{"field":"value.label","value":"{{currency}} {{value.n}} {{index}}"}}""")},{Foreach("items", """{"type":"set","options":{"field":"last","copyFrom":"value.n"}}""")}",
            """{"currency":"EUR","items":[{"n":1},{"n":2}]}"""));

    [Theory]
    [InlineData("""{"value":"v","a":["x"],"index":"i","key":"k"}""", """{"value":"v","a":["x0k"],"index":"i","key":"k"}""")]
    [InlineData("""{"key":"k","a":{"p":"x"},"index":7,"value":null}""", """{"key":"k","a":{"p":"x7p"},"index":7,"value":null}""")]
    public void FieldsOfTheSameNames_AreShadowed_AndUntouchedAfterwards(string record, string expected) =>
        Assert.Equal(expected, Run("a", """{"type":"set","options":{"field":"value","value":"{{value}}{{index}}{{key}}"}}""", record));

    [Fact]
    public void AFieldCalledValue_CanBeGoneThrough() => Assert.Equal("""{"value":["X"]}""", Run("value", """{"type":"uppercase","options":{"field":"value"}}""", """{"value":["x"]}"""));

    [Fact]
    public void WhatIsWrittenIntoTheCollectionMeanwhile_IsOverwritten()
    {
        Assert.Equal("""{"a":["x","y"]}""", Run("a", """{"type":"remove","options":{"field":"a.0"},"ignoreFailure":true}""", """{"a":["x","y"]}"""));
        Assert.Equal("""{"a":["x"],"b":1}""", Run("a", """{"type":"append","options":{"field":"a","value":"z"}}""", """{"a":["x"],"b":1}"""));
        Assert.Equal("""{"value.0":0,"a":["x"]}""", Run("a", """{"type":"remove","options":{"keep":["['value.0']","value"]}}""", """{"a":["x"],"value.0":0}"""));
    }

    [Theory]
    [InlineData("""{"type":"lowercase","options":{"field":"key"}}""", """{"a":{"Content-Type":1,"Accept":2}}""", """{"a":{"content-type":1,"accept":2}}""")]
    [InlineData("""{"type":"set","options":{"field":"key","value":"{{value.id}}-x"}}""", """{"a":{"p":{"id":"1"},"q":{"id":"2"}}}""", """{"a":{"1-x":{"id":"1"},"2-x":{"id":"2"}}}""")]
    [InlineData("""{"type":"set","options":{"field":"key","value":"same"}}""", """{"a":{"p":1,"q":2}}""", """{"a":{"same":2}}""")]
    public void AnElementOfAnObject_MovesWithItsKey_AndOfTwoTheLaterCounts(string processor, string record, string expected) => Assert.Equal(expected, Run("a", processor, record));

    [Fact]
    public void AKey_IsAString() => Assert.Equal("TYPE_MISMATCH a[\"p\"]: key: 7 is not a string", Run("a", """{"type":"set","options":{"field":"key","value":7}}""", """{"a":{"p":1}}"""));

    [Theory]
    [InlineData("""{"type":"remove","if":{"field":"value","equals":2},"options":{"field":"value"}}""", """{"a":[1,2,3]}""", """{"a":[1,3]}""")]
    [InlineData("""{"type":"remove","if":{"field":"value","equals":2},"options":{"field":"value"}}""", """{"a":{"p":1,"q":2}}""", """{"a":{"p":1}}""")]
    [InlineData("""{"type":"remove","if":{"field":"key","startsWith":"_"},"options":{"field":"key"}}""", """{"a":{"_p":1,"q":null}}""", """{"a":{"q":null}}""")]
    [InlineData("""{"type":"rename","options":{"field":"value","targetField":"moved","override":true}}""", """{"a":[1,2]}""", """{"a":[],"moved":2}""")]
    public void AnElementWhoseValueOrKeyIsRemoved_IsLeftOut(string processor, string record, string expected) => Assert.Equal(expected, Run("a", processor, record));

    [Fact]
    public void NullElements_AreElements() => Assert.Equal("""{"a":[null,"X"]}""", Run("a", """{"type":"uppercase","options":{"field":"value","ignoreMissing":true}}""", """{"a":[null,"x"]}"""));

    [Theory]
    [InlineData("""{"orders":[{"items":["a","b"]},{"items":["c"]}]}""", """{"orders":[{"items":["A","B"]},{"items":["C"]}]}""")]
    [InlineData("""{"orders":{"p":{"items":{"q":"a"}}},"key":1,"value":2}""", """{"orders":{"p":{"items":{"q":"A"}}},"key":1,"value":2}""")]
    [InlineData("""{"index":"i","orders":[{"items":{"q":"a"}}]}""", """{"index":"i","orders":[{"items":{"q":"A"}}]}""")]
    public void Loops_CanLieInLoops(string record, string expected) => Assert.Equal(expected, Run("orders", Foreach("value.items", """{"type":"uppercase","options":{"field":"value"}}"""), record));

    [Fact]
    public void TheInnerLoop_SeesItsOwnElement_AndTheOuterOneItsOwnAgain()
    {
        var inner = Foreach("value", """{"type":"set","options":{"field":"value","value":"{{index}}{{value}}"}}""");
        Assert.Equal("""{"a":[["u","v"],["0w","1x"],["y"]]}""", Run("a", $$"""{"if":{"field":"index","equals":1},{{inner[1..]}}""", """{"a":[["u","v"],["w","x"],["y"]]}"""));
    }

    [Theory]
    [InlineData("{}", "FIELD_MISSING a is missing.")]
    [InlineData("""{"a":null}""", "FIELD_MISSING a is missing.")]
    [InlineData("""{"a":"x"}""", "TYPE_MISMATCH a: \"x\" is not an array or an object")]
    [InlineData("""{"a":["x",5]}""", "TYPE_MISMATCH a[1]: value: 5 is not a string")]
    [InlineData("""{"a":{"p":"x","q":null}}""", "FIELD_MISSING a[\"q\"]: value is missing.")]
    public void AFailure_KeepsItsCode_AndNamesTheElement(string record, string expected) => Assert.Equal(expected, Run("a", """{"type":"uppercase","options":{"field":"value"}}""", record));

    [Fact]
    public void AFailureInALoopInALoop_NamesBothElements() => Assert.Equal(
        "TYPE_MISMATCH a[1]: value.b[0]: value: 5 is not a string",
        Run("a", Foreach("value.b", """{"type":"uppercase","options":{"field":"value"}}"""), """{"a":[{"b":["x"]},{"b":[5]}]}"""));

    [Fact]
    public void TheDetailsOfAFailure_PointIntoTheRecord()
    {
        var processor = Engine.Step("validate", """{"schema":{"required":["id"],"properties":{"value":{"required":["n/a"],"properties":{"n":{"type":"number"}}},"valued":{"not":{}}}}}""");
        var verdict = Engine.RunRecord(Foreach("orders", Foreach("value.items", processor)), """{"valued":1,"orders":{"p":{"items":[{"n":"x"}]}}}""").Verdict;

        Assert.Equal("SCHEMA_VIOLATION orders[\"p\"]: value.items[0]: /valued: Expected a value that does not match the schema of not, but found 1.", $"{verdict.Code} {verdict.Message}");
        Assert.Equal(["/valued NOT", "/orders/p/items/0/n TYPE", "/orders/p/items/0/n~1a REQUIRED", "/id REQUIRED"], verdict.Failure.Details.Select(detail => $"{detail.Field} {detail.Code}"));
    }

    [Fact]
    public void AFailure_LeavesTheRecordAsItWas()
    {
        var processors = $$"""{{Foreach("a", """{"type":"uppercase","options":{"field":"value"}}""")[..^1]}},"ignoreFailure":true},{"type":"set","options":{"field":"after","value":1} }""";
        Assert.Equal("""{"value":0,"a":["x",5],"index":1,"after":1}""", Engine.Run(processors, """{"value":0,"a":["x",5],"index":1}"""));
    }

    [Fact]
    public void TheFrameOfTheInnerProcessor_Works()
    {
        Assert.Equal("""{"a":["X",5]}""", Run("a", """{"type":"uppercase","options":{"field":"value"},"ignoreFailure":true}""", """{"a":["x",5]}"""));
        Assert.Equal("""{"a":["x","Y"]}""", Run("a", """{"type":"uppercase","if":{"field":"value","equals":"y"},"options":{"field":"value"}}""", """{"a":["x","y"]}"""));
        Assert.Equal(
            """{"a":["STRING",1,null],"errors":["TYPE_MISMATCH 1 uppercase up","FIELD_MISSING 2 uppercase up"]}""",
            Run("a", """{"type":"uppercase","tag":"up","options":{"field":"value"},"onFailure":[{"type":"append","options":{"field":"errors","value":"{{failure.code}} {{index}} {{failure.processor.type}} {{failure.processor.tag}}"}}]}""", """{"a":["string",1,null]}"""));
    }

    [Fact]
    public void TheFrameOfTheLoop_Works()
    {
        var loop = Foreach("a", """{"type":"uppercase","options":{"field":"value"}}""")[..^1];
        Assert.Equal("""{"a":[5],"why":"TYPE_MISMATCH foreach t"}""", Engine.Run($$$"""{{{loop}}},"tag":"t","onFailure":[{"type":"set","options":{"field":"why","value":"{{failure.code}} {{failure.processor.type}} {{failure.processor.tag}}"} }]}""", """{"a":[5]}"""));
        var verdict = Engine.RunRecord($"{{\"type\":\"trim\",\"options\":{{\"field\":\"t\"}} }},{loop},\"tag\":\"t\"}}", """{"t":"","a":[5]}""").Verdict;
        Assert.Equal((1, "foreach", "t"), (verdict.Processor!.Index, verdict.Processor.Type, verdict.Processor.Tag));
    }

    [Fact]
    public void Drop_DropsTheRecord() => Assert.Equal("dropped", Run("a", """{"type":"drop","if":{"field":"value","equals":2}}""", """{"a":[1,2,3]}"""));

    [Fact]
    public void Terminate_EndsTheLoop_AndThePipeline()
    {
        var stop = """{"type":"fail","if":{"field":"value","equals":2},"options":{"message":"x"},"onFailure":[{"type":"set","options":{"field":"value","value":"stop"}},{"type":"terminate"}]}""";
        Assert.Equal("""{"a":[1,"stop",3,2],"index":"i"}""", Engine.Run($"{Foreach("a", stop)},{Engine.Step("set", """{"field":"after","value":1}""")}", """{"a":[1,2,3,2],"index":"i"}"""));
        Assert.Equal("""{"a":{"p":1,"q":"stop","r":3}}""", Engine.Run($"{Foreach("a", stop)},{Engine.Step("set", """{"field":"after","value":1}""")}", """{"a":{"p":1,"q":2,"r":3}}"""));
    }

    [Fact]
    public void TheCollection_MustStillHaveItsPlace() => Assert.Equal(
        "INVALID_PATH b.a cannot be written: b is 1, which is neither object nor array.",
        Run("b.a", """{"type":"set","options":{"field":"b","value":1}}""", """{"b":{"a":[1]}}"""));

    [Fact]
    public void Deep_Elements_AreTakenAndPutBack()
    {
        var deep = new string('[', 60) + "\"x\"" + new string(']', 60);
        Assert.Equal($$"""{"a":[{{deep}}],"seen":0}""", Run("a", """{"type":"set","options":{"field":"seen","value":"{{index}}"}}""", $$"""{"a":[{{deep}}]}"""));
    }

    [Theory]
    [InlineData("""{"type":"uppercase","options":{"field":"value"}}""", "X")]
    [InlineData("""{"type":"foreach","options":{"field":"none","ignoreMissing":true,"processor":{"type":"drop"}}}""", "x")]
    public void ManyElements_TakeNoQuadraticTime(string processor, string expected)
    {
        const int Elements = 100_000;
        var before = GC.GetAllocatedBytesForCurrentThread();
        var clock = Stopwatch.StartNew();

        var result = Run("a", processor, Array("x"));

        Assert.Equal(Array(expected), result);
        Assert.InRange((GC.GetAllocatedBytesForCurrentThread() - before) / Elements, 0, 2_000);
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(20), $"{clock.Elapsed}");

        static string Array(string element) => $$"""{"a":[{{string.Join(',', Enumerable.Repeat($"\"{element}\"", Elements))}}]}""";
    }

    [Fact]
    public void LoopsThatMultiply_FailTheirRecord()
    {
        var inner = """{"type":"set","options":{"field":"n","value":1}}""";
        var numbers = string.Join(',', Enumerable.Repeat("1", 1_100));
        Assert.StartsWith("TOO_MANY_ELEMENTS a[", Run("a", Foreach("a", inner), $$"""{"a":[{{numbers}}]}"""), StringComparison.Ordinal);
        Assert.Equal("""{"a":[1],"n":1}""", Run("a", Foreach("a", inner), """{"a":[1]}"""));
    }

    [Fact]
    public async Task OneRecord_DoesNotUseUpWhatAnotherMay()
    {
        var compiled = Engine.Compile(Foreach("a", """{"type":"set","options":{"field":"n","copyFrom":"index"}}"""));
        using var pipeline = compiled.Value;
        var json = Encoding.UTF8.GetBytes($$"""{"a":[{{string.Join(',', Enumerable.Repeat("1", 300_000))}}]}""");
        var context = new ProcessorContext(new FakeTimeProvider(Engine.Now));
        for (var i = 0; i < 4; i++)
        {
            Assert.True(Record.TryParse(json, out var record));
            context.MoveTo(i);
            Assert.Equal(Ending.Passed, (await RecordRunner.RunAsync(pipeline.Steps, record, context, null, null, TestContext.Current.CancellationToken)).Ending);
        }
    }

    [Theory]
    [InlineData("""{"processor":{"type":"drop"}}""", "options.field REQUIRED")]
    [InlineData("""{"field":"a"}""", "options.processor REQUIRED")]
    [InlineData("""{"field":"a","processor":null}""", "options.processor REQUIRED")]
    [InlineData("""{"field":"a","processor":[]}""", "options.processor INVALID_TYPE")]
    [InlineData("""{"field":"a","processor":{}}""", "options.processor.type REQUIRED")]
    [InlineData("""{"field":"a","processor":{"type":"uperrcase"}}""", "options.processor.type UNKNOWN_TYPE")]
    [InlineData("""{"field":"a","processor":{"type":"drop","iff":{}}}""", "options.processor.iff UNKNOWN_PROPERTY")]
    [InlineData("""{"field":"a","processor":{"type":"uppercase","options":{"field":"a..b"}}}""", "options.processor.options.field INVALID_PATH")]
    [InlineData("""{"field":"a","processor":{"type":"drop","if":{"field":"value"}}}""", "options.processor.if REQUIRED")]
    [InlineData("""{"field":"a","processor":{"type":"drop","onFailure":[{"type":"drop"},{"type":"fail"}]}}""", "options.processor.onFailure[1].options.message REQUIRED")]
    [InlineData("""{"field":"a","processor":{"type":"foreach","options":{"field":"value","processor":{"type":"lowercase","options":{}}}}}""", "options.processor.options.processor.options.field REQUIRED")]
    [InlineData("""{"field":"{{a}}","processor":{"type":"drop"}}""", "options.field TEMPLATE_NOT_ALLOWED")]
    public void AConfiguration_IsCheckedWhereItIsWrong(string options, string expected)
    {
        var fault = Engine.Fault("foreach", options);
        Assert.Equal($"config.processors[0].{expected}", $"{fault.Field} {fault.Code}");
    }

    [Fact]
    public void AllFaultsAreToldAtOnce_AnUnknownTypeWithTheNearest()
    {
        var compiled = Engine.Compile(Foreach("", """{"type":"uperrcase","if":{"field":""},"onFailure":[{"type":"fale"}]}"""));

        Assert.Equal(
            [
                "options.field INVALID_PATH",
                "options.processor.if REQUIRED",
                "options.processor.if.field INVALID_PATH",
                "options.processor.onFailure[0].type UNKNOWN_TYPE",
                "options.processor.type UNKNOWN_TYPE",
            ],
            compiled.Error!.Details.Select(detail => $"{detail.Field["config.processors[0].".Length..]} {detail.Code}").Order(StringComparer.Ordinal));
        Assert.Contains("Did you mean uppercase?", compiled.Error.Details.Single(detail => detail.Field.EndsWith("processor.type", StringComparison.Ordinal)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Loops_LieInEachOtherOnlySoDeep()
    {
        var processor = """{"type":"drop"}""";
        for (var i = 1; i < InnerProcessor.MaxDepth; i++) processor = Foreach("value", processor);
        Assert.True(Engine.Compile(Foreach("a", processor)).IsSuccess);

        var fault = Assert.Single(Engine.Compile(Foreach("a", Foreach("value", processor))).Error!.Details);
        Assert.Equal(("TOO_DEEP", "config.processors[0]" + string.Concat(Enumerable.Repeat(".options.processor", InnerProcessor.MaxDepth + 1))), (fault.Code, fault.Field));
    }

    [Fact]
    public async Task AnAsynchronousProcessor_IsAwaitedForEachElement()
    {
        using var pipeline = Compile(Foreach("a", """{"type":"later"}"""));
        Assert.True(Record.TryParse("""{"a":[1,2,3],"n":0}"""u8.ToArray(), out var record));

        var verdict = await RecordRunner.RunAsync(pipeline.Steps, record, new ProcessorContext(new FakeTimeProvider(Engine.Now)), null, null, TestContext.Current.CancellationToken);

        Assert.Equal(Ending.Passed, verdict.Ending);
        Assert.Equal("""{"a":["1!","2!","3!"],"n":0}""", Engine.Json(record));
    }

    [Fact]
    public async Task ALoop_EndsWhenItIsCancelled()
    {
        using var pipeline = Compile(Foreach("a", """{"type":"later"}"""));
        Assert.True(Record.TryParse("""{"a":[1]}"""u8.ToArray(), out var record));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await RecordRunner.RunAsync(pipeline.Steps, record, new ProcessorContext(new FakeTimeProvider(Engine.Now)), null, null, new CancellationToken(canceled: true)));
    }

    [Fact]
    public void TheInnerProcessor_IsDisposedOfWithTheLoop_AndWhereTheLoopIsRefused()
    {
        Later.Alive = 0;
        Compile(Foreach("a", """{"type":"later"}""")).Dispose();
        Assert.Equal(0, Later.Alive);

        Assert.False(Compiler.Compile(JsonElement.Parse(Engine.Config(Foreach("a..b", """{"type":"later"}""")))).IsSuccess);
        Assert.Equal(0, Later.Alive);
    }

    private static string Run(string field, string processor, string record) => Engine.Run(Foreach(field, processor), record);

    private static string Foreach(string field, string processor) => Engine.Step("foreach", $$"""{"field":"{{field}}","processor":{{processor}} }""");

    private static CompiledPipeline Compile(string processors) => Compiler.Compile(JsonElement.Parse(Engine.Config(processors))).Value;

    private sealed class WithLater : IProcessorCatalog
    {
        public IReadOnlyDictionary<string, ComponentDescriptor> Types { get; } =
            new Dictionary<string, ComponentDescriptor>(Engine.Processors.Types) { ["later"] = ComponentDescriptor.Of(typeof(Later)) };
    }

    [Processor("later", "1.0")]
    private sealed class Later : IAsyncProcessor, IDisposable
    {
        private static readonly FieldPath Value = FieldPath.Parse("value");

        internal static int Alive;

        public Later() => Alive++;

        public async ValueTask<ProcessorResult> ProcessAsync(Record record, ProcessorContext context, CancellationToken cancellationToken)
        {
            await Task.Yield();
            record.TrySet(Value, RecordValue.From($"{record.Get(Value).ToText()}!"));
            return ProcessorResult.Continue;
        }

        public void Dispose() => Alive--;
    }
}
