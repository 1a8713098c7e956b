using DataPipeline.Domain.Processing;

namespace DataPipeline.Application.Processing.JsonSchema;

/// <summary>What one keyword, or a few that belong together, ask of a value. Immutable and thread-safe once the schema is compiled.</summary>
internal abstract class Rule
{
    /// <summary>The schemas that apply to the very value that the rule applies to.</summary>
    internal virtual IEnumerable<SchemaNode> InPlace => [];

    /// <summary>Whether the rule says anything about such values. <see cref="Check"/> is called for no others.</summary>
    internal abstract bool AppliesTo(RecordValueKind kind);

    /// <summary>Whether the value satisfies the rule. Tells the evaluation where it does not.</summary>
    internal abstract bool Check(Evaluation evaluation, int token);
}
