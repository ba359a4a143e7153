using CovidCxr.Statistics;
using CovidCxr.Statistics.Agreement;
using CovidCxr.Statistics.Discrimination;
using CovidCxr.Statistics.Resampling;

namespace CovidCxr.Clinic.Shadow;

/// <summary>A film that both versions scored, that has a reference and was read blind.</summary>
/// <param name="IsCalledByActive">The active version's call, at its own threshold.</param>
readonly record struct ShadowFilm(
    Guid StudyId, string Patient, bool IsIll, double Active, bool IsCalledByActive, double ActiveThreshold, double Shadow,
    double ShadowThreshold)
{
    public bool IsCalledByShadow => Shadow >= ShadowThreshold;
}

/// <summary>One figure of both versions on the same films.</summary>
/// <param name="Gained">The shadow's less the active one's, paired by patient.</param>
public sealed record ShadowFigure(string Name, Estimate Active, Estimate Shadow, Estimate Gained, PairedVerdict Verdict);

/// <param name="Verdict">The worst of the figures': one that is worse makes the version worse, one that is open leaves it open.</param>
/// <param name="MoreStudies">About how many more studies with a reference and a blinded read would decide; null where nothing says.</param>
/// <param name="IsSeenOnly">Whether films that this person must still read blind were left out.</param>
/// <param name="ActiveThresholds">At which the active version's calls on these films were made, ascending: one, or several where it was
/// changed meanwhile.</param>
/// <param name="ShadowThresholds">The same of the shadow.</param>
public sealed record ShadowComparison(
    int ActiveNumber, int ShadowNumber, int Scored, int Films, int Patients, int Ill, IReadOnlyList<ShadowFigure> Figures,
    VerdictKind Verdict, int? MoreStudies, double Margin, bool IsSeenOnly, IReadOnlyList<double> ActiveThresholds,
    IReadOnlyList<double> ShadowThresholds)
{
    const int Active = 0, Shadow = 1;

    /// <summary>In a sentence.</summary>
    public string Words => FormattableString.Invariant(Verdict switch
    {
        VerdictKind.Better => $"Better: version {ShadowNumber} is surely better than version {ActiveNumber}.",
        VerdictKind.NotWorse =>
            $"Not worse by more than the margin of {Margin}: version {ShadowNumber} beside version {ActiveNumber}.",
        VerdictKind.Worse => $"Worse: version {ShadowNumber} is surely worse than version {ActiveNumber}.",
        _ when MoreStudies is { } more =>
            $"Not enough yet: about {more} more studies with a reference and a blinded read, by the width of the intervals.",
        _ => (FormattableString)$"Not enough yet: too few studies with a reference and a blinded read to say how many more are needed.",
    });

    /// <param name="films">In an order of their own, so that the same films are resampled alike.</param>
    internal static ShadowComparison Of(
        List<ShadowFilm> films, int activeNumber, int shadowNumber, int scored, double margin, bool isSeenOnly)
    {
        var patients = Clusters.Of(films.ConvertAll(f => f.Patient));
        bool[] truth = [.. films.Select(f => f.IsIll)];
        AreaStatistic Area(Func<ShadowFilm, double> score) => new(patients, [.. films.Select(score)], truth);
        var (active, shadow) = (Area(f => f.Active), Area(f => f.Shadow));
        var gained = new PairedDifference(shadow, active);
        BinaryTable[] tables = [new(0), new(BinaryTable.Columns)];
        var sums = new TotalStatistics(patients, 2 * BinaryTable.Columns, (i, row) =>
        {
            tables[Active].Add(PairCells.Of(films[i].IsCalledByActive, truth[i]), row);
            tables[Shadow].Add(PairCells.Of(films[i].IsCalledByShadow, truth[i]), row);
        });
        (string Name, FigureHandle Active, FigureHandle Shadow, FigureHandle Gained)[] asked =
        [
            ("area under the ROC curve", active.Figure, shadow.Figure, gained.Figure),
            Ask("sensitivity", t => t.Sensitivity), Ask("specificity", t => t.Specificity),
        ];
        var reported = new ReportedEstimates(ClusteredBootstrap.Intervals([active, shadow, gained, sums]), patients.Count);
        List<ShadowFigure> figures = [.. asked.Select(a => new ShadowFigure(
            a.Name, reported[a.Active], reported[a.Shadow], reported[a.Gained], PairedVerdict.Of(reported[a.Gained], margin)))];
        var verdict = figures.Exists(f => f.Verdict.Kind == VerdictKind.Worse) ? VerdictKind.Worse
            : figures.Exists(f => f.Verdict.Kind == VerdictKind.NotEnough) ? VerdictKind.NotEnough
            : figures.TrueForAll(f => f.Verdict.Kind == VerdictKind.Better) ? VerdictKind.Better
            : VerdictKind.NotWorse;
        return new(
            activeNumber, shadowNumber, scored, films.Count, patients.Count, truth.Count(t => t), figures, verdict,
            verdict == VerdictKind.NotEnough ? MoreOf(figures, films.Count) : 0, margin, isSeenOnly,
            [.. films.Select(f => f.ActiveThreshold).Distinct().Order()], [.. films.Select(f => f.ShadowThreshold).Distinct().Order()]);

        (string, FigureHandle, FigureHandle, FigureHandle) Ask(string name, Func<BinaryTable, TotalStatistic> of) => (
            name, sums.Ask(of(tables[Active])), sums.Ask(of(tables[Shadow])), sums.Ask(of(tables[Shadow]).Less(of(tables[Active]))));
    }

    // A figure of the ill alone needs as many more ill films, and these come with the others.
    static int? MoreOf(List<ShadowFigure> figures, int films)
    {
        var open = figures.FindAll(f => f.Verdict.Kind == VerdictKind.NotEnough);
        return open.Exists(f => f.Verdict.More is null)
            ? null
            : PairedVerdict.About((int)Math.Min(
                int.MaxValue, open.Max(f => Math.Ceiling((double)f.Verdict.More!.Value * films / f.Gained.Count))));
    }
}
