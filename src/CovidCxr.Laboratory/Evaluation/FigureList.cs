using CovidCxr.Learning.Checkpoints;
using CovidCxr.Learning.Evaluation;
using CovidCxr.Learning.Gate;
using CovidCxr.Statistics;

namespace CovidCxr.Laboratory.Evaluation;

/// <summary>A report's figures as rows, by patient before by image; what is not defined is left out.</summary>
static class FigureList
{
    public static IReadOnlyList<MeasuredFigure> Of(EvaluationReport report)
    {
        List<MeasuredFigure> rows = [.. Of(report.Part, report.Overall)];
        rows.AddRange(report.BySource.Where(_ => report.BySource.Count > 1).SelectMany(
            s => Of($"{s.Source}{(s.WasTrainedOn ? "" : " (not seen in training)")}", s.Figures)));
        rows.AddRange(report.LungsBlackedOut is { } lungs ? Of(lungs) : []);
        rows.AddRange(Row(report.Part, "Brier score", report.Calibration.BrierScore, report.Overall.Images));
        rows.AddRange(Row(report.Part, "expected calibration error", report.Calibration.ExpectedCalibrationError, report.Overall.Images));
        return rows;
    }

    /// <summary>What a model's card carries: every figure once, with its interval by patient.</summary>
    public static IReadOnlyList<MeasuredFigure> OnCard(EvaluationReport report) =>
    [
        .. ByPatient(report.Part, report.Overall),
        .. report.BySource.Where(_ => report.BySource.Count > 1).SelectMany(
            s => ByPatient($"{report.Part}, {s.Source}{(s.WasTrainedOn ? "" : " (not seen in training)")}", s.Figures)),
        .. report.LungsBlackedOut is { } lungs ? Paired(lungs) : [],
    ];

    static IEnumerable<MeasuredFigure> ByPatient(string part, FigureSet set) =>
        set.Figures.SelectMany(f => Rows(part, f.Name, f.ByPatient));

    public static IReadOnlyList<MeasuredFigure> Of(CrossValidationReport report) =>
    [
        .. report.PerFold.SelectMany(f => Of($"fold {f.Fold}", f.Figures)),
        .. report.Means.SelectMany(m => Rows($"mean of {report.Folds} folds", m.Name, m.Mean)),
        .. Of(report.Pooled.Name, report.Pooled),
    ];

    static IEnumerable<MeasuredFigure> Of(BlackedOutLungs lungs) =>
    [
        .. Of(lungs.Whole.Name, lungs.Whole), .. Of(lungs.Blacked.Name, lungs.Blacked),
        .. Paired(lungs),
    ];

    static IEnumerable<MeasuredFigure> Paired(BlackedOutLungs lungs) =>
        Paired(lungs, "area under the ROC curve lost", lungs.AreaLost).Concat(
            Paired(lungs, ModelWarnings.KeptFigure, lungs.PositivesKept));

    static IEnumerable<MeasuredFigure> Paired(BlackedOutLungs lungs, string name, Estimate? estimate) =>
        estimate is null ? [] : Rows($"{lungs.Blacked.Name}, paired", name, estimate);

    static IEnumerable<MeasuredFigure> Of(string part, FigureSet set) =>
        set.Figures.SelectMany(f => Rows(part, $"{f.Name}, by patient", f.ByPatient).Concat(Rows(part, $"{f.Name}, by image", f.ByImage)));

    static IEnumerable<MeasuredFigure> Rows(string part, string name, Estimate e) =>
        e.Value is { } value ? [new(part, name, value, e.Lower, e.Upper, e.Count, e.Method)] : [];

    static IEnumerable<MeasuredFigure> Row(string part, string name, double? value, int count) =>
        value is { } known ? [new(part, name, known, null, null, count, "no interval")] : [];
}
