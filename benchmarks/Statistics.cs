namespace DataPipeline.Benchmarks;

internal static class Statistics
{
    internal static double Median(this List<double> values) => values.Order().ElementAt(values.Count / 2);
}
