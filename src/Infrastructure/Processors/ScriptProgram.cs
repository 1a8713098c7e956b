using System.Globalization;
using Acornima;
using Acornima.Ast;
using Jint;

namespace DataPipeline.Infrastructure.Processors;

/// <summary>A script that was parsed and looked through. Immutable and thread-safe.</summary>
internal sealed class ScriptProgram
{
    internal const int MaxSourceLength = 65_536;

    /// <summary>What stands among the names for an array that the script writes or changes without one.</summary>
    internal const string ArrayMaking = "[]";

    /// <summary>
    /// How often one statement may put texts together and assign the result. The engine looks at its limits between statements;
    /// a text that doubles itself within one would grow beyond them unseen.
    /// </summary>
    private const int MaxConcatenationsInStatement = 6;

    private static readonly ScriptPreparationOptions Preparation = new() { ParsingOptions = new ScriptParsingOptions { AllowReturnOutsideFunction = true } };

    private ScriptProgram(Prepared<Script> code, ScriptSurvey survey)
    {
        Code = code;
        Refusal = survey.Refusal;
        ReadsParameters = survey.CanNameGlobal("params");
        Guards = [.. ScriptGuards.All.Where(guard => guard.IsGlobal ? guard.Names.Any(survey.CanNameGlobal) : guard.Names.Any(survey.CanName))];
    }

    internal Prepared<Script> Code { get; }

    /// <summary>Why the script cannot run although it is JavaScript; <c>null</c> where it can.</summary>
    internal string? Refusal { get; }

    internal bool ReadsParameters { get; }

    /// <summary>What an engine needs before it may run this script.</summary>
    internal IReadOnlyList<ScriptGuard> Guards { get; }

    internal static ScriptProgram? TryPrepare(string source, out string? error)
    {
        error = null;
        if (source.Length > MaxSourceLength)
        {
            error = string.Create(CultureInfo.InvariantCulture, $"A script may have at most {MaxSourceLength} characters.");
            return null;
        }

        try
        {
            var asWritten = Engine.PrepareScript(source, options: Preparation);

            // The value of a script without a return would be its last expression's; `record.paid = false` must not drop the record.
            return new ScriptProgram(Engine.PrepareScript(source + "\n;void 0", options: Preparation), new ScriptSurvey(asWritten.Program!));
        }
        catch (ScriptPreparationException e) when (e.InnerException is ParseErrorException syntax)
        {
            error = string.Create(CultureInfo.InvariantCulture, $"The script is no JavaScript: {syntax.Description} in line {syntax.LineNumber}, column {syntax.Column + 1}.");
        }
        catch (ScriptPreparationException e)
        {
            error = $"The script cannot be read: {e.InnerException?.Message ?? e.Message}";
        }
        catch (InsufficientExecutionStackException)
        {
            error = "The script is nested too deep.";
        }

        return null;
    }

    /// <summary>What stands in a script: which names it can reach, and what it must not use.</summary>
    private sealed class ScriptSurvey
    {
        private readonly HashSet<string> _names = new(StringComparer.Ordinal);
        private bool _makesNames;
        private bool _reachesGlobal;

        internal ScriptSurvey(Script script)
        {
            var rest = new Stack<(Node Node, Counter Statement)>();
            rest.Push((script, new Counter()));
            while (rest.TryPop(out var next))
            {
                var (node, statement) = next;
                Note(node);
                if (node is Statement and not ExpressionStatement or ArrowFunctionExpression) statement = new Counter();
                if (node is ExpressionStatement { Expression: AssignmentExpression or UpdateExpression }) statement = new Counter { Count = -1 };
                else if (node is ExpressionStatement) statement = new Counter();
                if (Concatenates(node) && ++statement.Count > MaxConcatenationsInStatement)
                    Refusal ??= $"{At(node)}: a statement may put texts together and assign them at most {MaxConcatenationsInStatement} times.";
                foreach (var child in node.ChildNodes) rest.Push((child, statement));
            }
        }

        internal string? Refusal { get; private set; }

        /// <summary>Whether the script has the name in it, or may put it together while it runs.</summary>
        internal bool CanName(string name) => _makesNames || _names.Contains(name);

        internal bool CanNameGlobal(string name) => _reachesGlobal || _names.Contains(name);

        private static bool Concatenates(Node node) => node switch
        {
            AssignmentExpression { Operator: Operator.AdditionAssignment } => true,
            AssignmentExpression { Right: BinaryExpression { Operator: Operator.Addition } or TemplateLiteral or CallExpression } => true,
            AssignmentPattern { Right: BinaryExpression { Operator: Operator.Addition } or TemplateLiteral or CallExpression } => true,
            VariableDeclarator { Init: BinaryExpression { Operator: Operator.Addition } or TemplateLiteral } => true,
            _ => false,
        };

        private static string At(Node node) => string.Create(CultureInfo.InvariantCulture, $"Line {node.Location.Start.Line}");

        private void Note(Node node)
        {
            switch (node)
            {
                case Identifier identifier:
                    _names.Add(identifier.Name);
                    break;
                case ThisExpression:
                    _reachesGlobal = true;
                    break;
                case BigIntLiteral:
                    Refuse(node, "BigInt is not available in scripts");
                    break;
                case StringLiteral text:
                    _names.Add(text.Value);
                    break;
                case IFunction { Async: true } or AwaitExpression:
                    Refuse(node, "a script cannot wait: async functions are not available");
                    break;
                case ImportExpression:
                    Refuse(node, "a script cannot import");
                    break;
                case ArrayExpression or AssignmentExpression { Left: MemberExpression { Computed: true } }:
                    _names.Add(ArrayMaking);
                    break;
                case WithStatement:
                    _makesNames = true;
                    break;
                case MemberExpression { Computed: true, Property: not Literal }:
                    _makesNames = true;
                    break;
                case Property { Computed: true, Key: not Literal } or ClassProperty { Computed: true, Key: not Literal }:
                    _makesNames = true;
                    break;
            }

            if (node is Identifier { Name: "defineProperty" or "defineProperties" or "fromEntries" or "getOwnPropertyDescriptor" or "getOwnPropertyDescriptors" }) _makesNames = true;
            if (node is Identifier { Name: "globalThis" }) _reachesGlobal = true;
        }

        private void Refuse(Node node, string reason) => Refusal ??= $"{At(node)}: {reason}.";
    }

    private sealed class Counter
    {
        internal int Count { get; set; }
    }
}
