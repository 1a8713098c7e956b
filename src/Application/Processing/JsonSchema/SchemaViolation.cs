namespace DataPipeline.Application.Processing.JsonSchema;

/// <summary>One way in which a value does not match a schema.</summary>
/// <param name="Location">JSON pointer to the offending value, or to where a missing property would stand; empty for the whole value.</param>
/// <param name="Keyword">The keyword that is not satisfied, for example <c>minimum</c>; of a schema that is <c>false</c>, the keyword it stands under, or <c>false</c>; or <see cref="TooComplex"/>.</param>
/// <param name="Message">One sentence that says what was expected and shows the offending value, cut at 200 characters.</param>
internal sealed record SchemaViolation(string Location, string Keyword, string Message)
{
    /// <summary>Stands for a keyword where the check was given up because it takes too much.</summary>
    internal const string TooComplex = "tooComplex";
}
