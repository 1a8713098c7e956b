namespace DataPipeline.Domain.Pipelines;

/// <summary>How many failed records a batch bears before it fails as a whole. Immutable.</summary>
/// <param name="MaxFailedRecords">The most records that may fail, 0 or more; <c>null</c> for any number.</param>
/// <param name="MaxFailedPercent">The largest part of the batch's records that may fail, 0 to 100; <c>null</c> for any part.</param>
public sealed record ErrorPolicy(int? MaxFailedRecords, double? MaxFailedPercent)
{
    /// <summary>Bears any number of failures.</summary>
    public static readonly ErrorPolicy Unbounded = new(null, null);

    /// <summary>
    /// The bound that <paramref name="failed"/> of <paramref name="total"/> records passes, in words, or <c>null</c>.
    /// The percentage is of all the batch's records, not of those processed so far, so that the answer does not depend on their order.
    /// </summary>
    public string? BoundPassedBy(int failed, int total)
    {
        if (failed > MaxFailedRecords) return $"{failed} records failed; maxFailedRecords is {MaxFailedRecords}.";
        if (failed * 100.0 > MaxFailedPercent * total) return FormattableString.Invariant($"{failed} of {total} records failed; maxFailedPercent is {MaxFailedPercent}.");
        return null;
    }
}
