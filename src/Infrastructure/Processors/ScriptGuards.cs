using Jint;
using Jint.Native;
using Jint.Native.Function;
using Jint.Native.Object;
using Jint.Runtime.Descriptors;
using Jint.Runtime.Interop;

namespace DataPipeline.Infrastructure.Processors;

/// <summary>A change to an engine's built-in functions without which a script could get around its limits.</summary>
/// <param name="Names">A script that can name none of these cannot do it, and its engines are spared the work.</param>
/// <param name="Apply">Makes the change; the second argument is the most bytes the script may allocate.</param>
/// <param name="IsGlobal">Whether it is about a global name, which no computed key of another object leads to.</param>
internal sealed record ScriptGuard(IReadOnlyList<string> Names, Action<Engine, int> Apply, bool IsGlobal = false);

/// <summary>
/// The engine looks at its limits between statements and in most built-in functions, not in all: those in which one call may take very long or very
/// much memory are taken away, or measured before they run.
/// </summary>
internal static class ScriptGuards
{
    private const int MaxValues = 30_000;

    /// <summary>How many characters' worth of memory and time an item takes that is made of one character.</summary>
    private const int PerItem = 32;

    private const int ValuesBetweenChecks = 1_024;

    private static readonly string[] Globals =
    [
        "ArrayBuffer", "SharedArrayBuffer", "DataView", "Atomics", "BigInt", "BigInt64Array", "BigUint64Array", "Float16Array", "Float32Array", "Float64Array",
        "Int8Array", "Int16Array", "Int32Array", "Uint8Array", "Uint8ClampedArray", "Uint16Array", "Uint32Array", "Promise", "Proxy", "Reflect", "ShadowRealm",
        "WeakRef", "FinalizationRegistry", "Temporal", "Intl", "Iterator", "eval", "Function",
    ];

    private static readonly string[] IteratorFunctions = ["map", "filter", "take", "drop", "flatMap", "reduce", "toArray", "forEach", "some", "every", "find"];

    /// <summary>What they make of a text has a property for each character.</summary>
    private static readonly string[] ObjectFunctions = ["keys", "values", "entries", "assign", "getOwnPropertyNames", "getOwnPropertyDescriptors"];

    private static readonly string[] SetFunctions = ["union", "intersection", "difference", "symmetricDifference", "isSubsetOf", "isSupersetOf", "isDisjointFrom"];

    /// <summary>
    /// What a script needs to put an array into another more than once. Any use of such an array as text, a sum for example, meets each of its places.
    /// </summary>
    private static readonly string[] ArrayMakers =
    [
        ScriptProgram.ArrayMaking, "Array", "concat", "copyWithin", "entries", "fill", "flat", "flatMap", "from", "join", "keys", "map", "match", "of", "parse", "push", "slice", "splice", "split",
        "toReversed", "toSorted", "toSpliced", "unshift", "values", "with",
    ];

    internal static IReadOnlyList<ScriptGuard> All { get; } =
    [
        // An iterator's `next` that is a built-in function never meets a statement.
        new ScriptGuard(["next"], (engine, _) => Forget(IteratorPrototype(engine), IteratorFunctions)),
        new ScriptGuard(SetFunctions, (engine, _) => Forget(PrototypeOf(engine, "Set"), SetFunctions)),
        new ScriptGuard(["groupBy"], (engine, _) =>
        {
            Forget((ObjectInstance)engine.Global.Get("Object"), "groupBy");
            Forget((ObjectInstance)engine.Global.Get("Map"), "groupBy");
        }),
        new ScriptGuard(["fromAsync"], (engine, _) => Forget((ObjectInstance)engine.Global.Get("Array"), "fromAsync")),
        OfText("repeat", (text, arguments) => Length(text) * Number(arguments, 0) * PerItem),
        OfText("padStart", (_, arguments) => Number(arguments, 0) * PerItem),
        OfText("padEnd", (_, arguments) => Number(arguments, 0) * PerItem),
        OfText("concat", (text, arguments) => Length(text) + arguments.Sum(Length)),
        OfText("replace", Replaced),
        OfText("replaceAll", Replaced),
        OfText("split", (text, _) => Length(text)),
        OfText("match", (text, _) => Length(text) * PerItem),
        OfText("matchAll", (text, _) => Length(text)),
        Of(ArrayMakers, engine => PrototypeOf(engine, "Array"), "join", Joined),
        Of(ArrayMakers, engine => PrototypeOf(engine, "Array"), "toString", (self, _) => Joined(self, [])),
        Of(["toLocaleString"], engine => PrototypeOf(engine, "Array"), "toLocaleString", (self, _) => Joined(self, [])),
        Of(["flat"], engine => PrototypeOf(engine, "Array"), "flat", (self, _) => Values(self)),
        Of(["stringify"], engine => (ObjectInstance)engine.Global.Get("JSON"), "stringify", (_, arguments) => arguments.Length == 0 ? 0 : Values(arguments[0])),

        .. ObjectFunctions.Select(name => Of([name], engine => (ObjectInstance)engine.Global.Get("Object"), name, (_, arguments) => arguments.Sum(argument => argument is JsString ? Length(argument) * PerItem : 0))),

        // Last, because the others look these up.
        .. Globals.Select(name => new ScriptGuard([name], (engine, _) => Forget(engine.Global, name), IsGlobal: true)),
    ];

    private static ScriptGuard OfText(string name, Func<JsValue, JsValue[], double> estimate) => Of([name], engine => PrototypeOf(engine, "String"), name, estimate);

    /// <param name="estimate">How many characters or values a call may make at most.</param>
    private static ScriptGuard Of(string[] names, Func<Engine, ObjectInstance> owner, string function, Func<JsValue, JsValue[], double> estimate) => new(names, (engine, memory) =>
    {
        var target = owner(engine);
        var original = target.Get(function);
        target.FastSetProperty(function, new PropertyDescriptor(
            new ClrFunction(engine, function, (self, arguments) =>
            {
                engine.Constraints.Check();
                if (estimate(self, arguments) * sizeof(char) > memory) throw new ScriptMemoryException(function);
                return engine.Call(original, self, arguments);
            }),
            writable: true,
            enumerable: false,
            configurable: true));
    });

    private static void Forget(ObjectInstance owner, params string[] names)
    {
        foreach (var name in names) owner.Delete(name);
    }

    private static ObjectInstance PrototypeOf(Engine engine, string constructor) => (ObjectInstance)((ObjectInstance)engine.Global.Get(constructor)).Get("prototype");

    private static ObjectInstance IteratorPrototype(Engine engine) => (ObjectInstance)((ObjectInstance)engine.Global.Get("Iterator")).Get("prototype");

    private static double Length(JsValue value) => value switch
    {
        JsString text => text.Length,
        JsArray array => array.Length,
        _ => 32,
    };

    private static double Number(JsValue[] arguments, int index) => arguments.Length > index && arguments[index] is JsNumber number ? Math.Max(0, number.AsNumber()) : 32;

    private static double Replaced(JsValue text, JsValue[] arguments)
    {
        if (arguments.Length < 2 || arguments[1] is not JsString replacement) return Length(text);
        var length = Length(text);
        var made = replacement.ToString();
        var whole = made.Contains("$`", StringComparison.Ordinal) || made.Contains("$'", StringComparison.Ordinal) ? length : 0;
        if (arguments[0] is not JsString pattern) return length + ((length + 1) * (made.Length + whole));
        return length + (Occurrences(text.ToString(), pattern.ToString()) * (made.Length + whole));
    }

    private static double Occurrences(string text, string part) => part.Length == 0 ? text.Length + 1 : text.AsSpan().Count(part);

    private static double Joined(JsValue self, JsValue[] arguments)
    {
        if (self is not JsArray array) return 0;
        var separator = arguments.Length > 0 ? Length(arguments[0]) : 1;
        return (array.Length * separator) + Values(array);
    }

    /// <summary>Counts what a walk through a value would meet, each time it would meet it; getters are not asked.</summary>
    private static double Values(JsValue root)
    {
        double total = 0;
        var rest = new Stack<(JsValue Value, int Depth)>();
        rest.Push((root, 0));
        for (var met = 0; rest.TryPop(out var next); met++)
        {
            if (met > MaxValues || rest.Count > MaxValues || next.Depth > 1_000) return double.MaxValue;
            if (met % ValuesBetweenChecks == ValuesBetweenChecks - 1) (root as ObjectInstance)?.Engine.Constraints.Check();
            switch (next.Value)
            {
                case JsString text:
                    total += text.Length;
                    break;
                case JsArray array:
                    foreach (var item in array) rest.Push((item, next.Depth + 1));
                    break;
                case ObjectInstance instance and not Function:
                    foreach (var property in instance.GetOwnProperties())
                    {
                        if (property.Value.IsDataDescriptor()) rest.Push((property.Value.Value ?? JsValue.Undefined, next.Depth + 1));
                    }

                    break;
                default:
                    total += 8;
                    break;
            }
        }

        return total;
    }
}

/// <summary>One call of a built-in function would have made more than the script may have. Passes through the script's own handlers.</summary>
internal sealed class ScriptMemoryException(string function) : Exception($"{function} would need more memory than a script may use.");
