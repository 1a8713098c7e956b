using System.ComponentModel;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.RegularExpressions;
using DataPipeline.Domain.Processing;
using Jint;
using Jint.Native;
using Jint.Native.Object;
using Jint.Runtime;

namespace DataPipeline.Infrastructure.Processors;

internal sealed record ScriptOptions : IValidatedOptions
{
    [Description("JavaScript. `record` is the record and may be changed; `return false` drops it; throwing fails it.")]
    [Verbatim]
    public required string Source { get; init; }

    [Description("Any object; the script reads it as `params`.")]
    public RecordValue Params { get; init; }

    internal ScriptProgram? Program { get; private set; }

    public IEnumerable<OptionProblem> Validate()
    {
        Program = ScriptProgram.TryPrepare(Source, out var error);
        if (error is not null) yield return new OptionProblem("source", "INVALID_SCRIPT", error);
        if (Params.Kind is not (RecordValueKind.Absent or RecordValueKind.Object)) yield return new OptionProblem("params", "INVALID_TYPE", "params must be an object.");
    }
}

/// <summary>
/// Runs JavaScript, each record in an engine of its own: whatever a script does to its globals or built-in objects ends with the record.
/// The record is changed after the script's end only.
/// </summary>
[Processor("script", "1.0", Description = "Changes, drops or fails records by a few lines of JavaScript.", IsAtomic = true)]
[Example("""{ "type": "script", "options": { "source": "if (record.amount > params.limit) record.large = true;", "params": { "limit": 10 } } }""", Record = """{ "amount": 12.50 }""")]
internal sealed class ScriptProcessor : IProcessor
{
    private const string Failed = "SCRIPT_FAILED";
    private const string TimedOut = "SCRIPT_TIMEOUT";
    private const int ShownLength = 200;

    private static readonly Lazy<bool> IsWarm = new(WarmUp);

    private readonly ScriptOptions _options;
    private readonly ScriptProgram _program;
    private readonly ScriptLimits _limits;
    private readonly Dictionary<string, FieldPath> _paths = new(StringComparer.Ordinal);
    private readonly Options _engineOptions;
    private readonly Options _secondOptions;

    public ScriptProcessor(ScriptOptions options)
        : this(options, new ScriptLimits()) { }

    internal ScriptProcessor(ScriptOptions options, ScriptLimits limits)
    {
        _ = IsWarm.Value;
        _options = options;
        _program = options.Program ?? throw new ArgumentException("The options were not validated.", nameof(options));
        _limits = limits;
        var timeout = TimeSpan.FromMilliseconds(limits.TimeoutMilliseconds);
        _engineOptions = EngineOptions(limits, timeout);
        _secondOptions = EngineOptions(limits, timeout / 2);
    }

    public ProcessorResult Process(Record record, ProcessorContext context)
    {
        if (_program.Refusal is { } refusal) return ProcessorResult.Fail(Failed, refusal);
        var result = Run(record, _engineOptions, out var wasSlow);

        // The clock runs on while others have the machine. A script that did nothing so far that can be seen may as well begin anew, once.
        return wasSlow ? Run(record, _secondOptions, out _) : result;
    }

    [SuppressMessage("Design", "CA1031", Justification = "Whatever a script makes its engine throw is the script's failure.")]
    private ProcessorResult Run(Record record, Options engineOptions, out bool wasSlow)
    {
        wasSlow = false;
        try
        {
            return Run(record, engineOptions);
        }
        catch (JavaScriptException e)
        {
            var place = e.Location.Start.Line > 0 ? string.Create(CultureInfo.InvariantCulture, $"Line {e.Location.Start.Line}: ") : "";
            return ProcessorResult.Fail(Failed, place + Shortened(Describe(e.Error)));
        }
        catch (StatementsCountOverflowException)
        {
            return ProcessorResult.Fail(TimedOut, string.Create(CultureInfo.InvariantCulture, $"The script executed more than {_limits.MaxStatements} statements."));
        }
        catch (Exception e) when (e is TimeoutException or RegexMatchTimeoutException)
        {
            wasSlow = true;
            return ProcessorResult.Fail(TimedOut, string.Create(CultureInfo.InvariantCulture, $"The script ran for more than {_limits.TimeoutMilliseconds} ms."));
        }
        catch (Exception e) when (e is RecursionDepthOverflowException or InsufficientExecutionStackException)
        {
            return ProcessorResult.Fail(Failed, string.Create(CultureInfo.InvariantCulture, $"The script's calls are nested too deep; {_limits.MaxFrames} frames are allowed."));
        }
        catch (Exception e)
        {
            return ProcessorResult.Fail(Failed, Shortened(e.Message));
        }
    }

    private ProcessorResult Run(Record record, Options engineOptions)
    {
        using var engine = new Engine(engineOptions);
        var values = new ScriptValues(engine, _limits, _paths);
        foreach (var guard in _program.Guards) guard.Apply(engine, _limits.MemoryBytes);
        engine.SetValue("record", values.ToScript(record.Root));
        if (_program.ReadsParameters)
            engine.Advanced.AddLazyGlobal("params", _options.Params, (_, parameters) => parameters.Kind == RecordValueKind.Object ? values.ToScript(parameters) : new JsObject(engine));
        var result = engine.Evaluate(_program.Code);
        if (result is JsBoolean && !result.AsBoolean()) return ProcessorResult.Drop;
        values.TakeBack(engine.Global.Get("record"), record);
        return ProcessorResult.Continue;
    }

    private static Options EngineOptions(ScriptLimits limits, TimeSpan timeout)
    {
        var options = new Options { Culture = CultureInfo.InvariantCulture, TimeZone = TimeZoneInfo.Utc, AgentCanSuspend = false, Host = { StringCompilationAllowed = false } };
        options.TimeoutInterval(timeout).MaxStatements(limits.MaxStatements).LimitMemory(limits.MemoryBytes).LimitRecursion(limits.MaxFrames);
        options.Constraints.Constraints.Add(new ScriptStackLimit());
        options.Constraints.StackOverflowGuard = true;
        options.Constraints.MaxArraySize = (uint)(limits.MemoryBytes / 64);

        // A match that begins just before the script's time is over has its own time on top.
        options.Constraints.RegexTimeout = timeout / 2;
        return options;
    }

    /// <summary>What was thrown, in words. Runs nothing of the script: a getter is not asked.</summary>
    private static string Describe(JsValue thrown)
    {
        if (thrown is not ObjectInstance instance) return thrown is JsString or JsNumber or JsBoolean || thrown.IsNull() || thrown.IsUndefined() ? thrown.ToString() : "The script threw something.";
        var name = TextOf(instance, "name");
        var message = TextOf(instance, "message");
        return (name, message) switch
        {
            (null, null) => "The script threw an object.",
            (null, _) => message,
            (_, null or "") => name,
            _ => $"{name}: {message}",
        };
    }

    private static string? TextOf(ObjectInstance instance, string property)
    {
        for (var holder = instance; holder is not null; holder = holder.Prototype)
        {
            var descriptor = holder.GetOwnProperty(property);
            if (descriptor.IsAccessorDescriptor()) return null;
            if (descriptor.IsDataDescriptor() && descriptor.Value is { } value) return value is JsString text ? text.ToString() : null;
        }

        return null;
    }

    private static string Shortened(string text) => text.Length <= ShownLength ? text : $"{text.AsSpan(0, char.IsHighSurrogate(text[ShownLength - 1]) ? ShownLength - 1 : ShownLength)}…";

    /// <summary>A first record must not time out because the engine was never compiled.</summary>
    private static bool WarmUp()
    {
        var program = ScriptProgram.TryPrepare(
            """
            const items = record.items.map(i => ({ ...i, total: i.price * i.quantity })).filter(i => i.total > 0);
            for (const item of items) record.sum = (record.sum || 0) + item.total;
            record.name = `${record.name}`.trim().toUpperCase().replace(/x+/g, 'y').split(',').join(';');
            function check(value) { if (!value) throw new Error('no ' + value); return value; }
            try { check(record.missing); } catch (e) { record.error = e.message; }
            record.text = JSON.stringify(JSON.parse('{"a":[1,2,{"b":null}]}'));
            record.at = new Date(0).toISOString() + Object.keys(record).length + Math.round(1.5);
            """,
            out _)!;
        var engine = new Engine(new Options());
        engine.SetValue("record", engine.Evaluate("({name:'x,y',items:[{price:1.5,quantity:2}]})"));
        foreach (var guard in ScriptGuards.All) guard.Apply(engine, ScriptLimits.MaxMemoryBytes);
        engine.Evaluate(program.Code);
        return true;
    }
}
