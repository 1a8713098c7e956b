using DataPipeline.Domain.Processing;

namespace DataPipeline.Application.Processing.JsonSchema;

/// <summary>A schema that values can be checked against. Immutable and thread-safe; made by <see cref="JsonSchemaCompiler"/>.</summary>
internal sealed class CompiledSchema(SchemaNode root)
{
    /// <summary>How many violations of one value are told at most.</summary>
    internal const int MaxViolations = ProcessorResult.MaxDetails;

    /// <summary>How much text is told of one value, about: names may be long, and are part of every place within them.</summary>
    internal const int MaxViolationText = 1 << 16;

    /// <summary>Whether the value matches. Allocates nothing to speak of.</summary>
    /// <param name="value">Any value but <see cref="RecordValue.Absent"/>.</param>
    internal bool IsValid(RecordValue value)
    {
        var evaluation = Evaluation.Begin(value);
        var valid = evaluation.Holds(root, 0) && evaluation.Exhaustion is null;
        evaluation.End();
        return valid;
    }

    /// <summary>All violations of the value, at most <see cref="MaxViolations"/>, and fewer where they take more text than <see cref="MaxViolationText"/>; none where it matches.</summary>
    /// <param name="value">Any value but <see cref="RecordValue.Absent"/>.</param>
    internal IReadOnlyList<SchemaViolation> Validate(RecordValue value)
    {
        var evaluation = Evaluation.Begin(value);
        var violations = evaluation.Holds(root, 0) && evaluation.Exhaustion is null ? [] : evaluation.Collect(root);
        evaluation.End();
        return violations;
    }
}
