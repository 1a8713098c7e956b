using System.Text;
using System.Text.Json;
using DataPipeline.Application.Processing;
using DataPipeline.Application.Tests.Processing;
using DataPipeline.Domain.Processing;
using DataPipeline.Infrastructure.Processors;
using DataPipeline.Infrastructure.Settings;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Record = DataPipeline.Domain.Processing.Record;

namespace DataPipeline.Application.Tests.Processors;

/// <summary>The script processor: source, record, what becomes of it.</summary>
public sealed class ScriptTests
{
    [Theory]
    [InlineData("record.total = record.price * record.quantity; return record.total > 0", """{"price":2.5,"quantity":4}""", """{"price":2.5,"quantity":4,"total":10}""")]
    [InlineData("record.total = record.price * record.quantity; return record.total > 0", """{"price":0,"quantity":4}""", "dropped")]
    [InlineData("return false", "{}", "dropped")]
    [InlineData("return 0", "{}", "{}")]
    [InlineData("return null", "{}", "{}")]
    [InlineData("record.paid = false", """{"paid":true}""", """{"paid":false}""")]
    [InlineData("if (!record.a) return false; record.b = 1", """{"a":1}""", """{"a":1,"b":1}""")]
    [InlineData("// nothing", """{"a": 1.10 }""", """{"a": 1.10 }""")]
    [InlineData("", "{}", "{}")]
    [InlineData("record.c = record.a + ''", """{"a":"\u0041é\ud83d\ude00"}""", "{\"a\":\"\\u0041é\\ud83d\\ude00\",\"c\":\"Aé😀\"}")]
    [InlineData("record.n = null; record.u = undefined; record.f = () => 1; record.s = Symbol()", """{"f":1}""", """{"n":null}""")]
    [InlineData("delete record.a", """{"a":1,"b":2}""", """{"b":2}""")]
    [InlineData("record.a = undefined", """{"a":1,"b":2}""", """{"b":2}""")]
    [InlineData("record.a.b.push({c: [1, undefined]}); record.a.d = 'x'", """{"a":{"b":[1.0]}}""", """{"a":{"b":[1.0,{"c":[1,null]}],"d":"x"}}""")]
    [InlineData("record.items.forEach(i => { i.total = i.price * i.n })", """{"items":[{"price":1.50,"n":2},{"price":3,"n":1}]}""", """{"items":[{"price":1.50,"n":2,"total":3},{"price":3,"n":1,"total":3}]}""")]
    [InlineData("record = { id: record.id }", """{"id":1.0,"x":2}""", """{"id":1.0}""")]
    [InlineData("record['a.b'] = record['']; record[''] = 2", """{"":1}""", """{"":2,"a.b":1}""")]
    [InlineData("record.at = new Date(0); record.none = new Date(NaN)", "{}", """{"at":"1970-01-01T00:00:00Z","none":null}""")]
    [InlineData("class P { constructor() { this.x = 1 } get y() { return 2 } } record.p = new P()", "{}", """{"p":{"x":1}}""")]
    [InlineData("record.keys = Object.keys(record).join() + ('a' in record) + record.hasOwnProperty('z')", """{"b":1,"a":2}""", """{"b":1,"a":2,"keys":"b,atruefalse"}""")]
    [InlineData("record.copy = { ...record, a: 2 }", """{"a":1,"b":12345678901234567890}""", """{"a":1,"b":12345678901234567890,"copy":{"a":2,"b":12345678901234567890}}""")]
    [InlineData("record.n = record.s.replace(/(\\d+)-(\\d+)/, '$2-$1').padStart(6, '*').repeat(2).concat('!').split('-').length", """{"s":"1-22"}""", """{"s":"1-22","n":3}""")]
    [InlineData("record.j = JSON.stringify([1, {a: [record.a]}]) + [[1, 2], [3]].flat().join('')", """{"a":"x"}""", """{"a":"x","j":"[1,{\"a\":[\"x\"]}]123"}""")]
    [InlineData("record.r = 'aXbX'.replaceAll('X', 'y') + 'aXbX'.replace(/x/gi, m => m + m) + 'ab'.replaceAll('', '-')", "{}", """{"r":"aybyaXXbXX-a-b-"}""")]
    [InlineData("const x = `{{${record.a}}}`; record.x = x", """{"a":1}""", """{"a":1,"x":"{{1}}"}""")]
    [InlineData("let e = new Error('x'); e.name = 'Mine'; e.toString = () => 'own'; record.e = String(e)", "{}", """{"e":"own"}""")]
    [InlineData("record.__proto__ = 1; record.constructor = 2", """{"constructor":1}""", """{"constructor":2}""")]
    [InlineData("function* g() { yield 1; yield 2 } record.g = [...g()]; record.s = [...new Set([1, 1])]; record.m = new Map([[1, 2]]).get(1)", "{}", """{"g":[1,2],"s":[1],"m":2}""")]
    public void AScript_ChangesTheRecord(string source, string record, string expected) => Assert.Equal(expected, Run(source, record));

    [Theory]
    [InlineData("record.x = 1", """{"a":12345678901234567890,"b":1.10,"c":[1.0,2e5],"d":{"e":0.10}}""", """{"a":12345678901234567890,"b":1.10,"c":[1.0,2e5],"d":{"e":0.10},"x":1}""")]
    [InlineData("record.x = record.a; record.y = [record.b]", """{"a":12345678901234567890,"b":1.10}""", """{"a":12345678901234567890,"b":1.10,"x":12345678901234567890,"y":[1.10]}""")]
    [InlineData("record.a = record.a * 1; record.d.f = 1", """{"a":1.10,"d":{"e":1e400}}""", """{"a":1.10,"d":{"e":1e400,"f":1}}""")]
    [InlineData("record.c.shift()", """{"c":[1.0,2.50,-0]}""", """{"c":[2.50,-0]}""")]
    [InlineData("record.a += 0.2; record.b = 1e21; record.c = -0.5; record.d = 9007199254740993", """{"a":0.1}""", """{"a":0.30000000000000004,"b":1E+21,"c":-0.5,"d":9007199254740992}""")]
    public void Numbers_KeepTheirText_UnlessTheScriptChangesThem(string source, string record, string expected) => Assert.Equal(expected, Run(source, record));

    [Theory]
    [InlineData("throw new Error('no price')", "SCRIPT_FAILED Line 1: Error: no price")]
    [InlineData("\n\nthrow new TypeError('x')", "SCRIPT_FAILED Line 3: TypeError: x")]
    [InlineData("throw 'text'", "SCRIPT_FAILED Line 1: text")]
    [InlineData("throw null", "SCRIPT_FAILED Line 1: null")]
    [InlineData("throw Symbol()", "SCRIPT_FAILED Line 1: The script threw something.")]
    [InlineData("throw {}", "SCRIPT_FAILED The script threw an object.")]
    [InlineData("throw {message: 'm'}", "SCRIPT_FAILED Line 1: m")]
    [InlineData("throw {name: 'n'}", "SCRIPT_FAILED Line 1: n")]
    [InlineData("throw {get message() { for (;;); }}", "SCRIPT_TIMEOUT")]
    [InlineData("throw {get message() { return 'x' }}", "SCRIPT_FAILED Line 1: The script threw an object.")]
    [InlineData("record.a.b.c = 1", "SCRIPT_FAILED Line 1: TypeError: Cannot read properties of undefined (reading 'b')")]
    [InlineData("record.x = 1 / 0", "SCRIPT_FAILED record.x is Infinity, which JSON cannot hold.")]
    [InlineData("record.x = {y: [record.none * 2]}", "SCRIPT_FAILED record.x.y is NaN, which JSON cannot hold.")]
    [InlineData("record.x = {get y() { return 1 }}", "SCRIPT_FAILED record.x.y is a getter or setter; assign its value instead.")]
    [InlineData("record = 5", "SCRIPT_FAILED The script made something else than an object of record.")]
    [InlineData("record = [1]", "SCRIPT_FAILED The script made something else than an object of record.")]
    [InlineData("record = () => 1", "SCRIPT_FAILED The script made something else than an object of record.")]
    [InlineData("let o = {}; o.x = o; record.x = o", "SCRIPT_FAILED record.x.x.x.x")]
    [InlineData("let o = []; o.push(o); record.x = o", "SCRIPT_FAILED record.x is nested more than 64 deep, or holds itself.")]
    [InlineData("record.self = record", "SCRIPT_FAILED record.self.self")]
    [InlineData("let a = [1]; for (let i = 0; i < 40; i++) a = [a, a]; record.x = a", "SCRIPT_FAILED The script made more of the record than it may.")]
    [InlineData("record.x = Array(100).fill('x'.repeat(1e5))", "SCRIPT_FAILED The script made more of the record than it may.")]
    [InlineData("record.x = Array(60000).fill(record.o = {a: 1})", "SCRIPT_FAILED The script made more of the record than it may.")]
    [InlineData("return 1n == 1", "SCRIPT_FAILED Line 1: BigInt is not available in scripts.")]
    [InlineData("async function f() { while (true) await 1 } f()", "SCRIPT_FAILED Line 1: a script cannot wait: async functions are not available.")]
    [InlineData("(async () => 1)()", "SCRIPT_FAILED Line 1: a script cannot wait: async functions are not available.")]
    [InlineData("import('fs')", "SCRIPT_FAILED Line 1: a script cannot import.")]
    [InlineData("with (record) x = 1", "SCRIPT_FAILED Line 1: with is not available in scripts.")]
    public void AScriptThatFails_FailsItsRecord(string source, string expected) => Assert.StartsWith(expected, Run(source, "{}"), StringComparison.Ordinal);

    [Theory]
    [InlineData("seen = (typeof seen === 'undefined' ? 0 : seen) + 1; record.seen = seen")]
    [InlineData("globalThis.seen = (globalThis.seen || 0) + 1; record.seen = seen")]
    [InlineData("Object.prototype.seen = (Object.prototype.seen || 0) + 1; record.seen = ({}).seen")]
    [InlineData("const was = Math.max; Math.max = (...a) => 1 + was(...a); record.seen = Math.max(0)")]
    [InlineData("Array.prototype.push = function () { return 1 }; record.seen = [].push(1)")]
    [InlineData("params.seen = (params.seen || 0) + 1; record.seen = params.seen")]
    [InlineData("let seen = 1; record.seen = seen; function f() {} var v = 1; class C {}")]
    public void NothingARecordDid_IsSeenByTheNext(string source)
    {
        var compiled = Engine.Compile(Step(source));
        using var pipeline = compiled.Value;
        for (var i = 0; i < 3; i++)
        {
            Assert.True(Record.TryParse("{}"u8.ToArray(), out var record));
            var result = pipeline.Steps[0].Processor!.Process(record, Context());
            Assert.Equal(ProcessorOutcome.Continue, result.Outcome);
            Assert.Equal("""{"seen":1}""", Engine.Json(record));
        }
    }

    [Theory]
    [InlineData("""{"rates":{"EUR":1.10,"list":[1,2]}}""", "record.x = record.n * params.rates.EUR + params.rates.list.length", """{"n":2,"x":4.2}""")]
    [InlineData("{}", "record.x = Object.keys(params).length", """{"n":2,"x":0}""")]
    public void Parameters_AreRead(string parameters, string source, string expected) =>
        Assert.Equal(expected, Engine.RunStep("script", $$"""{"source":{{JsonSerializer.Serialize(source)}},"params":{{parameters}}}""", """{"n":2}"""));

    [Fact]
    public void WithoutParameters_TheyAreEmpty() => Assert.Equal("""{"x":"{}"}""", Run("record.x = JSON.stringify(params)", "{}"));

    [Theory]
    [InlineData("""{"source":"return (1"}""", "source", "INVALID_SCRIPT", "The script is no JavaScript: ")]
    [InlineData("""{"source":"let a = 1;\nlet a = 2;"}""", "source", "INVALID_SCRIPT", "The script is no JavaScript: Identifier 'a' has already been declared in line 2, column 5.")]
    [InlineData("""{"source":"record.a = ["}""", "source", "INVALID_SCRIPT", "The script is no JavaScript: Unexpected end of input in line 1, column 13.")]
    [InlineData("""{"source":"await 1"}""", "source", "INVALID_SCRIPT", "The script is no JavaScript: ")]
    [InlineData("""{"source":"/(/.test('x')"}""", "source", "INVALID_SCRIPT", "The script is no JavaScript: Invalid regular expression")]
    [InlineData("""{"source":5}""", "source", "INVALID_TYPE", "source must be a string; it is a number.")]
    [InlineData("{}", "source", "REQUIRED", "source is required.")]
    [InlineData("""{"source":"1","params":[1]}""", "params", "INVALID_TYPE", "params must be an object.")]
    [InlineData("""{"source":"1","parameters":{}}""", "parameters", "UNKNOWN_PROPERTY", "parameters is not known here.")]
    public void WrongOptions_AreRefused(string options, string option, string code, string message)
    {
        var fault = Engine.Fault("script", options);
        Assert.Equal($"config.processors[0].options.{option}", fault.Field);
        Assert.Equal(code, fault.Code);
        Assert.StartsWith(message, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AScriptThatIsTooLong_IsRefused() =>
        Assert.Equal("A script may have at most 65536 characters.", Engine.Fault("script", $$"""{"source":"{{new string(' ', 65_537)}}"}""").Message);

    [Theory]
    [InlineData("!", "1")]
    [InlineData("1+", "1")]
    [InlineData("[", "")]
    [InlineData("if(1)", ";")]
    public void AScriptThatIsNestedTooDeep_EndsNeitherTheProcessNorTheBatch(string part, string end)
    {
        var source = new StringBuilder().Insert(0, part, 60_000 / part.Length).Append(end).ToString();
        var compiled = Engine.Compile(Step(source));
        if (compiled.IsSuccess) Assert.StartsWith("SCRIPT_", Run(source, "{}"), StringComparison.Ordinal);
        else Assert.Equal("INVALID_SCRIPT", Assert.Single(compiled.Error.Details).Code);
    }

    [Theory]
    [InlineData("for (let i = 0; i < 20; i++) record.x = i", "SCRIPT_TIMEOUT The script executed more than 10 statements.")]
    [InlineData("(function f(n) { if (n) f(n - 1) })(4)", "SCRIPT_FAILED The script's calls are nested too deep; 2 frames are allowed.")]
    [InlineData("'x'.repeat(200000)", "SCRIPT_FAILED repeat would need more memory than a script may use.")]
    [InlineData("/(a+)+$/.test('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab')", "SCRIPT_TIMEOUT The script ran for more than 20 ms.")]
    public void Limits_CanBeLowered(string source, string expected)
    {
        var limits = new ScriptLimits { MaxStatements = 10, MaxFrames = 2, MemoryBytes = ScriptLimits.MinMemoryBytes, TimeoutMilliseconds = 20 };
        var compiler = new PipelineCompiler(new BuiltInProcessors(Options.Create(limits)), Destinations.DestinationConfig.Destinations);
        using var pipeline = compiler.Compile(JsonElement.Parse(Engine.Config(Step(source)))).Value;
        Assert.True(Record.TryParse("{}"u8.ToArray(), out var record));
        var result = pipeline.Steps[0].Processor!.Process(record, Context());
        Assert.Equal(expected, $"{result.Code} {result.Message}");
    }

    [Fact]
    public void Limits_CannotBeRaised()
    {
        var validator = new SettingsBounds<ScriptLimits>(ScriptLimits.Section);
        Assert.True(validator.Validate(null, new ScriptLimits()).Succeeded);
        var faults = validator.Validate(null, new ScriptLimits { TimeoutMilliseconds = 51, MemoryBytes = 1, MaxStatements = 10_001, MaxFrames = 0 }).Failures!;
        Assert.Equal(
            [
                "Script:TimeoutMilliseconds must be between 1 and 50, but is 51.",
                "Script:MemoryBytes must be between 262144 and 8388608, but is 1.",
                "Script:MaxStatements must be between 1 and 10000, but is 10001.",
                "Script:MaxFrames must be between 1 and 64, but is 0.",
            ],
            faults);
    }

    [Fact]
    public void AFailure_LeavesTheRecord_ForOnFailure() => Assert.Equal(
        """{"a":1,"error":"SCRIPT_FAILED script"}""",
        Engine.Run("""{"type":"script","options":{"source":"record.a = 2; throw 1"},"onFailure":[{"type":"set","options":{"field":"error","value":"{{failure.code}} {{failure.processor.type}}"}}]}""", """{"a":1}"""));

    private static string Run(string source, string record) => Engine.Run(Step(source), record);

    private static string Step(string source) => Engine.Step("script", $$"""{"source":{{JsonSerializer.Serialize(source)}}}""");

    private static ProcessorContext Context() => new(new FakeTimeProvider(Engine.Now));
}
