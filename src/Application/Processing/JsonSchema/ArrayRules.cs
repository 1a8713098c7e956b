using DataPipeline.Domain.Processing;

namespace DataPipeline.Application.Processing.JsonSchema;

/// <summary><c>prefixItems</c> and <c>items</c>.</summary>
internal sealed class ItemsRule(SchemaNode[] prefix, SchemaNode? rest) : Rule
{
    internal override bool AppliesTo(RecordValueKind kind) => kind == RecordValueKind.Array;

    internal override bool Check(Evaluation evaluation, int token)
    {
        var tape = evaluation.Tape;
        var valid = true;
        var item = token + 1;
        for (var index = 0; index < tape[token].Count && (index < prefix.Length || rest is not null); index++)
        {
            valid &= (index < prefix.Length ? prefix[index] : rest!).Check(evaluation, item);
            if (!valid && (!evaluation.Collects || evaluation.IsOver)) return false;
            item = tape[item].Next;
        }

        return valid;
    }
}

/// <summary><c>contains</c>, <c>minContains</c> and <c>maxContains</c>.</summary>
internal sealed class ContainsRule(SchemaNode schema, long least, long most) : Rule
{
    private readonly string _expectedLeast = $"an array with {Counted.AtLeast(least, "element that matches", "elements that match")} the schema of contains";
    private readonly string _expectedMost = $"an array with {Counted.UpTo(most, "element that matches", "elements that match")} the schema of contains";

    internal override bool AppliesTo(RecordValueKind kind) => kind == RecordValueKind.Array;

    internal override bool Check(Evaluation evaluation, int token)
    {
        var tape = evaluation.Tape;
        long found = 0;
        for (var item = token + 1; item < tape[token].Next && found <= most && (found < least || most < long.MaxValue); item = tape[item].Next)
        {
            if (evaluation.Holds(schema, item)) found++;
        }

        if (found > most) return evaluation.Fail(token, "maxContains", _expectedMost);
        return found >= least || evaluation.Fail(token, least == 1 ? "contains" : "minContains", _expectedLeast);
    }
}

/// <summary><c>uniqueItems</c>.</summary>
internal sealed class UniqueItemsRule : Rule
{
    internal override bool AppliesTo(RecordValueKind kind) => kind == RecordValueKind.Array;

    internal override bool Check(Evaluation evaluation, int token)
    {
        // Each element is hashed and sorted in, or compared with a few others.
        if (!evaluation.Spend(4 * evaluation.Tape.WorkOf(token))) return false;
        var duplicate = evaluation.Tape.FindDuplicate(token);
        return duplicate < 0 || evaluation.Fail(token, "uniqueItems", evaluation.Collects ? $"an array without equal elements (that at {evaluation.Tape.PointerTo(duplicate)} repeats one)" : "");
    }
}
