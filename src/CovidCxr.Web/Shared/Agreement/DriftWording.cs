using System.Globalization;
using CovidCxr.Clinic.Comparison;
using CovidCxr.Clinic.Drift;
using CovidCxr.Domain.Readings;
using CovidCxr.Domain.Studies;
using CovidCxr.Statistics.Drift;

namespace CovidCxr.Web.Shared.Agreement;

static class DriftWording
{
    public static string Words(this DriftQuantity quantity) => quantity switch
    {
        DriftQuantity.Score => "Score",
        DriftQuantity.Width => "Width, pixels",
        DriftQuantity.Height => "Height, pixels",
        DriftQuantity.MeanIntensity => "Mean intensity",
        DriftQuantity.IntensityDeviation => "Spread of intensity",
        DriftQuantity.View => "View",
        DriftQuantity.Sex => "Sex",
        _ => "Age band",
    };

    /// <summary>A sign and a word, so that colour says nothing alone.</summary>
    public static string Words(this DriftVerdict verdict) => verdict switch
    {
        DriftVerdict.Stable => "● stable",
        DriftVerdict.Chance => "○ no more than chance",
        DriftVerdict.Small => "⚠ small shift",
        DriftVerdict.Large => "✕ large shift",
        _ => "– not judged",
    };

    /// <summary>A bin's place, or the category's name.</summary>
    public static string Words(this DriftMeasure measure, DriftBin bin) => measure.Quantity switch
    {
        DriftQuantity.View => (ViewPosition)bin.Low == ViewPosition.Unknown ? "Unknown view" : ((ViewPosition)bin.Low).ToString(),
        DriftQuantity.Sex => (Sex)bin.Low == Sex.Unknown ? "Unknown sex" : ((Sex)bin.Low).ToString(),
        DriftQuantity.Age => ((AgeBand)bin.Low).Words(),
        DriftQuantity.Width or DriftQuantity.Height => $"{bin.Low.Fixed(0)}–{bin.High.Fixed(0)}",
        _ => $"{bin.Low.Fixed(3)}–{bin.High.Fixed(3)}",
    };

    /// <summary>A sign and a word for the place beyond a limit, and every rule that the point breaks.</summary>
    public static string Words(this AgreementWeek week, double? centre)
    {
        if (week.Point.Signals == ChartSignals.None)
        {
            return "";
        }

        var side = week.Point.Proportion.Value > centre ? "▲" : "▼";
        (ChartSignals Signal, string Words)[] rules =
        [
            (ChartSignals.Outside, side == "▲" ? "above the upper limit" : "below the lower limit"),
            (ChartSignals.TwoOfThree, "2 of 3 beyond two sigmas"),
            (ChartSignals.FourOfFive, "4 of 5 beyond one sigma"),
            (ChartSignals.EightInARow, "8 in a row on this side"),
        ];
        return $"{side} {string.Join(", ", rules.Where(r => week.Point.Signals.HasFlag(r.Signal)).Select(r => r.Words))}";
    }

    public static string Words(this ListedAlert listed) => listed.Alert switch
    {
        { Kind: AlertKind.ScoreShift } a =>
            $"Scores of {listed.Version} in {a.PeriodFrom.ToString("MMMM yyyy", CultureInfo.InvariantCulture)} have moved from the month "
            + $"before: stability index {a.Value.Fixed()}, threshold {a.Threshold.Fixed()}, {a.Cases.Of("study", "studies")}",
        { Kind: AlertKind.MorePositive or AlertKind.FewerPositive } a =>
            $"{listed.Version} called {Percent(a.Value)} of {a.Cases.Of("film")} positive from {a.PeriodFrom.Iso()} to {a.PeriodTo.Iso()}, "
            + $"and {Percent(a.Threshold)} at first: "
            + (a.Kind == AlertKind.MorePositive
                ? "its specificity may have fallen, or more of the patients are ill"
                : "its sensitivity may have fallen, or fewer of the patients are ill"),
        var a =>
            $"Agreement of blind readings with the model in the week from {a.PeriodFrom.Iso()}: "
            + $"{Percent(a.Value)} of {a.Cases.Of("reading")}, threshold {Percent(a.Threshold)}",
    };

    /// <summary>How soon a move of the share of positive calls is noticed.</summary>
    public static string Words(this BernoulliCusum? cusum, string move) => cusum switch
    {
        null => $"A {move} of {Percent(CallWatch.Shift)} cannot be watched for: the share is too near its end.",
        { SureDelay: { } sure } =>
            $"A {move} of {Percent(CallWatch.Shift)} is noticed after {cusum.MeanDelay.Fixed(0)} films on average, and within {sure:N0} "
            + "in 19 of 20 cases.",
        _ => $"A {move} of {Percent(CallWatch.Shift)} is noticed after {cusum.MeanDelay.Fixed(0)} films on average.",
    };

    public static string Words(this DepartmentChange change) => change.Kind switch
    {
        DepartmentChangeKind.Version => $"version {change.Version} began to answer",
        DepartmentChangeKind.RollBack => $"back to version {change.Version}",
        DepartmentChangeKind.Accepted => $"version {change.Version} accepted here, with its threshold",
        DepartmentChangeKind.AcceptanceEnded => $"version {change.Version} no longer accepted here",
        _ => $"reading policy {change.Policy!.Value.Words()}",
    };

    public static string Words(this Period period) => $"{period.From.Iso()} to {period.To.Iso()}";

    public static string Percent(double? share) => share is { } value ? (value * 100).Fixed(1) + "%" : "–";
}
