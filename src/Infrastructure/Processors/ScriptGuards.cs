using Jint;
using Jint.Native;
using Jint.Native.Function;
using Jint.Native.Object;
using Jint.Native.Symbol;
using Jint.Runtime;
using Jint.Runtime.Descriptors;
using Jint.Runtime.Interop;

namespace DataPipeline.Infrastructure.Processors;

/// <summary>A change to an engine's built-in functions without which a script could get around its limits.</summary>
/// <param name="Names">A script that can name none of these cannot do it, and its engines are spared the work.</param>
/// <param name="Apply">Makes the change; the second argument is the most bytes the script may allocate.</param>
internal sealed record ScriptGuard(IReadOnlyList<string> Names, Action<Engine, int> Apply);

/// <summary>
/// The engine looks at its limits between statements and in most built-in functions, not in all: those in which one call may take very long or very
/// much memory are taken away, measured before they run, or made to look.
/// </summary>
internal static class ScriptGuards
{
    /// <summary>What stands among the names for arguments that come from a value's iterator.</summary>
    internal const string Spreading = "...";

    /// <summary>What stands among the names for what takes a value's iterator, spreading included.</summary>
    internal const string Iterating = "of";

    /// <summary>What stands among the names for an array that the script writes or changes without one, and that may hold arrays.</summary>
    internal const string ArrayMaking = "[]";

    private const int MaxValues = 130_000;

    /// <summary>How many characters' worth of memory an item takes that is made of one character.</summary>
    private const int PerItem = 32;

    private const int NumberLength = 20;

    private const int ValuesBetweenLooks = 1_024;

    private static readonly string[] Globals =
    [
        "ArrayBuffer", "SharedArrayBuffer", "DataView", "Atomics", "BigInt", "BigInt64Array", "BigUint64Array", "Float16Array", "Float32Array", "Float64Array",
        "Int8Array", "Int16Array", "Int32Array", "Uint8Array", "Uint8ClampedArray", "Uint16Array", "Uint32Array", "Promise", "Proxy", "Reflect", "ShadowRealm",
        "WeakRef", "FinalizationRegistry", "Temporal", "Intl", "Iterator", "eval", "Function",
    ];

    private static readonly string[] IteratorFunctions = ["map", "filter", "take", "drop", "flatMap", "reduce", "toArray", "forEach", "some", "every", "find"];

    /// <summary>What they make of a text has a property for each character.</summary>
    private static readonly string[] ObjectFunctions = ["keys", "values", "entries", "assign", "getOwnPropertyNames", "getOwnPropertyDescriptors", "freeze", "seal"];

    private static readonly string[] SetFunctions = ["union", "intersection", "difference", "symmetricDifference", "isSubsetOf", "isSupersetOf", "isDisjointFrom"];

    /// <summary>They call a function for each element.</summary>
    private static readonly string[] ArrayVisitors = ["map", "filter", "forEach", "some", "every", "find", "findIndex", "findLast", "findLastIndex", "reduce", "reduceRight", "flatMap"];

    /// <summary>
    /// What a script needs to put an array into another more than once. Any use of such an array as text, a sum for example, meets each of its places.
    /// </summary>
    private static readonly string[] ArrayMakers =
    [
        ArrayMaking, Iterating, "Array", "concat", "copyWithin", "entries", "fill", "flat", "flatMap", "from", "join", "keys", "map", "match", "of", "parse", "push", "slice", "splice", "split",
        "toReversed", "toSorted", "toSpliced", "unshift", "values", "with",
    ];

    internal static IReadOnlyList<ScriptGuard> All { get; } =
    [
        // An iterator's `next` that is a built-in function never meets a statement.
        new ScriptGuard(["next"], (engine, _) => Forget(IteratorPrototype(engine), IteratorFunctions)),
        new ScriptGuard(SetFunctions, (engine, _) => Forget(PrototypeOf(engine, "Set"), SetFunctions)),
        new ScriptGuard(["groupBy"], (engine, _) =>
        {
            Forget(GlobalOf(engine, "Object"), "groupBy");
            Forget(GlobalOf(engine, "Map"), "groupBy");
        }),
        new ScriptGuard(["fromAsync"], (engine, _) => Forget(GlobalOf(engine, "Array"), "fromAsync")),

        // What is made of texts.
        OfText("repeat", (text, arguments) => (double)text.Length * Number(arguments, 0) * PerItem),
        OfText("padStart", (_, arguments) => Number(arguments, 0) * PerItem),
        OfText("padEnd", (_, arguments) => Number(arguments, 0) * PerItem),
        OfText("concat", (text, arguments) => text.Length + arguments.Select((_, index) => Text(arguments, index).Length).Sum()),
        OfText("localeCompare", (text, arguments) => (text.Length + Text(arguments, 0).Length) * 4d),
        Of(["raw"], engine => GlobalOf(engine, "String"), "raw", (_, arguments) => arguments is [ObjectInstance template, ..] ? TextIn(template.Get("raw")) + arguments.Sum(TextIn) : 0),
        Of(["encodeURIComponent"], engine => engine.Global, "encodeURIComponent", (_, arguments) => Text(arguments, 0).Length * 9d),
        Of(["encodeURI"], engine => engine.Global, "encodeURI", (_, arguments) => Text(arguments, 0).Length * 9d),
        Of(["escape"], engine => engine.Global, "escape", (_, arguments) => Text(arguments, 0).Length * 6d),
        new ScriptGuard([Iterating, "from", "Set", "Map", "WeakSet", "WeakMap", "fromEntries", "iterator"], GuardTextIterator),
        .. ObjectFunctions.Select(name => Of([name], engine => GlobalOf(engine, "Object"), name, (_, arguments) => arguments.Sum(argument => argument.Type == Types.String || argument is not (JsArray or JsObject) ? Length(argument) * PerItem : 0))),

        // Arrays as texts, and texts that are compared.
        new ScriptGuard(ArrayMakers, (engine, memory) => ScriptJoin.Install(engine, memory)),
        Of(["flat"], engine => PrototypeOf(engine, "Array"), "flat", (self, _) => Values(self)),
        Of(["stringify"], engine => GlobalOf(engine, "JSON"), "stringify", (_, arguments) => arguments.Length == 0 ? 0 : Values(arguments[0])),
        .. new[] { "sort", "toSorted" }.Select(name => Of([name], engine => PrototypeOf(engine, "Array"), name, (self, arguments) => arguments is [Function, ..] ? 0 : TextIn(self) * Math.Log2(2 + Length(self)))),
        .. new[] { "includes", "indexOf", "lastIndexOf" }.Select(name => Of([name], engine => PrototypeOf(engine, "Array"), name, (self, arguments) => arguments is [JsString text, ..] ? Length(self) * text.Length / PerItem : 0)),
        Of(["fromEntries"], engine => GlobalOf(engine, "Object"), "fromEntries", (_, arguments) => arguments is [JsArray entries] ? entries.Sum(entry => entry is JsArray { Length: > 0 } pair ? TextIn(pair[0]) : 0) : 0),
        .. new[] { ("Set", "add"), ("Map", "set"), ("WeakSet", "add"), ("WeakMap", "set") }.Select(adder => Of([adder.Item1], engine => PrototypeOf(engine, adder.Item1), adder.Item2, (_, _) => 0)),
        .. new[] { "max", "min", "hypot" }.Select(name => Of([Spreading, "apply", "bind"], engine => GlobalOf(engine, "Math"), name, (_, arguments) => arguments.Sum(TextIn))),
        .. new[] { "fromCharCode", "fromCodePoint" }.Select(name => Of([Spreading, "apply", "bind"], engine => GlobalOf(engine, "String"), name, (_, arguments) => arguments.Sum(TextIn))),

        // Functions that call others.
        .. ArrayVisitors.Select(name => Visiting(name, engine => PrototypeOf(engine, "Array"))),
        Visiting("from", engine => GlobalOf(engine, "Array")),
        Visiting("forEach", engine => PrototypeOf(engine, "Set")),
        Visiting("forEach", engine => PrototypeOf(engine, "Map")),
        Visiting("parse", engine => GlobalOf(engine, "JSON")),

        new ScriptGuard(["RegExp", "constructor", "compile"], (engine, _) => ScriptPatterns.LimitConstructor(engine)),
        new ScriptGuard(["replace", "replaceAll", "match", "matchAll", "split", "search", "exec", "Symbol", "RegExp", "constructor"], (engine, memory) => new ScriptPatterns(engine, memory).Install()),

        // Last, because the others look these up.
        .. Globals.Select(name => new ScriptGuard([name], (engine, _) => Forget(engine.Global, name))),
    ];

    /// <summary>The names for which an engine needs guards when a script makes them up.</summary>
    private static readonly HashSet<string> AllNames = All.SelectMany(guard => guard.Names).Select(name => name.Replace("()", "", StringComparison.Ordinal)).ToHashSet(StringComparer.Ordinal);

    /// <summary>What stands among the names for a function that may be given functions that were not written on the spot.</summary>
    internal static string GivenFunctions(string name) => name + "()";

    internal static bool Concern(string name) => AllNames.Contains(name);

    /// <summary>Puts a function in the place of one of an object's.</summary>
    internal static void Replace(ObjectInstance owner, JsValue name, Engine engine, Func<JsValue, JsValue[], JsValue> function) =>
        owner.FastSetProperty(name, new PropertyDescriptor(new ClrFunction(engine, name.ToString(), function), writable: true, enumerable: false, configurable: true));

    internal static ObjectInstance GlobalOf(Engine engine, string name) => (ObjectInstance)engine.Global.Get(name);

    internal static ObjectInstance PrototypeOf(Engine engine, string constructor) => constructor switch
    {
        "Array" => engine.Intrinsics.Array.PrototypeObject,
        _ => (ObjectInstance)GlobalOf(engine, constructor).Get("prototype"),
    };

    /// <summary>The argument as text; the script's own conversions run now, and only now.</summary>
    internal static string Text(JsValue[] arguments, int index)
    {
        if (arguments.Length <= index) return "";
        if (arguments[index] is not JsString) arguments[index] = TypeConverter.ToString(arguments[index]);
        return arguments[index].ToString();
    }

    private static ScriptGuard OfText(string name, Func<string, JsValue[], double> estimate) => Of([name], engine => PrototypeOf(engine, "String"), name, (self, arguments) =>
        self.IsNull() || self.IsUndefined() ? 0 : estimate(TypeConverter.ToString(self), arguments));

    /// <param name="estimate">How many characters a call may make or read at most.</param>
    private static ScriptGuard Of(string[] names, Func<Engine, ObjectInstance> owner, string function, Func<JsValue, JsValue[], double> estimate) => new(names, (engine, memory) =>
    {
        var target = owner(engine);
        var original = target.Get(function);
        Replace(target, function, engine, (self, arguments) =>
        {
            engine.Constraints.Check();
            if (estimate(self, arguments) * sizeof(char) > memory) throw new ScriptMemoryException(function);
            return engine.Call(original, self, arguments);
        });
    });

    /// <summary>A function that calls one that it is given; built-in ones do not look at the limits by themselves.</summary>
    private static ScriptGuard Visiting(string function, Func<Engine, ObjectInstance> owner) => new([GivenFunctions(function)], (engine, _) =>
    {
        var target = owner(engine);
        var original = target.Get(function);
        Replace(target, function, engine, (self, arguments) => engine.Call(original, self, [.. arguments.Select(argument => Watched(argument, engine))]));
    });

    /// <summary>A function that looks at the limits each time it is called.</summary>
    internal static JsValue Watched(JsValue value, Engine engine) => value is BindFunction or (Function and not ScriptFunction)
        ? new ClrFunction(engine, "", (self, arguments) =>
        {
            engine.Constraints.Check();
            return engine.Call(value, self, arguments);
        })
        : value;

    /// <summary>Each character of a text becomes a value wherever a text is iterated over. The engine's own iterator takes what people see as one for one character; JavaScript's are code points.</summary>
    private static void GuardTextIterator(Engine engine, int memory)
    {
        var iterate = engine.Intrinsics.Array.PrototypeObject.Get(GlobalSymbolRegistry.Iterator);
        Replace(PrototypeOf(engine, "String"), GlobalSymbolRegistry.Iterator, engine, (self, _) =>
        {
            engine.Constraints.Check();
            var text = TypeConverter.ToString(self);
            if ((double)text.Length * PerItem * sizeof(char) > memory) throw new ScriptMemoryException("A text that is taken apart");
            var characters = new List<JsValue>(text.Length);
            for (var at = 0; at < text.Length; at++)
            {
                var isPair = char.IsHighSurrogate(text[at]) && at + 1 < text.Length && char.IsLowSurrogate(text[at + 1]);
                characters.Add(isPair ? text.Substring(at++, 2) : text[at].ToString());
            }

            return engine.Call(iterate, new JsArray(engine, [.. characters]), []);
        });
    }

    private static void Forget(ObjectInstance owner, params string[] names)
    {
        foreach (var name in names) owner.Delete(name);
    }

    private static ObjectInstance IteratorPrototype(Engine engine) => (ObjectInstance)GlobalOf(engine, "Iterator").Get("prototype");

    private static double Length(JsValue value) => value switch
    {
        JsString text => text.Length,
        JsArray array => array.Length,
        ObjectInstance instance when instance.Get("length") is JsNumber length => length.AsNumber(),
        _ => PerItem,
    };

    private static double Number(JsValue[] arguments, int index)
    {
        if (arguments.Length <= index) return 0;
        if (arguments[index] is not JsNumber) arguments[index] = TypeConverter.ToNumber(arguments[index]);
        return Math.Max(0, arguments[index].AsNumber());
    }

    /// <summary>How long the texts are that a value is, or that an array holds; numbers are as long as they are written.</summary>
    private static double TextIn(JsValue value) => value switch
    {
        JsString text => text.Length,
        JsArray array => array.Sum(item => item is JsString text ? text.Length : NumberLength),
        _ => NumberLength,
    };

    /// <summary>Counts what a walk through a value would meet, each time it would meet it; getters are not asked.</summary>
    private static double Values(JsValue root)
    {
        double total = 0;
        var rest = new Stack<(JsValue Value, int Depth)>();
        rest.Push((root, 0));
        for (var met = 0; rest.TryPop(out var next); met++)
        {
            if (met > MaxValues || rest.Count > MaxValues || next.Depth > 1_000) return double.MaxValue;
            if (met % ValuesBetweenLooks == ValuesBetweenLooks - 1) (root as ObjectInstance)?.Engine.Constraints.Check();
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
                        if (property.Key is JsString name) total += name.Length;
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

/// <summary>A script asked for what scripts cannot have. Passes through the script's own handlers.</summary>
internal sealed class ScriptRefusedException(string message) : Exception(message);
