using System.Globalization;

namespace DataPipeline.Benchmarks.Soak;

/// <summary>One quantity over time, and how much it may grow once it has warmed up.</summary>
/// <param name="Name">What it is, with its unit.</param>
/// <param name="Share">The growth that is put down to chance, as a share of the median.</param>
/// <param name="Least">The same in the quantity's unit; the larger of the two counts.</param>
internal sealed record SoakSeries(string Name, double Share, double Least)
{
    private readonly List<(double Seconds, double Value)> _samples = [];

    internal IReadOnlyList<(double Seconds, double Value)> Samples => _samples;

    internal void Add(double seconds, double value) => _samples.Add((seconds, value));

    /// <summary>
    /// What the second half of the samples grows by from its first to its last: the slope of Theil (1950) and Sen (1968), the median of the slopes between any two samples,
    /// which peaks such as those before a collection or a vacuum do not move, over the time between them.
    /// </summary>
    internal Trend SecondHalf()
    {
        if (_samples.Count < 4) return new Trend(0, 0, 0, false);
        var half = _samples[(_samples.Count / 2)..];
        var slopes = new List<double>(half.Count * half.Count / 2);
        for (var i = 0; i < half.Count; i++)
        {
            for (var j = i + 1; j < half.Count; j++) slopes.Add((half[j].Value - half[i].Value) / (half[j].Seconds - half[i].Seconds));
        }

        var growth = slopes.Median() * (half[^1].Seconds - half[0].Seconds);
        var median = half.Select(sample => sample.Value).ToList().Median();
        var tolerance = Math.Max(Least, Share * median);
        return new Trend(median, growth, tolerance, growth <= tolerance);
    }

    internal sealed record Trend(double Median, double Growth, double Tolerance, bool IsFlat)
    {
        public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"median {Median:N1}, grows by {Growth:N1} of {Tolerance:N1} tolerated");
    }
}
