using System.ComponentModel;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.RegularExpressions;
using DataPipeline.Domain.Processing;
using Jint;
using Jint.Native;
using Jint.Native.Object;
using Jint.Runtime;
using Jint.Runtime.Interop;

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

    private readonly ScriptProgram _program;
    private readonly RecordValue _parameters;
    private readonly ScriptLimits _limits;
    private readonly Dictionary<string, FieldPath> _paths = new(StringComparer.Ordinal);
    private readonly Attempt _first;
    private readonly Attempt _second;

    public ScriptProcessor(ScriptOptions options)
        : this(options, new ScriptLimits()) { }

    internal ScriptProcessor(ScriptOptions options, ScriptLimits limits)
        : this(options.Program ?? throw new ArgumentException("The options were not validated.", nameof(options)), options.Params, limits) => _ = IsWarm.Value;

    internal ScriptProcessor(ScriptProgram program, RecordValue parameters, ScriptLimits limits)
    {
        _program = program;
        _parameters = parameters;
        _limits = limits;
        var timeout = TimeSpan.FromMilliseconds(limits.TimeoutMilliseconds);
        _first = new Attempt(limits, timeout);
        _second = new Attempt(limits, timeout / 2);
    }

    public ProcessorResult Process(Record record, ProcessorContext context)
    {
        if (_program.Refusal is { } refusal) return ProcessorResult.Fail(Failed, refusal);
        var result = Run(record, _first, out var wasSlow);

        // The clock runs on while others have the machine. A script that did nothing so far that can be seen may as well begin anew, once.
        return wasSlow ? Run(record, _second, out _) : result;
    }

    [SuppressMessage("Design", "CA1031", Justification = "Whatever a script makes its engine throw is the script's failure.")]
    private ProcessorResult Run(Record record, Attempt attempt, out bool wasSlow)
    {
        wasSlow = false;
        try
        {
            return Run(record, attempt);
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

    private ProcessorResult Run(Record record, Attempt attempt)
    {
        using var engine = new Engine(attempt.Options);
        var values = new ScriptValues(engine, _limits, _paths);
        foreach (var guard in _program.Guards) guard.Apply(engine, _limits.MemoryBytes);
        AddChecks(engine);
        engine.SetValue("record", values.ToScript(record.Root));
        if (_program.ReadsParameters)
            engine.Advanced.AddLazyGlobal("params", _parameters, (_, parameters) => parameters.Kind == RecordValueKind.Object ? values.ToScript(parameters) : new JsObject(engine));
        var result = engine.Evaluate(_program.Code);
        if (result is JsBoolean && !result.AsBoolean()) return ProcessorResult.Drop;
        attempt.Deadline.End();
        values.TakeBack(engine.Global.GetOwnProperty("record"), record);
        return ProcessorResult.Continue;
    }

    /// <summary>Puts in the functions that <see cref="ScriptChecks"/> wrote calls of.</summary>
    private void AddChecks(Engine engine)
    {
        if (_program.CheckFunction is { } check)
        {
            Add(check, (_, _) =>
            {
                engine.Constraints.Check();
                return JsValue.Undefined;
            });
        }

        if (_program.KeyFunction is not { } key) return;
        var isGuarded = false;
        Add(key, (_, arguments) =>
        {
            var name = arguments[0] is JsNumber ? arguments[0] : Jint.Runtime.TypeConverter.ToPropertyKey(arguments[0]);
            if (!isGuarded && name is JsString && ScriptGuards.Concern(name.ToString()))
            {
                isGuarded = true;
                foreach (var guard in ScriptGuards.All.Except(_program.Guards)) guard.Apply(engine, _limits.MemoryBytes);
            }

            return name;
        });

        void Add(string name, Func<JsValue, JsValue[], JsValue> function) =>
            engine.Global.FastSetProperty(name, new Jint.Runtime.Descriptors.PropertyDescriptor(new ClrFunction(engine, name, function), writable: false, enumerable: false, configurable: false));
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
            for (let i = 0; i < items.length; i++) record['item' + i] = items[i];
            record.name = `${record.name}`.trim().toUpperCase().replace(/x+/g, 'y').split(',').join(';');
            function check(value) { if (!value) throw new Error('no ' + value); return value; }
            try { check(record.missing); } catch (e) { record.error = e.message; }
            record.text = JSON.stringify(JSON.parse('{"a":[1,2,{"b":null}]}'));
            record.at = new Date(0).toISOString() + Object.keys(record).length + Math.round(1.5);
            """,
            out var error) ?? throw new InvalidOperationException(error);
        var processor = new ScriptProcessor(program, RecordValue.Absent, new ScriptLimits { TimeoutMilliseconds = int.MaxValue });
        if (Record.TryParse("""{ "name": "x,y", "items": [{ "price": 1.5, "quantity": 2 }] }"""u8.ToArray(), out var record)) processor.Process(record, new ProcessorContext(TimeProvider.System));
        using var engine = new Engine(processor._first.Options);
        foreach (var guard in ScriptGuards.All) guard.Apply(engine, ScriptLimits.MaxMemoryBytes);
        return true;
    }

    /// <summary>How an engine is to be made, and for how long it may run.</summary>
    private sealed class Attempt
    {
        internal Attempt(ScriptLimits limits, TimeSpan timeout)
        {
            Deadline = new ScriptDeadline(timeout);
            Options.MaxStatements(limits.MaxStatements).LimitMemory(limits.MemoryBytes).LimitRecursion(limits.MaxFrames);
            Options.Constraints.Constraints.Add(Deadline);
            Options.Constraints.Constraints.Add(new ScriptStackLimit());
            Options.Constraints.StackOverflowGuard = true;
            Options.Constraints.MaxArraySize = (uint)(limits.MemoryBytes / 128);

            // A match that begins just before the script's time is over has its own time on top. It is the same for both attempts: with another one, patterns would be made ready anew.
            Options.Constraints.RegexTimeout = TimeSpan.FromMilliseconds(limits.TimeoutMilliseconds) / 4;
        }

        internal Options Options { get; } = new() { Culture = CultureInfo.InvariantCulture, TimeZone = TimeZoneInfo.Utc, AgentCanSuspend = false, Host = { StringCompilationAllowed = false } };

        internal ScriptDeadline Deadline { get; }
    }
}
