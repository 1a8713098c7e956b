namespace DataPipeline.Benchmarks;

internal static class Statistics
{
    internal static double Median(this List<double> values) => values.Order().ElementAt(values.Count / 2);

    /// <summary>The median of the ratios within each run: what slows a run slows both sides of it.</summary>
    internal static double RatioTo(this List<double> values, List<double> others) => values.Zip(others, (value, other) => value / other).ToList().Median();
}
