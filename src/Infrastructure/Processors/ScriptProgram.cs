using System.Globalization;
using Acornima;
using Acornima.Ast;
using Jint;

namespace DataPipeline.Infrastructure.Processors;

/// <summary>A script that was parsed, looked through and made ready to be watched. Immutable and thread-safe.</summary>
internal sealed class ScriptProgram
{
    internal const int MaxSourceLength = 65_536;

    /// <summary>The longest regular expression, in characters. What it takes to make one ready grows with the square of its length.</summary>
    internal const int MaxPatternLength = 1_000;

    /// <summary>How many steps that may take long are let pass between two looks at the limits.</summary>
    private const int StepsBetweenLooks = 16;

    private static readonly ScriptPreparationOptions Preparation = new() { ParsingOptions = new ScriptParsingOptions { AllowReturnOutsideFunction = true } };

    private ScriptProgram(string source, Script script, int stepsBetweenLooks)
    {
        var survey = new ScriptSurvey(script);
        var checks = new ScriptChecks(source, survey.UnusedName("check"), survey.UnusedName("key"), stepsBetweenLooks);

        // The value of a script without a return would be its last expression's; `record.paid = false` must not drop the record.
        Code = Engine.PrepareScript(checks.InsertInto(script) + "\n;void 0", options: Preparation);
        Refusal = survey.Refusal;
        CheckFunction = checks.LooksAtLimits ? survey.UnusedName("check") : null;
        KeyFunction = checks.MakesNames ? survey.UnusedName("key") : null;
        ReadsParameters = survey.CanName("params") || KeyFunction is not null;
        Guards = [.. ScriptGuards.All.Where(guard => guard.Names.Any(survey.CanName))];
    }

    internal Prepared<Script> Code { get; }

    /// <summary>Why the script cannot run although it is JavaScript; <c>null</c> where it can.</summary>
    internal string? Refusal { get; }

    /// <summary>The function without arguments that it calls to have its limits looked at; <c>null</c> where it calls none.</summary>
    internal string? CheckFunction { get; }

    /// <summary>The function that it gives each name it made up, and which returns the name; <c>null</c> where it makes up none.</summary>
    internal string? KeyFunction { get; }

    internal bool ReadsParameters { get; }

    /// <summary>What an engine needs before it may run this script; what it needs for names that are made up, it gets when they are.</summary>
    internal IReadOnlyList<ScriptGuard> Guards { get; }

    /// <param name="stepsBetweenLooks">For tests: how many steps that may take long are let pass between two looks at the limits.</param>
    internal static ScriptProgram? TryPrepare(string source, out string? error, int stepsBetweenLooks = StepsBetweenLooks)
    {
        error = null;
        if (source.Length > MaxSourceLength)
        {
            error = string.Create(CultureInfo.InvariantCulture, $"A script may have at most {MaxSourceLength} characters.");
            return null;
        }

        try
        {
            return new ScriptProgram(source, Engine.PrepareScript(source, options: Preparation).Program!, stepsBetweenLooks);
        }
        catch (ScriptPreparationException e) when (e.InnerException is ParseErrorException syntax)
        {
            error = string.Create(CultureInfo.InvariantCulture, $"The script is no JavaScript: {syntax.Description} in line {syntax.LineNumber}, column {syntax.Column + 1}.");
        }
        catch (Exception e) when (e is InsufficientExecutionStackException or ScriptPreparationException { InnerException: InsufficientExecutionStackException })
        {
            error = "The script is nested too deep.";
        }
        catch (ScriptPreparationException e)
        {
            error = $"The script cannot be read: {e.InnerException?.Message ?? e.Message}";
        }

        return null;
    }

    /// <summary>What stands in a script: which names it can reach, and what it must not use.</summary>
    private sealed class ScriptSurvey
    {
        private readonly HashSet<string> _names = new(StringComparer.Ordinal);

        /// <summary>Names of functions where they are called with functions written on the spot, or with none; and objects spread into others.</summary>
        private readonly HashSet<Node> _harmless = [];

        /// <summary>Whether it may come by a function without its name.</summary>
        private bool _findsFunctions;

        internal ScriptSurvey(Script script)
        {
            foreach (var node in script.DescendantNodesAndSelf()) Note(node);
        }

        internal string? Refusal { get; private set; }

        /// <summary>Whether the script has the name in it, or may come by what it stands for without it.</summary>
        internal bool CanName(string name) => _findsFunctions || _names.Contains(name);

        /// <summary>A name that the script does not have in it.</summary>
        internal string UnusedName(string wish)
        {
            while (_names.Contains(wish)) wish += "$";
            return wish;
        }

        private void Note(Node node)
        {
            if (node is CallExpression { Arguments: var arguments } && arguments.Any(argument => argument is SpreadElement)) _names.Add(ScriptGuards.Spreading);
            if (node is NewExpression { Arguments: var given } && given.Any(argument => argument is SpreadElement)) _names.Add(ScriptGuards.Spreading);
            switch (node)
            {
                case Identifier identifier:
                    _names.Add(identifier.Name);
                    if (!_harmless.Contains(identifier)) _names.Add(ScriptGuards.GivenFunctions(identifier.Name));
                    _findsFunctions |= identifier.Name is "defineProperty" or "defineProperties" or "getOwnPropertyDescriptor" or "getOwnPropertyDescriptors" or "getOwnPropertySymbols";
                    break;
                case StringLiteral text:
                    _names.Add(text.Value);
                    _names.Add(ScriptGuards.GivenFunctions(text.Value));
                    break;
                case CallExpression { Callee: MemberExpression { Computed: false, Property: var name } } call when call.Arguments.All(argument => argument is Literal or IFunction):
                    _harmless.Add(name);
                    break;
                case ArrayExpression array when array.Elements.Any(item => item is not (null or Literal or TemplateLiteral or ObjectExpression or IFunction)):
                case AssignmentExpression { Left: MemberExpression { Computed: true } }:
                    _names.Add(ScriptGuards.ArrayMaking);
                    break;
                case ObjectExpression written:
                    foreach (var property in written.Properties.Where(property => property is SpreadElement)) _harmless.Add(property);
                    break;
                case SpreadElement when !_harmless.Contains(node):
                    _names.Add(ScriptGuards.Iterating);
                    break;
                case ForOfStatement or ArrayPattern or YieldExpression { Delegate: true }:
                    _names.Add(ScriptGuards.Iterating);
                    break;
                case RegExpLiteral { RegExp.Pattern.Length: > MaxPatternLength }:
                    Refuse(node, $"a regular expression may have at most {MaxPatternLength} characters");
                    break;
                case BigIntLiteral:
                    Refuse(node, "BigInt is not available in scripts");
                    break;
                case IFunction { Async: true } or AwaitExpression:
                    Refuse(node, "a script cannot wait: async functions are not available");
                    break;
                case ImportExpression:
                    Refuse(node, "a script cannot import");
                    break;
                case WithStatement:
                    Refuse(node, "with is not available in scripts");
                    break;
            }
        }

        private void Refuse(Node node, string reason) => Refusal ??= string.Create(CultureInfo.InvariantCulture, $"Line {node.Location.Start.Line}: {reason}.");
    }
}
