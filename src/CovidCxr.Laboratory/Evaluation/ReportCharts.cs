using System.Globalization;
using System.Net;
using System.Text;
using CovidCxr.Learning.Evaluation;
using CovidCxr.Statistics.Calibration;

namespace CovidCxr.Laboratory.Evaluation;

/// <summary>Charts of a report as inline SVG: no script, dark on light, readable in grey.</summary>
static class ReportCharts
{
    const int Side = 260, Left = 46, Top = 14;

    public static string Roc(RocReport roc, double threshold, double? sensitivity, double? specificity)
    {
        var line = string.Join(' ', roc.Points.Select(p => Point(p.FalsePositiveRate, p.TruePositiveRate)));
        var mark = sensitivity is { } y && specificity is { } x
            ? $"<circle cx=\"{N(X(1 - x))}\" cy=\"{N(Y(y))}\" r=\"4\" class=\"mark\"/><text x=\"{N(X(1 - x) + 8)}\" "
                + $"y=\"{N(Y(y) + 14)}\">threshold {threshold.ToString("F3", CultureInfo.InvariantCulture)}</text>"
            : "";
        return Frame("ROC curve", "1 - specificity", "sensitivity", $"{Diagonal}<polyline points=\"{line}\" class=\"curve\"/>{mark}");
    }

    public static string Calibration(ReliabilityDiagram calibration)
    {
        var most = calibration.Bins.Select(b => b.Count).DefaultIfEmpty(1).Max();
        var points = calibration.Bins.Select(b =>
            $"<circle cx=\"{N(X(b.MeanScore))}\" cy=\"{N(Y(b.ObservedRate))}\" r=\"{N(2.5 + (5 * Math.Sqrt((double)b.Count / most)))}\" "
                + $"class=\"mark\"><title>{b.Count} images: mean probability {N(b.MeanScore)}, observed "
                + $"{N(b.ObservedRate)}</title></circle>");
        var line = string.Join(' ', calibration.Bins.Select(b => Point(b.MeanScore, b.ObservedRate)));
        return Frame(
            "Calibration", "predicted probability", "observed share",
            $"{Diagonal}<polyline points=\"{line}\" class=\"curve thin\"/>{string.Concat(points)}");
    }

    /// <summary>Rows are the truth; a cell's shade is its share of the row.</summary>
    public static string Confusion(ConfusionMatrix matrix)
    {
        const int Cell = 74, Names = 110, Head = 48;
        var count = matrix.Classes.Count;
        var svg = new StringBuilder(string.Create(CultureInfo.InvariantCulture,
            $"<svg viewBox=\"0 0 {Names + (count * Cell) + 8} {Head + (count * Cell) + 8}\" role=\"img\" aria-label=\"Confusion matrix: "
                + $"rows are the truth, columns the decision\">"));
        svg.Append(string.Create(
            CultureInfo.InvariantCulture, $"<text x=\"{Names + (count * Cell / 2)}\" y=\"14\" text-anchor=\"middle\">decided</text>"));
        for (var row = 0; row < count; row++)
        {
            var total = Math.Max(1, matrix.Counts[row].Sum());
            svg.Append(string.Create(CultureInfo.InvariantCulture,
                $"<text x=\"{Names - 8}\" y=\"{Head + (row * Cell) + (Cell / 2) + 4}\" "
                    + $"text-anchor=\"end\">{Text(matrix.Classes[row])}</text>"));
            svg.Append(string.Create(CultureInfo.InvariantCulture,
                $"<text x=\"{Names + (row * Cell) + (Cell / 2)}\" y=\"{Head - 10}\" "
                    + $"text-anchor=\"middle\">{Text(matrix.Classes[row])}</text>"));
            for (var column = 0; column < count; column++)
            {
                var share = (double)matrix.Counts[row][column] / total;
                svg.Append(string.Create(CultureInfo.InvariantCulture,
                    $"<rect x=\"{Names + (column * Cell)}\" y=\"{Head + (row * Cell)}\" width=\"{Cell}\" height=\"{Cell}\" "
                        + $"class=\"cell\" fill-opacity=\"{share * 0.45:F3}\"/>"));
                svg.Append(string.Create(CultureInfo.InvariantCulture,
                    $"<text x=\"{Names + (column * Cell) + (Cell / 2)}\" y=\"{Head + (row * Cell) + (Cell / 2) + 4}\" "
                        + $"text-anchor=\"middle\" class=\"count\">{matrix.Counts[row][column]}</text>"));
            }
        }

        return svg.Append("</svg>").ToString();
    }

    static string Diagonal => $"<line x1=\"{N(X(0))}\" y1=\"{N(Y(0))}\" x2=\"{N(X(1))}\" y2=\"{N(Y(1))}\" class=\"guide\"/>";

    static string Frame(string title, string below, string beside, string content)
    {
        var ticks = string.Concat(new[] { 0, 0.25, 0.5, 0.75, 1 }.Select(t => string.Create(CultureInfo.InvariantCulture,
            $"<line x1=\"{X(t)}\" y1=\"{Y(0)}\" x2=\"{X(t)}\" y2=\"{Y(1)}\" class=\"grid\"/><line x1=\"{X(0)}\" y1=\"{Y(t)}\" "
                + $"x2=\"{X(1)}\" y2=\"{Y(t)}\" class=\"grid\"/><text x=\"{X(t)}\" y=\"{Y(0) + 16}\" "
                + $"text-anchor=\"middle\">{t}</text><text x=\"{X(0) - 6}\" y=\"{Y(t) + 4}\" text-anchor=\"end\">{t}</text>")));
        return string.Create(
                CultureInfo.InvariantCulture,
                $"<svg viewBox=\"0 0 {Left + Side + 24} {Top + Side + 44}\" role=\"img\" aria-label=\"{title}\">{ticks}{content}")
            + string.Create(CultureInfo.InvariantCulture,
                $"<text x=\"{X(0.5)}\" y=\"{Top + Side + 36}\" text-anchor=\"middle\">{below}</text><text transform=\"translate(12 "
                    + $"{Y(0.5)}) rotate(-90)\" text-anchor=\"middle\">{beside}</text></svg>");
    }

    static string Point(double x, double y) => $"{N(X(x))},{N(Y(y))}";

    static double X(double share) => Left + (share * Side);

    static double Y(double share) => Top + ((1 - share) * Side);

    static string N(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);

    static string Text(string text) => WebUtility.HtmlEncode(text);
}
