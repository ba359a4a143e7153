using CovidCxr.Statistics;
using CovidCxr.Statistics.Discrimination;

namespace CovidCxr.Learning.Evaluation;

/// <summary>A curve as a report carries it.</summary>
public sealed record RocReport(IReadOnlyList<RocReport.Point> Points, Estimate Area)
{
    /// <param name="Threshold">Null for "never positive", which JSON has no number for.</param>
    public sealed record Point(double? Threshold, double FalsePositiveRate, double TruePositiveRate);

    public static RocReport Of(RocCurve curve) => new(
        [.. curve.Points.Select(
            p => new Point(double.IsFinite(p.Threshold) ? p.Threshold : null, p.FalsePositiveRate, p.TruePositiveRate))],
        curve.Area);
}
