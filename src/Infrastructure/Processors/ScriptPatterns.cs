using System.Text.RegularExpressions;
using Jint;
using Jint.Native;
using Jint.Native.Function;
using Jint.Native.Object;
using Jint.Native.Symbol;
using Jint.Runtime;

namespace DataPipeline.Infrastructure.Processors;

/// <summary>
/// Watches what a script does with regular expressions. One match has a time limit of its own; a thousand of them in one call, each just within it, have not.
/// </summary>
internal sealed partial class ScriptPatterns
{
    /// <summary>How long a text may be for a pattern with no, one or more repetitions without a bound, so that all its matches together take no longer than a script may.</summary>
    private static readonly int[] ShortTexts = [131_072, 16_384, 1_024, 256];

    /// <summary>And for one whose time may double with each character.</summary>
    private const int VeryShortText = 32;

    private static readonly Prepared<Acornima.Ast.Script> LimitedConstructor = Engine.PrepareScript(
        """
        (limit => {
          const Original = RegExp, { construct } = Reflect;
          function Limited(pattern, flags) { return construct(Original, [limit(pattern), flags], new.target || Original); }
          Object.defineProperty(Limited, 'name', { value: 'RegExp' });
          Limited.prototype = Original.prototype;
          Object.defineProperty(Original.prototype, 'constructor', { value: Limited });
          delete Original.prototype.compile;
          Object.defineProperty(Limited, Symbol.species, { get() { return this; } });
          Object.defineProperty(globalThis, 'RegExp', { value: Limited });
        })
        """);

    private static readonly JsSymbol[] Protocol = [GlobalSymbolRegistry.Match, GlobalSymbolRegistry.MatchAll, GlobalSymbolRegistry.Replace, GlobalSymbolRegistry.Search, GlobalSymbolRegistry.Split];

    private readonly Engine _engine;
    private readonly int _maxLength;
    private readonly ObjectInstance _prototype;
    private readonly JsValue _exec;
    private readonly JsValue _constructor;
    private readonly JsValue _match;

    /// <summary>What looks at each match; from when it is first needed until the script's end.</summary>
    private JsValue? _watchedExec;

    private bool _isInside;

    internal ScriptPatterns(Engine engine, int memory)
    {
        _engine = engine;
        _maxLength = memory / sizeof(char);
        _prototype = ScriptGuards.PrototypeOf(engine, "RegExp");
        _exec = _prototype.Get("exec");
        _constructor = _prototype.Get("constructor");
        _match = _prototype.Get(GlobalSymbolRegistry.Match);
    }

    internal static void LimitConstructor(Engine engine)
    {
        var limit = new Jint.Runtime.Interop.ClrFunction(engine, "", (_, arguments) =>
        {
            if (arguments[0] is not JsRegExp && !arguments[0].IsUndefined() && ScriptGuards.Text(arguments, 0).Length > ScriptProgram.MaxPatternLength) throw TooLong();
            return arguments[0];
        });
        engine.Call(engine.Evaluate(LimitedConstructor), JsValue.Undefined, [limit]);
    }

    internal void Install()
    {
        var texts = ScriptGuards.PrototypeOf(_engine, "String");
        Watch(texts, "split", (text, pattern, _) => CanTakeLong(pattern?.Source, text));
        foreach (var name in new[] { "match", "matchAll", "search" }) Watch(texts, name, (text, pattern, arguments) => CanTakeLong(pattern?.Source ?? ScriptGuards.Text(arguments, 0), text));
        foreach (var name in new[] { "replace", "replaceAll" }) Watch(texts, name, (text, pattern, arguments) => PrepareReplacement(name, text, pattern, arguments));
        foreach (var symbol in Protocol)
        {
            var original = _prototype.Get(symbol);
            ScriptGuards.Replace(_prototype, symbol, _engine, (self, arguments) => _isInside ? _engine.Call(original, self, arguments) : throw new ScriptRefusedException($"{symbol} is not available in scripts."));
        }
    }

    /// <param name="needsWatching">Whether what is asked for may take long; the pattern is <c>null</c> where it is a text.</param>
    private void Watch(ObjectInstance texts, string name, Func<string, JsRegExp?, JsValue[], bool> needsWatching)
    {
        var original = texts.Get(name);
        ScriptGuards.Replace(texts, name, _engine, (self, arguments) =>
        {
            _engine.Constraints.Check();
            var wasInside = _isInside;
            if (!self.IsNull() && !self.IsUndefined())
            {
                self = TypeConverter.ToString(self);
                if (needsWatching(self.ToString(), PatternOf(name, arguments), arguments)) WatchMatches();
                _isInside = true;
            }

            try
            {
                return _engine.Call(original, self, arguments);
            }
            finally
            {
                _isInside = wasInside;
            }
        });
    }

    /// <summary>What is looked for: a text, which is put in the argument's place, or a regular expression that works as it should.</summary>
    private JsRegExp? PatternOf(string name, JsValue[] arguments)
    {
        if (arguments.Length == 0 || arguments[0].IsUndefined() || arguments[0].IsNull()) return null;
        if (arguments[0] is JsRegExp pattern)
        {
            if (IsAsWritten(pattern)) return pattern;
            throw new ScriptRefusedException($"{name} takes a text or a regular expression as it is written.");
        }

        var text = ScriptGuards.Text(arguments, 0);
        return text.Length > ScriptProgram.MaxPatternLength && name is "match" or "matchAll" or "search" ? throw TooLong() : null;
    }

    /// <summary>One whose methods are the script's may claim to have matched a thousand million groups.</summary>
    private bool IsAsWritten(JsRegExp pattern) =>
        ReferenceEquals(pattern.Prototype, _prototype) && ReferenceEquals(pattern.Get("exec"), _watchedExec ?? _exec) && ReferenceEquals(pattern.Get("constructor"), _constructor);

    private bool PrepareReplacement(string name, string text, JsRegExp? pattern, JsValue[] arguments)
    {
        if (arguments.Length < 2) return false;
        if (arguments[1] is Function or BindFunction)
        {
            arguments[1] = ScriptGuards.Watched(arguments[1], _engine);
            return CanTakeLong(pattern?.Source, text);
        }

        var replacement = ScriptGuards.Text(arguments, 1);
        double matches = pattern is { Global: false } || name == "replace" && pattern is null ? 1 : pattern is null ? Occurrences(text, arguments[0].ToString()) : text.Length + 1;
        var isLong = IsTooLong(matches);
        if (isLong && pattern is not null)
        {
            WatchMatches();
            matches = _engine.Call(_match, pattern, [text]) is JsArray found ? found.Length : 0;
            isLong = IsTooLong(matches);
        }

        if (isLong) throw new ScriptMemoryException(name);
        return CanTakeLong(pattern?.Source, text);

        bool IsTooLong(double count)
        {
            // What groups matched lies within their matches, unless the pattern looks around.
            double references = replacement.AsSpan().Count('$');
            var wholes = replacement.Contains("$`", StringComparison.Ordinal) || replacement.Contains("$'", StringComparison.Ordinal) || (pattern is not null && LookAround().IsMatch(pattern.Source)) ? references : 0;
            return text.Length + (references * text.Length) + (count * (replacement.Length + (wholes * text.Length))) > _maxLength;
        }
    }

    private static double Occurrences(string text, string part) => part.Length == 0 ? text.Length + 1 : text.AsSpan().Count(part);

    /// <summary>With another `exec` than its own the engine takes the long way, and calls it for each match.</summary>
    private void WatchMatches()
    {
        if (_watchedExec is not null) return;
        ScriptGuards.Replace(_prototype, "exec", _engine, (self, arguments) =>
        {
            _engine.Constraints.Check();
            return _engine.Call(_exec, self, arguments);
        });
        _watchedExec = _prototype.Get("exec");
    }

    private static bool CanTakeLong(string? pattern, string text)
    {
        if (pattern is null || text.Length <= VeryShortText) return false;
        if (RepeatedGroupOrReference().IsMatch(pattern) || LookAround().IsMatch(pattern)) return true;
        var repetitions = pattern.AsSpan().Count('*') + pattern.AsSpan().Count('+') + pattern.AsSpan().Count('{');
        return text.Length > ShortTexts[Math.Min(repetitions, ShortTexts.Length - 1)];
    }

    private static ScriptRefusedException TooLong() => new($"A regular expression may have at most {ScriptProgram.MaxPatternLength} characters.");

    [GeneratedRegex(@"\)[*+{]|\\[1-9k]")]
    private static partial Regex RepeatedGroupOrReference();

    [GeneratedRegex(@"\(\?<?[=!]")]
    private static partial Regex LookAround();
}
