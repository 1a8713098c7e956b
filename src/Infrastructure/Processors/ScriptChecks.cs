using System.Text;
using Acornima;
using Acornima.Ast;

namespace DataPipeline.Infrastructure.Processors;

/// <summary>
/// Writes calls into a script where the engine would not look at its limits for too long, or could not know what is asked for. The engine looks between
/// statements and when a function of the script is called; one statement with a thousand calls of built-in functions would go by unseen.
/// </summary>
/// <param name="source">The script.</param>
/// <param name="interval">How many steps that may take long are let pass between two looks.</param>
internal sealed class ScriptChecks(string source, string check, string key, int interval)
{
    private const int StepsOfConcatenation = 8;

    private readonly List<(int At, string Text)> _insertions = [];
    private int _steps;

    /// <summary>Whether <c>check</c> is called somewhere, which looks at the limits.</summary>
    internal bool LooksAtLimits { get; private set; }

    /// <summary>Whether <c>key</c> is called somewhere, which is given each name that the script makes up to read a property by, and returns it.</summary>
    internal bool MakesNames { get; private set; }

    /// <returns>The script with the calls in it; each line has the number it had.</returns>
    internal string InsertInto(Script script)
    {
        Visit(script, isValue: false);
        var result = new StringBuilder(source.Length + (_insertions.Count * 8));
        var at = 0;

        // Of those at one place, the first one found is the outer one.
        foreach (var (place, text) in _insertions.OrderBy(insertion => insertion.At))
        {
            result.Append(source, at, place - at).Append(text);
            at = place;
        }

        return result.Append(source, at, source.Length - at).ToString();
    }

    /// <param name="isValue">Whether another expression of the same value could stand in its place.</param>
    /// <param name="isInChain">Whether it belongs to a chain with <c>?.</c>, which ends as one.</param>
    private void Visit(Node? node, bool isValue, bool isInChain = false)
    {
        if (node is null) return;
        if (node is Statement) _steps = 0;
        var looks = isValue && _steps >= interval && CanTakeLong(node);
        if (looks)
        {
            LooksAtLimits = true;
            _insertions.Add((node.Start, $"({check}(),"));
            _steps = 0;
        }

        _steps += StepsOf(node);
        VisitChildren(node, isInChain);
        if (looks) _insertions.Add((node.End, ")"));
    }

    private void VisitChildren(Node node, bool isInChain)
    {
        switch (node)
        {
            case IFunction:
                // Runs another time, and not without a look.
                var steps = _steps;
                _steps = 0;
                foreach (var child in node.ChildNodes) Visit(child, isValue: child is Expression && node is ArrowFunctionExpression { Body: var body } && ReferenceEquals(body, child));
                _steps = steps;
                break;
            case ChainExpression chain:
                Visit(chain.Expression, isValue: false, isInChain: true);
                break;
            case CallExpression call:
                Visit(call.Callee, isValue: false, isInChain);
                foreach (var argument in call.Arguments) Visit(argument, isValue: true);
                break;
            case MemberExpression member:
                Visit(member.Object, isValue: !isInChain && member.Object is not Super, isInChain);
                if (member.Computed) VisitKey(member.Property);
                break;
            case AssignmentProperty { Computed: true } property:
                VisitKey(property.Key);
                Visit(property.Value, isValue: false);
                break;
            default:
                foreach (var child in node.ChildNodes) Visit(child, IsValue(child, node));
                break;
        }
    }

    private void VisitKey(Expression name)
    {
        var isKnown = name is Literal or UpdateExpression or BinaryExpression { Operator: not Operator.Addition };
        if (!isKnown)
        {
            MakesNames = true;
            _insertions.Add((name.Start, $"{key}(("));
        }

        Visit(name, isValue: true);
        if (!isKnown) _insertions.Add((name.End, "))"));
    }

    /// <summary>What may take time that grows with its operands, which may be long texts or large arrays. Putting texts together counts for several: it may double them.</summary>
    private static int StepsOf(Node node) => node switch
    {
        BinaryExpression { Operator: Operator.Addition } or AssignmentExpression { Operator: Operator.AdditionAssignment } or TemplateLiteral { Expressions.Count: > 0 } => StepsOfConcatenation,
        CallExpression or NewExpression or TaggedTemplateExpression or SpreadElement or ArrayPattern or ObjectPattern => 1,
        MemberExpression { Computed: true, Property: not Literal } => 1,
        BinaryExpression and not LogicalExpression => 1,
        UnaryExpression { Operator: not (Operator.LogicalNot or Operator.TypeOf or Operator.Void) } => 1,
        AssignmentExpression { Operator: not Operator.Assignment } => 1,
        _ => 0,
    };

    private static bool CanTakeLong(Node node) =>
        node is Expression and not (Literal or Identifier or ThisExpression or Super or MetaProperty or PrivateIdentifier or SpreadElement or IFunction or IClass or TemplateLiteral { Expressions.Count: 0 });

    private static bool IsValue(Node child, Node parent) => parent switch
    {
        SequenceExpression or ArrayExpression or ConditionalExpression or BinaryExpression or TemplateLiteral or SpreadElement or YieldExpression => true,
        ExpressionStatement or ReturnStatement or ThrowStatement or IfStatement or WhileStatement or DoWhileStatement or ForStatement or SwitchStatement or SwitchCase => child is Expression,
        NewExpression { Callee: var callee } => !ReferenceEquals(child, callee),
        AssignmentExpression { Right: var right } => ReferenceEquals(child, right),
        AssignmentPattern { Right: var right } => ReferenceEquals(child, right),
        VariableDeclarator { Init: var init } => ReferenceEquals(child, init),
        ForInStatement { Right: var right } => ReferenceEquals(child, right),
        ForOfStatement { Right: var right } => ReferenceEquals(child, right),
        ObjectProperty { Value: var value, Shorthand: false } => ReferenceEquals(child, value),
        PropertyDefinition { Value: var value } => ReferenceEquals(child, value),
        NonUpdateUnaryExpression { Operator: var op } => op is not (Operator.Delete or Operator.TypeOf),
        _ => false,
    };
}
