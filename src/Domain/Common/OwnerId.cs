namespace DataPipeline.Domain.Common;

/// <summary>The tenant that API keys, pipelines and batches belong to: a name chosen by the operator. Compared by ordinal.</summary>
/// <param name="Value">1 to <see cref="MaxLength"/> characters, see <see cref="IsValid"/>.</param>
public readonly record struct OwnerId(string Value)
{
    public const int MaxLength = 100;

    /// <summary>Letters, digits, <c>-</c>, <c>_</c>, <c>.</c> and <c>@</c>: what can stand in a log line or a metric without escaping.</summary>
    public static bool IsValid(string? value) =>
        value is { Length: > 0 and <= MaxLength } && value.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or '@');

    public override string ToString() => Value;
}
