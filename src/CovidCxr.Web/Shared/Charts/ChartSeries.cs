namespace CovidCxr.Web.Shared.Charts;

/// <summary>One line of a chart.</summary>
/// <param name="IsScatter">Points without a line between them.</param>
/// <param name="IsSpans">Two points each are the ends of a line of its own; their height says nothing.</param>
public sealed record ChartSeries(string Name, IReadOnlyList<ChartPoint> Points, bool IsScatter = false, bool IsSpans = false)
{
    const int MostPoints = 600;

    /// <summary>Every so many points left out, so that a long run draws as fast as a short one; the last stays.</summary>
    public ChartSeries Thinned()
    {
        var every = (Points.Count / MostPoints) + 1;
        return every == 1 || IsSpans ? this : this with { Points = [.. Points.Where((_, i) => i % every == 0 || i == Points.Count - 1)] };
    }
}

/// <summary>Null breaks no line: the point is left out.</summary>
/// <param name="Label">Shown beside the series' name when the point is pointed at.</param>
public readonly record struct ChartPoint(double X, double? Y, string? Label = null);

/// <summary>A place on the horizontal axis where something happened, which the page says in words under the same number.</summary>
/// <param name="Number">1, 2, 3 …</param>
public sealed record ChartMark(int Number, double X, string Words);
