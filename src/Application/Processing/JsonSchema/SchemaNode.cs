using DataPipeline.Domain.Processing;

namespace DataPipeline.Application.Processing.JsonSchema;

/// <summary>One schema: its rules, sorted by the kind of value they say something about. Complete once the compiler has seen the whole schema.</summary>
/// <param name="keyword">The keyword that the schema stands under.</param>
internal sealed class SchemaNode(string keyword)
{
    private static readonly RecordValueKind[] Kinds = Enum.GetValues<RecordValueKind>();

    private readonly Rule[][] _rulesByKind = [.. Kinds.Select(_ => Array.Empty<Rule>())];

    /// <summary>Whether it is the schema <c>false</c>.</summary>
    internal bool IsNever { get; init; }

    /// <summary>Whether a <c>$ref</c> leads here, so that it may apply to one value more than once.</summary>
    internal bool IsReferenced { get; set; }

    /// <summary>The schemas that apply to the very value that this one applies to.</summary>
    internal List<SchemaNode> InPlace { get; } = [];

    internal void SetRules(IReadOnlyList<Rule> rules)
    {
        foreach (var kind in Kinds) _rulesByKind[(int)kind] = [.. rules.Where(rule => rule.AppliesTo(kind))];
    }

    internal bool Check(Evaluation evaluation, int token)
    {
        if (!evaluation.Spend(1)) return false;
        if (IsNever) return evaluation.Fail(token, keyword, "nothing to stand here");
        var rules = _rulesByKind[(int)evaluation.Tape[token].Kind];
        if (rules.Length == 0) return true;
        if (!evaluation.TryEnter(this, token, out var valid)) return valid;
        valid = true;
        foreach (var rule in rules)
        {
            valid &= rule.Check(evaluation, token);
            if (!valid && (!evaluation.Collects || evaluation.IsOver)) break;
        }

        evaluation.Leave(this, token, valid);
        return valid;
    }
}
