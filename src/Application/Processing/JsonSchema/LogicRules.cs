using DataPipeline.Domain.Processing;

namespace DataPipeline.Application.Processing.JsonSchema;

/// <summary><c>allOf</c>.</summary>
internal sealed class AllOfRule(SchemaNode[] schemas) : Rule
{
    internal override IEnumerable<SchemaNode> InPlace => schemas;

    internal override bool AppliesTo(RecordValueKind kind) => true;

    internal override bool Check(Evaluation evaluation, int token)
    {
        var valid = true;
        foreach (var schema in schemas)
        {
            valid &= schema.Check(evaluation, token);
            if (!valid && (!evaluation.Collects || evaluation.IsOver)) return false;
        }

        return valid;
    }
}

/// <summary><c>anyOf</c>. Why the single schemas do not match is not told: which of them was meant is unknown.</summary>
internal sealed class AnyOfRule(SchemaNode[] schemas) : Rule
{
    private readonly string _expected = $"a value that matches at least one of the {schemas.Length} schemas of anyOf";

    internal override IEnumerable<SchemaNode> InPlace => schemas;

    internal override bool AppliesTo(RecordValueKind kind) => true;

    internal override bool Check(Evaluation evaluation, int token)
    {
        foreach (var schema in schemas)
        {
            if (evaluation.Holds(schema, token)) return true;
        }

        return evaluation.Fail(token, "anyOf", _expected);
    }
}

/// <summary><c>oneOf</c>.</summary>
internal sealed class OneOfRule(SchemaNode[] schemas) : Rule
{
    internal override IEnumerable<SchemaNode> InPlace => schemas;

    internal override bool AppliesTo(RecordValueKind kind) => true;

    internal override bool Check(Evaluation evaluation, int token)
    {
        var matches = 0;
        for (var i = 0; i < schemas.Length && (matches < 2 || evaluation.Collects); i++)
        {
            if (evaluation.Holds(schemas[i], token)) matches++;
        }

        return matches == 1 || evaluation.Fail(token, "oneOf", evaluation.Collects ? $"a value that matches exactly one of the {schemas.Length} schemas of oneOf, not {matches}" : "");
    }
}

/// <summary><c>not</c>.</summary>
internal sealed class NotRule(SchemaNode schema) : Rule
{
    internal override IEnumerable<SchemaNode> InPlace => [schema];

    internal override bool AppliesTo(RecordValueKind kind) => true;

    internal override bool Check(Evaluation evaluation, int token) => !evaluation.Holds(schema, token) || evaluation.Fail(token, "not", "a value that does not match the schema of not");
}

/// <summary><c>if</c>, <c>then</c> and <c>else</c>.</summary>
internal sealed class IfRule(SchemaNode condition, SchemaNode? then, SchemaNode? otherwise) : Rule
{
    internal override IEnumerable<SchemaNode> InPlace => new[] { condition, then, otherwise }.OfType<SchemaNode>();

    internal override bool AppliesTo(RecordValueKind kind) => true;

    internal override bool Check(Evaluation evaluation, int token) => (evaluation.Holds(condition, token) ? then : otherwise)?.Check(evaluation, token) ?? true;
}

/// <summary><c>$ref</c>. The compiler sets where it leads when it has seen the whole schema.</summary>
internal sealed class RefRule : Rule
{
    internal SchemaNode? Target { get; set; }

    internal override IEnumerable<SchemaNode> InPlace => Target is null ? [] : [Target];

    internal override bool AppliesTo(RecordValueKind kind) => true;

    internal override bool Check(Evaluation evaluation, int token) => Target!.Check(evaluation, token);
}
