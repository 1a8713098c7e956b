using System.Text.Json;
using DataPipeline.Application.Processing.JsonSchema;
using DataPipeline.Domain.Processing;

namespace DataPipeline.Application.Processing;

/// <summary>
/// What records must be like, in JSON Schema 2020-12, as an option of a built-in type. A schema with a keyword that is not enforced is refused when
/// the options are bound. Immutable and thread-safe.
/// </summary>
public sealed class RecordSchema
{
    private readonly CompiledSchema _schema;

    internal RecordSchema(CompiledSchema schema) => _schema = schema;

    /// <summary>
    /// Everything in which the record does not match, at most <see cref="ProcessorResult.MaxDetails"/> of it; nothing where it does.
    /// The code is the keyword that is not satisfied, <c>MIN_LENGTH</c> for <c>minLength</c>.
    /// </summary>
    public IReadOnlyList<FailureDetail> ViolationsOf(Record record)
    {
        var violations = _schema.Validate(record.Peek());
        return violations.Count == 0 ? [] : [.. violations.Select(violation => new FailureDetail(violation.Location, JsonNamingPolicy.SnakeCaseUpper.ConvertName(violation.Keyword), violation.Message))];
    }

    /// <summary>The failure of a record that is not as it must be: <c>SCHEMA_VIOLATION</c>, with the first violation as the message.</summary>
    /// <param name="violations">At least one.</param>
    public static ProcessorResult Failure(IReadOnlyList<FailureDetail> violations)
    {
        var (field, _, message) = violations[0];
        return ProcessorResult.Fail("SCHEMA_VIOLATION", field.Length == 0 ? message : $"{field}: {message}", violations);
    }

    /// <summary>Whether the record may go on: <see cref="ProcessorResult.Continue"/>, or the <see cref="Failure"/>.</summary>
    public ProcessorResult Check(Record record) => ViolationsOf(record) is { Count: > 0 } violations ? Failure(violations) : ProcessorResult.Continue;
}
