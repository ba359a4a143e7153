using System.Globalization;
using System.Net;
using System.Text;
using CovidCxr.Imaging.Decoding;
using CovidCxr.Imaging.Rendering;
using CovidCxr.Learning.Evaluation;
using CovidCxr.Statistics;

namespace CovidCxr.Laboratory.Evaluation;

/// <summary>An evaluation as one HTML file that needs nothing else: styles and charts inline, no script. Prints on paper.</summary>
static class ReportPage
{
    const string Style = """
        :root{color-scheme:light}
        body{font:15px/1.5 system-ui,sans-serif;color:#1a1f24;background:#fff;max-width:62rem;margin:2rem auto;padding:0 1rem}
        h1{font-size:1.6rem;margin:0}h2{font-size:1.15rem;margin:2rem 0 .5rem;border-bottom:1px solid #c6ccd2}
        p.notice{font-weight:600;border:2px solid #8a1c1c;padding:.4rem .8rem;color:#8a1c1c}
        table{border-collapse:collapse;width:100%}
        th,td{text-align:left;padding:.25rem .6rem;border-bottom:1px solid #dfe3e7;vertical-align:top}
        td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}
        .charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(17rem,1fr));gap:1rem}
        figure{margin:0;break-inside:avoid}figcaption{font-size:.85rem;color:#4a525a}
        svg{width:100%;font:11px system-ui,sans-serif;fill:#1a1f24}.grid{stroke:#e3e7ea}.guide{stroke:#7b858e;stroke-dasharray:4 4}
        .curve{fill:none;stroke:#0b4f8a;stroke-width:2}.thin{stroke-width:1}
        .mark{fill:#b3460b}.cell{fill:#0b4f8a;stroke:#4a525a}.count{font-size:15px}.warning{font-weight:600;color:#8a1c1c}
        td img{width:7rem;display:block;background:#000}dt{font-weight:600}dd{margin:0 0 .3rem}
        td.path{overflow-wrap:anywhere}@media print{body{margin:0;max-width:none;font-size:11px}h2{break-after:avoid}tr{break-inside:avoid}}
        """;

    /// <param name="withImages">The most confused images as well: patients' images, which go wherever the file goes.</param>
    public static string Render(EvaluationReport report, bool withImages)
    {
        var page = new StringBuilder(
            "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" "
                + "content=\"width=device-width,initial-scale=1\">")
            .Append($"<title>Evaluation of {Text(report.Model.Name)}</title><style>{Style}</style></head><body>")
            .Append($"<h1>Evaluation of {Text(report.Model.Name)}</h1><p class=\"notice\">{EvaluationReport.Notice}</p>");
        Facts(page, report);
        Charts(page, report);
        Figures(page, report);
        Checks(page, report);
        Confused(page, report.MostConfused, withImages);
        Counts(page, report);
        return page.Append($"<footer><p class=\"notice\">{EvaluationReport.Notice}</p></footer></body></html>").ToString();
    }

    static void Facts(StringBuilder page, EvaluationReport report)
    {
        page.Append("<dl>");
        (string Name, string Value)[] facts =
        [
            (
                "Model",
                $"{report.Model.Architecture}, classes {string.Join(", ", report.Model.Classes)}, file SHA-256 {report.Model.Sha256}"),
            (
                "Decision",
                $"{report.Model.PositiveClass} at a probability of {Number(report.Model.Threshold)} or more, else the likeliest other "
                    + $"class"),
            (
                "Data",
                $"{report.DataSet}; {report.Part}: {report.Overall.Images} images of {report.Overall.Patients} patients, "
                    + $"{report.Overall.Positives} of them {report.Model.PositiveClass}"),
            ("Measured", report.MeasuredAt.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture)),
        ];
        foreach (var (name, value) in facts)
        {
            page.Append($"<dt>{name}</dt><dd>{Text(value)}</dd>");
        }

        page.Append("</dl><ul>");
        foreach (var statement in report.Statements)
        {
            page.Append(
                $"<li{(statement.StartsWith("WARNING", StringComparison.Ordinal) ? " class=\"warning\"" : "")}>{Text(statement)}</li>");
        }

        page.Append("</ul>");
    }

    static string Roc(EvaluationReport report) => ReportCharts.Roc(
        report.Roc, report.Model.Threshold, report.Overall[FigureSet.Sensitivity].ByImage.Value,
        report.Overall[FigureSet.Specificity].ByImage.Value);

    static void Charts(StringBuilder page, EvaluationReport report) => page
        .Append("<div class=\"charts\">")
        .Append(
            $"<figure>{ReportCharts.Confusion(report.Confusion)}<figcaption>Rows: the truth. Columns: the decision.</figcaption></figure>")
        .Append($"<figure>{Roc(report)}<figcaption>Area {Text(Interval(report.Overall[FigureSet.Area].ByPatient))}.</figcaption></figure>")
        .Append(
            $"<figure>{ReportCharts.Calibration(report.Calibration)}<figcaption>Brier score {Number(report.Calibration.BrierScore)}, "
                + $"expected calibration error {Number(report.Calibration.ExpectedCalibrationError)}. Larger dots: more "
                + $"images.</figcaption></figure></div>");

    static void Figures(StringBuilder page, EvaluationReport report)
    {
        page.Append("<h2>Figures</h2>");
        Table(page, report.Overall, report.Model.PositiveClass);
        foreach (var source in report.BySource.Where(_ => report.BySource.Count > 1 || !report.BySource[0].WasTrainedOn))
        {
            page.Append($"<h2>Source {Text(source.Source)}{(source.WasTrainedOn ? "" : ", not seen in training")}</h2>");
            page.Append(source.SeenInTraining > 0 ? $"<p>{source.SeenInTraining} images seen in training are left out.</p>" : "");
            Table(page, source.Figures, report.Model.PositiveClass);
        }
    }

    static void Checks(StringBuilder page, EvaluationReport report)
    {
        page.Append($"<h2>What the model reads</h2><p>{Text(report.SourcesCheck)}</p>");
        if (report.LungsBlackedOut is not { } lungs)
        {
            page.Append("<p>On no evaluated image were lungs drawn or found: the score with the lungs blacked out was not measured.</p>");
            return;
        }

        page.Append($"<p{(lungs.IsBad ? " class=\"warning\"" : "")}>{Text(lungs.Reading)}</p><h3>With lungs</h3>");
        Table(page, lungs.Whole, report.Model.PositiveClass);
        page.Append("<h3>Lungs blacked out</h3>");
        Table(page, lungs.Blacked, report.Model.PositiveClass);
    }

    static void Table(StringBuilder page, FigureSet set, string positiveClass)
    {
        page.Append($"<p>{set.Images} images of {set.Patients} patients, {set.Positives} of them {Text(positiveClass)}.</p>")
            .Append("<table><thead><tr><th>Figure</th><th class=\"n\">Value</th><th>95% interval, by image</th>")
            .Append("<th>95% interval, by patient</th><th class=\"n\">n</th></tr></thead><tbody>");
        foreach (var figure in set.Figures)
        {
            page.Append(
                $"<tr><td>{Text(figure.Name)}</td><td class=\"n\">{Number(figure.ByImage.Value)}</td><td>{Text(Range(figure.ByImage))}"
                    + $"</td><td>{Text(Range(figure.ByPatient))}</td><td class=\"n\">{figure.ByImage.Count}</td></tr>");
        }

        page.Append("</tbody></table>");
    }

    static void Confused(StringBuilder page, IReadOnlyList<ConfusedImage> images, bool withImages)
    {
        page.Append(
            $"<h2>Most confused images, worst first</h2><table><thead><tr>{(withImages ? "<th>Image</th>" : "")}<th>File</th>"
                + $"<th>Decided</th><th>Truth</th><th class=\"n\">Loss</th><th class=\"n\">Probability of the truth</th></tr></thead>"
                + $"<tbody>");
        foreach (var image in images)
        {
            var picture = withImages ? $"<td>{Picture(image)}</td>" : "";
            page.Append(
                $"<tr>{picture}<td class=\"path\">{Text(image.Path)}</td><td>{Text(image.Predicted)}</td><td>{Text(image.Truth)}</td><td "
                    + $"class=\"n\">{Number(image.Loss)}</td><td class=\"n\">{Number(image.ProbabilityOfTruth)}</td></tr>");
        }

        page.Append("</tbody></table>");
    }

    static string Picture(ConfusedImage image)
    {
        if (image.Pixels is not { } pixels)
        {
            return "";
        }

        var side = (int)Math.Sqrt(pixels.Length);
        var png = PngEncoder.Encode(new GreyImage(side, pixels.Length / side, 8, Array.ConvertAll(pixels.ToArray(), b => (ushort)b)));
        return $"<img alt=\"As the model saw it\" src=\"data:image/png;base64,{Convert.ToBase64String(png)}\">";
    }

    static void Counts(StringBuilder page, EvaluationReport report)
    {
        page.Append(
            "<h2>The data set</h2><table><thead><tr><th>Part</th><th>Class</th><th class=\"n\">Images</th><th "
                + "class=\"n\">Patients</th></tr></thead><tbody>");
        foreach (var count in report.Counts)
        {
            page.Append(
                $"<tr><td>{Text(count.Part)}</td><td>{Text(count.Class)}</td><td class=\"n\">{count.Images}</td><td "
                    + $"class=\"n\">{count.Patients}</td></tr>");
        }

        page.Append("</tbody></table>");
    }

    static string Interval(Estimate e) => $"{Number(e.Value)} ({Range(e)})";

    static string Range(Estimate e) =>
        e.Lower is null || e.Upper is null ? e.Method : $"{Number(e.Lower)} to {Number(e.Upper)}, {e.Method}";

    static string Number(double? value) => value?.ToString("F3", CultureInfo.InvariantCulture) ?? "–";

    static string Text(string text) => WebUtility.HtmlEncode(text);
}
