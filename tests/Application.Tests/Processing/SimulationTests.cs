using System.Text.Json;
using System.Text.Json.Serialization;
using DataPipeline.Application.Batches;
using DataPipeline.Application.Common;
using DataPipeline.Application.Pipelines;
using DataPipeline.Domain.Common;
using DataPipeline.Domain.Pipelines;
using Moq;

namespace DataPipeline.Application.Tests.Processing;

public sealed class SimulationTests
{
    private static readonly JsonSerializerOptions Web = new(JsonSerializerDefaults.Web) { Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) } };

    private static readonly Simulator Simulator = Engine.Simulator();

    [Fact]
    public async Task Simulate_TellsWhatWouldBecomeOfEachRecord()
    {
        var json = await Simulate(
            """{"type":"drop","if":{"field":"a","equals":0} },{"type":"convert","tag":"t","options":{"field":"a","type":"long"} }""",
            verbose: false, """{"a":"1"}""", """{"a":0}""", """{"a":"x"}""", "[1]", """{"b":1,"b":2}""");

        Assert.Equal(
            """
            {"results":[
            {"recordIndex":0,"outcome":"delivered","record":{"a":1},"error":null},
            {"recordIndex":1,"outcome":"dropped","record":null,"error":null},
            {"recordIndex":2,"outcome":"failed","record":null,"error":{"processor":{"index":1,"type":"convert","tag":"t"},"code":"CONVERSION_FAILED","message":"a: \u0022x\u0022 is not an integer"}},
            {"recordIndex":3,"outcome":"failed","record":null,"error":{"processor":null,"code":"NOT_AN_OBJECT","message":"A record is a JSON object, not an array."}},
            {"recordIndex":4,"outcome":"failed","record":null,"error":{"processor":null,"code":"DUPLICATE_PROPERTY","message":"The property \u0022b\u0022 stands twice in one object."}}]}
            """.ReplaceLineEndings(""),
            json);
    }

    [Fact]
    public async Task Simulate_WhenVerbose_TellsEveryStep()
    {
        var json = await Simulate(
            """
            {"type":"set","tag":"s","options":{"field":"x","value":1} },
            {"type":"drop","if":{"field":"a","equals":0} },
            {"type":"trim","options":{"field":"nope"},"ignoreFailure":true },
            {"type":"trim","options":{"field":"nope"},"onFailure":[{"type":"set","options":{"field":"h","value":2} }] },
            {"type":"trim","options":{"field":"nope"} }
            """,
            verbose: true, """{"a":1}""", """{"a":0}""");

        var results = JsonElement.Parse(json).GetProperty("results");
        Assert.Equal(
            [
                """0 set s ok {"a":1,"x":1} """,
                """1 drop  skipped {"a":1,"x":1} """,
                """2 trim  ignored {"a":1,"x":1} FIELD_MISSING""",
                """3 trim  failed {"a":1,"x":1,"h":2} FIELD_MISSING""",
                """4 trim  failed {"a":1,"x":1,"h":2} FIELD_MISSING""",
            ],
            Steps(results[0]));
        Assert.Equal(["""0 set s ok {"a":0,"x":1} """, """1 drop  dropped {"a":0,"x":1} """], Steps(results[1]));

        static IEnumerable<string> Steps(JsonElement result) => result.GetProperty("steps").EnumerateArray().Select(step =>
        {
            var processor = step.GetProperty("processor");
            var error = step.GetProperty("error");
            return $"{processor.GetProperty("index")} {processor.GetProperty("type")} {processor.GetProperty("tag")} {step.GetProperty("outcome")} {step.GetProperty("record").GetRawText()} {(error.ValueKind == JsonValueKind.Null ? "" : error.GetProperty("code").GetString())}";
        });
    }

    [Fact]
    public async Task Simulate_TellsWhatIsWrongWithARecord_OneByOne()
    {
        var json = await SimulateConfig(
            """{"source":{"type":"api","options":{"recordSchema":{"required":["id"]}}},"processors":[{"type":"validate","options":{"required":["a"]},"ignoreFailure":true},{"type":"validate","options":{"required":["b"]}}],"destination":{"type":"store"}}""",
            verbose: true, """{"a":1}""", """{"id":1}""");

        Assert.Equal(
            """
            {"results":[
            {"recordIndex":0,"outcome":"failed","record":null,"error":{"processor":null,"code":"SCHEMA_VIOLATION","message":"/id: Expected an object with the property \u0022id\u0022, but found {\u0022a\u0022:1}.","details":[{"field":"/id","code":"REQUIRED","message":"Expected an object with the property \u0022id\u0022, but found {\u0022a\u0022:1}."}]},"steps":[]},
            {"recordIndex":1,"outcome":"failed","record":null,"error":{"processor":{"index":1,"type":"validate","tag":null},"code":"SCHEMA_VIOLATION","message":"/b: b is missing.","details":[{"field":"/b","code":"REQUIRED","message":"b is missing."}]},"steps":[
            {"processor":{"index":0,"type":"validate","tag":null},"outcome":"ignored","record":{"id":1},"error":{"processor":{"index":0,"type":"validate","tag":null},"code":"SCHEMA_VIOLATION","message":"/a: a is missing.","details":[{"field":"/a","code":"REQUIRED","message":"a is missing."}]}},
            {"processor":{"index":1,"type":"validate","tag":null},"outcome":"failed","record":{"id":1},"error":{"processor":{"index":1,"type":"validate","tag":null},"code":"SCHEMA_VIOLATION","message":"/b: b is missing.","details":[{"field":"/b","code":"REQUIRED","message":"b is missing."}]}}]}]}
            """.ReplaceLineEndings(""),
            json);
    }

    [Fact]
    public async Task Simulate_GivesBackWhatAWriterWouldRefuse()
    {
        var json = await Simulate("", verbose: false, """{"a":"\ud800","n":1.10}""");
        Assert.Contains("""{"a":"\ud800","n":1.10}""", json, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Simulate_OfABadConfiguration_SaysWhatIsWrong()
    {
        var result = await Handler().Handle(new SimulateConfig(new OwnerId("o"), JsonElement.Parse("{}"), [JsonElement.Parse("{}")], null, false), TestContext.Current.CancellationToken);
        Assert.Equal("VALIDATION_FAILED", result.Error!.Code);
    }

    [Fact]
    public async Task Simulate_OfAStoredPipeline_KnowsItsName()
    {
        var pipeline = Pipeline.Create(Guid.Empty, new OwnerId("o"), "orders", null, PipelineConfig.Restore(Engine.Config(Engine.Step("set", """{"field":"a","value":"{{pipeline.name}}{{batch.id}}"}"""))), Engine.Now);
        var pipelines = new Mock<IPipelineRepository>();
        pipelines.Setup(p => p.FindAsync(new OwnerId("o"), Guid.Empty, It.IsAny<CancellationToken>())).ReturnsAsync(pipeline);
        var handler = new SimulatePipelineHandler(pipelines.Object, Simulator);

        var result = await handler.Handle(new SimulatePipeline(new OwnerId("o"), Guid.Empty, [JsonElement.Parse("{}")], false), TestContext.Current.CancellationToken);
        var other = await handler.Handle(new SimulatePipeline(new OwnerId("p"), Guid.Empty, [JsonElement.Parse("{}")], false), TestContext.Current.CancellationToken);

        Assert.Equal("""{"a":"orders"}""", JsonSerializer.Serialize(result.Value.Results[0].Record, Web));
        Assert.Equal("PIPELINE_NOT_FOUND", other.Error!.Code);
    }

    [Fact]
    public async Task Simulate_TakesOneToAHundredRecords()
    {
        Assert.Equal(["records REQUIRED"], await Faults(null));
        Assert.Equal(["records REQUIRED"], await Faults([]));
        Assert.Equal(["records TOO_MANY"], await Faults([.. Enumerable.Repeat(JsonElement.Parse("{}"), 101)]));
        Assert.Empty(await Faults([.. Enumerable.Repeat(JsonElement.Parse("{}"), 100)]));

        static async Task<IEnumerable<string>> Faults(IReadOnlyList<JsonElement>? records)
        {
            var stored = await new SimulatePipelineValidator().ValidateAsync(new SimulatePipeline(new OwnerId("o"), Guid.Empty, records, false));
            var given = await new SimulateConfigValidator().ValidateAsync(new SimulateConfig(new OwnerId("o"), default, records, null, false));
            var faults = stored.Errors.Select(error => $"{error.PropertyName} {error.ErrorCode}").ToList();
            Assert.Equal(faults, given.Errors.Select(error => $"{error.PropertyName} {error.ErrorCode}"));
            return faults;
        }
    }

    [Theory]
    [InlineData(false, 20, true)]
    [InlineData(false, 60, false)]
    [InlineData(true, 20, false)]
    public async Task Simulate_HasAnAnswerOfABoundedLength(bool verbose, int records, bool fits)
    {
        var grow = string.Join(',', Enumerable.Range(0, 3).Select(i => Engine.Step("set", $$"""{"field":"f{{i}}","value":"{{new string('x', 250_000)}}"}""")));
        var query = new SimulateConfig(new OwnerId("o"), JsonElement.Parse(Engine.Config(grow)), [.. Enumerable.Repeat(JsonElement.Parse("{}"), records)], null, verbose);

        var result = await Handler().Handle(query, TestContext.Current.CancellationToken);

        Assert.Equal(fits, result.IsSuccess);
        if (!fits) Assert.Equal((ErrorKind.TooLarge, "SIMULATION_TOO_LARGE"), (result.Error!.Kind, result.Error.Code));
    }

    [Fact]
    public async Task SimulationsOfAnOwner_HaveTheirTurn()
    {
        var (turns, owner) = (new SimulationTurns(), new OwnerId("o"));
        var running = new List<IDisposable>();
        for (var i = 0; i < Simulation.MaxAtOnce; i++) running.Add(await turns.TakeAsync(owner, TestContext.Current.CancellationToken));

        var next = turns.TakeAsync(owner, TestContext.Current.CancellationToken);
        using var impatient = new CancellationTokenSource();
        var left = turns.TakeAsync(owner, impatient.Token);
        using (await turns.TakeAsync(new OwnerId("another"), TestContext.Current.CancellationToken)) Assert.False(next.IsCompleted);
        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => left);
        Assert.False(next.IsCompleted);
        running[0].Dispose();
        (await next).Dispose();
    }

    [Fact]
    public void RawJson_IsReadAndWrittenAsItStands()
    {
        var json = JsonSerializer.Deserialize<RawJson>("""{"a":[1.10]}""", Web);
        Assert.Equal("""{"a":[1.10]}""", JsonSerializer.Serialize(json, Web));
    }

    private static SimulateConfigHandler Handler() => new(Mock.Of<IReadDb>(), Mock.Of<IBatchStore>(), Simulator);

    private static Task<string> Simulate(string processors, bool verbose, params string[] records) => SimulateConfig(Engine.Config(processors), verbose, records);

    private static async Task<string> SimulateConfig(string config, bool verbose, params string[] records)
    {
        var query = new SimulateConfig(new OwnerId("o"), JsonElement.Parse(config), [.. records.Select(record => JsonElement.Parse(record))], null, verbose);
        var result = await Handler().Handle(query, TestContext.Current.CancellationToken);
        Assert.True(result.IsSuccess, string.Join("\n", result.Error?.Details ?? []));
        return JsonSerializer.Serialize(result.Value, Web);
    }
}
