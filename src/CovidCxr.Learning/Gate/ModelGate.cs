using System.Globalization;
using CovidCxr.Learning.Evaluation;
using CovidCxr.Statistics;
using CovidCxr.Statistics.Resampling;

namespace CovidCxr.Learning.Gate;

/// <summary>
/// Judges a candidate by what its evaluation measured (method, section 10): whether it reads the disease, and not the hospital, the device
/// or a mark. A check that could not be made is not known, and never green.
/// </summary>
public sealed class ModelGate
{
    /// <summary>The one check that is about another model: it counts against the version that is active, not for good.</summary>
    public const string RivalCheck = "not inferior to the active model";

    /// <summary>The one check that is also said beside every score.</summary>
    public const string KeptCheck = "positive calls without lungs";

    readonly EvaluationReport _report;
    readonly HonestyFigures _honesty;
    readonly GateLimits _limits;
    readonly IReadOnlyList<GateGroup> _groups;

    ModelGate(EvaluationReport report, GateLimits limits)
    {
        _limits = limits;
        _report = report;
        _honesty = report.Honesty ?? throw new ArgumentException("The report is of before the gate: evaluate anew.", nameof(report));
        _groups = [.. _honesty.Groups.Concat(SourceGroups()).Select(g => new GateGroup(g, Judge(g)))];
    }

    /// <param name="report">With its honesty figures.</param>
    /// <param name="margin">Of non-inferiority, as a plan says; null for the gate's own, which a plan never widens.</param>
    /// <exception cref="ArgumentException">It has none.</exception>
    public static GateReport Judge(EvaluationReport report, double? margin = null) => new ModelGate(
        report, GateLimits.Current with { Margin = Math.Min(margin ?? GateLimits.Current.Margin, GateLimits.Current.Margin) }).Judge();

    GateReport Judge()
    {
        var works = Works();
        GateCheck[] readsDisease = [Lungs(), Centre(), Border(), Metadata()];
        GateCheck[] all = [
            works, .. readsDisease, PositivesKept(), Sources(), Unseen(), Seen(), Calibration(), Groups(), HeatMap(), Guard(),
        ];
        var refused = all.Where(c => c.Verdict == GateVerdict.Refused).Select(c => c.Name).ToList();
        var open = all.Where(c => c.Verdict == GateVerdict.NotKnown).Select(c => c.Name).ToList();
        var isKnown = works.Verdict == GateVerdict.Passed && readsDisease.Any(c => c.Verdict == GateVerdict.Passed);
        var (verdict, words) = refused.Count > 0 ? (GateVerdict.Refused, $"Refused: {string.Join(", ", refused)}.")
            : !isKnown ? (GateVerdict.NotKnown, $"Too little is known: {string.Join(", ", open)}.")
            : (GateVerdict.Passed, open.Count == 0 ? "Passed every check." : $"Passed. Not known: {string.Join(", ", open)}.");
        return new(
            _report.Model, _report.DataSet, _report.Part, _report.Overall.Images, _report.Overall.Patients, _limits, verdict, words,
            [.. all, .. Rival()], _groups, _report.MeasuredAt)
        {
            RivalSha256 = _honesty.Rival?.Sha256,
            Rival = _honesty.Rival,
            Unseen = [.. UnseenSources.Select(s => s.Source)],
        };
    }

    GateCheck Works()
    {
        var area = _report.Overall[FigureSet.Area].ByPatient;
        var verdict = IsTooFew(_honesty.Fewest) || !IsKnown(area) ? GateVerdict.NotKnown
            : Least(area) > _limits.Chance ? GateVerdict.Passed
            : Most(area) < _limits.GroupArea ? GateVerdict.Refused
            : GateVerdict.NotKnown;
        return new(
            "better than chance", verdict,
            Say($"The area under the ROC curve is surely above {_limits.Chance}, with {_limits.FewestPatients} patients of each class."),
            area.Value is null ? "The films are of one class." : $"Area {Words(area)} on films that it was not trained on.", area);
    }

    GateCheck Lungs()
    {
        const string Limit = "Without lungs the model surely tells the classes apart less well.";
        return _report.LungsBlackedOut switch
        {
            null => new("lungs blacked out", GateVerdict.NotKnown, Limit, "On no evaluated film were lungs drawn or found."),
            var lungs => new(
                "lungs blacked out",
                lungs.Verdict switch
                {
                    LungsVerdict.ReadsLungs => GateVerdict.Passed,
                    LungsVerdict.ReadsNoLungs => GateVerdict.Refused,
                    _ => GateVerdict.NotKnown,
                },
                Limit, lungs.Reading, lungs.AreaLost),
        };
    }

    GateCheck PositivesKept()
    {
        var kept = _report.LungsBlackedOut?.PositivesKept;
        return new(
            KeptCheck,
            kept is null ? GateVerdict.NotKnown : Below(kept, _limits.PositivesKept, _limits.PositivesKept),
            Say($"With the lungs blacked out surely at most {_limits.PositivesKept} of the positive calls stay positive."),
            kept is null ? "It was not measured." : $"Of {kept.Count} positive calls {Words(kept)} stay positive.", kept);
    }

    GateCheck Centre()
    {
        var (films, fewest, area, lost) = _honesty.CentreCovered;
        var verdict = IsTooFew(fewest) || !IsKnown(lost) ? GateVerdict.NotKnown
            : Least(lost) > 0 ? GateVerdict.Passed
            : lost.Value <= 0 || Most(lost) < _limits.NoLoss ? GateVerdict.Refused
            : GateVerdict.NotKnown;
        return new(
            "centre covered", verdict,
            Say($"Without the middle, two thirds of each side, it surely loses area; less than {_limits.NoLoss} counts as nothing."),
            $"With the middle of {films} films covered the area is {Words(area)}: it loses {Words(lost)}.", lost);
    }

    GateCheck Border()
    {
        var border = _honesty.BorderOnly;
        return new(
            "border only",
            IsTooFew(border.Fewest) ? GateVerdict.NotKnown : Below(border.Area, _limits.BorderRefused, _limits.BorderPassed),
            Say($"The outer tenth alone surely gives an area of at most {_limits.BorderPassed}, and not surely above ")
                + Say($"{_limits.BorderRefused}."),
            $"From the border of {border.Films} films alone the area is {Words(border.Area)}.", border.Area);
    }

    GateCheck Metadata() => new(
        "size and greyness",
        IsTooFew(_honesty.Fewest)
            ? GateVerdict.NotKnown
            : Below(_honesty.MetadataArea, _limits.MetadataRefused, _limits.MetadataPassed),
        Say($"A classifier of width, height, mean, spread and bit depth surely reaches at most {_limits.MetadataPassed}, and not surely ")
            + Say($"above {_limits.MetadataRefused}."),
        $"Without looking at the picture such a classifier reaches an area of {Words(_honesty.MetadataArea)}.", _honesty.MetadataArea);

    // Where the source tells the class, only what is shown within a source counts.
    GateCheck Sources()
    {
        var area = _honesty.SourceArea;
        var within = _report.BySource.Select(s => (s.Source, Area: s.Figures[FigureSet.Area].ByPatient, s.Figures))
            .Where(s => IsKnown(s.Area) && Math.Min(s.Figures.Positives, s.Figures.Images - s.Figures.Positives)
                >= _limits.FewestPatients)
            .ToList();
        var shown = within.Where(s => Least(s.Area) > _limits.Chance).ToList();
        var isTelling = area.Value > _limits.SourceArea;
        var said = area.Value is null
            ? "All films come from one source."
            : $"Knowing the source alone gives an area of {Words(area)}.";
        var inside = within.Count == 0
            ? " No source has films enough of both classes."
            : $" Within sources: {string.Join("; ", within.Select(s => $"{s.Source} {Words(s.Area)}"))}.";
        return new(
            "class by source", !isTelling || shown.Count > 0 ? GateVerdict.Passed : GateVerdict.Refused,
            Say($"The source alone gives at most {_limits.SourceArea}, or within one source the area is surely above {_limits.Chance}."),
            said + (isTelling ? inside : ""), area);
    }

    GateCheck Unseen()
    {
        var unseen = UnseenSources.ToList();
        var areas = unseen.Select(s => (s.Source, Area: s.Figures[FigureSet.Area].ByPatient)).Where(s => IsKnown(s.Area)).ToList();
        var verdict = areas.Count == 0 ? GateVerdict.NotKnown
            : areas.Exists(s => Most(s.Area) < _limits.GroupArea) ? GateVerdict.Refused
            : areas.TrueForAll(s => Least(s.Area) > _limits.Chance) ? GateVerdict.Passed
            : GateVerdict.NotKnown;
        var finding = unseen.Count == 0
            ? "Every source here was also trained on. Hold one out (heldOut) or evaluate another collection."
            : areas.Count == 0
            ? $"The films of {string.Join(", ", unseen.Select(s => s.Source))} are too few, or of one class."
            : $"{string.Join("; ", areas.Select(s => $"{s.Source} {Words(s.Area)}"))}.";
        return new(
            "source left out", verdict,
            Say($"On every source that it was not trained on the area is surely above {_limits.Chance}."), finding,
            areas.Count == 1 ? areas[0].Area : null);
    }

    GateCheck Seen()
    {
        var verdict = !_honesty.IsByPatient ? GateVerdict.Refused
            : _honesty.Unknown.Count > 0 ? GateVerdict.NotKnown
            : GateVerdict.Passed;
        var seen = _report.SeenInTraining.Count == 0
            ? $"No evaluated film was seen in training, by the model or one that it started from{(_honesty.Unknown.Count > 0
                ? ", as far as that is known" : "")}."
            : $"{_report.SeenInTraining.Count} films were seen in training, also as near duplicates or another film of the patient, and "
                + "are in no figure.";
        return new(
            "duplicates and ancestors", verdict,
            "No film of a figure, nor another of its patient in these data, was seen by the model or an ancestor.",
            string.Join(' ', [
                _honesty.IsByPatient ? seen : "Divided by image: films of one patient stand on both sides.", .. _honesty.Unknown]));
    }

    GateCheck Calibration()
    {
        var error = _report.Calibration.ExpectedCalibrationError;
        var films = _report.Overall.Images;
        return new(
            "calibration",
            films < _limits.CalibrationFilms || error is null ? GateVerdict.NotKnown
                : error <= _limits.CalibrationError ? GateVerdict.Passed
                : GateVerdict.Refused,
            Say($"Scores lie within {_limits.CalibrationError} of the observed rates on average, on {_limits.CalibrationFilms} films."),
            Say($"They lie {error:F3} away on average, on {films} films."), new(error, null, null, films, "no interval"));
    }

    GateCheck Groups()
    {
        var kinds = new[] { "sex", "age", "view", "source" };
        var missing = kinds.Where(k => !_groups.Any(g => g.Figures.Kind == k)).ToList();
        var verdict = _groups.Any(g => g.Verdict == GateVerdict.Refused) ? GateVerdict.Refused
            : missing.Count > 0 || _groups.Any(g => g.Verdict == GateVerdict.NotKnown) ? GateVerdict.NotKnown
            : GateVerdict.Passed;
        var bad = _groups.Where(g => g.Verdict == GateVerdict.Refused).Select(g => $"{g.Figures.Kind} {g.Figures.Name}").ToList();
        var open = _groups.Count(g => g.Verdict == GateVerdict.NotKnown);
        return new(
            "sub-groups", verdict,
            Say($"No group by sex, age, view or source is surely below an area of {_limits.GroupArea}; under {_limits.GroupFilms} films ")
                + "a group is never green.",
            string.Join(' ', new[]
            {
                bad.Count > 0 ? $"Surely below: {string.Join(", ", bad)}." : "No group is surely below.",
                open > 0 ? $"{open} of {_groups.Count} groups have too few films, one class, or too wide an interval." : "",
                missing.Count > 0 ? $"Not recorded: {string.Join(", ", missing)}." : "",
            }.Where(w => w.Length > 0)));
    }

    GateCheck HeatMap()
    {
        var share = _honesty.Looks?.InLungs;
        var verdict = share is null || !IsKnown(share) || share.Count < _limits.GroupFilms ? GateVerdict.NotKnown
            : Least(share) >= _limits.InLungs ? GateVerdict.Passed
            : Most(share) < _limits.InLungs ? GateVerdict.Refused
            : GateVerdict.NotKnown;
        return new(
            "heat map in the lungs", verdict,
            Say($"On average surely at least {_limits.InLungs:P0} of the heat map lies inside the lungs, on {_limits.GroupFilms} films."),
            share?.Value is null ? "It was not measured." : $"{Words(share)} of it lies inside, on {share.Count} films.", share);
    }

    GateCheck Guard()
    {
        var share = _honesty.Looks?.Withheld;
        var verdict = share is null || !IsKnown(share) || share.Count < _limits.GroupFilms ? GateVerdict.NotKnown
            : Least(share) > _limits.Withheld ? GateVerdict.Refused
            : GateVerdict.Passed;
        return new(
            "the guard's rate", verdict,
            Say($"The guard does not surely withhold more than {_limits.Withheld:P0} of the evaluated films, of {_limits.GroupFilms}."),
            share?.Value is null
                ? "It was not measured."
                : $"It withholds {Words(share)} of {share.Count} films: those would have no score in the clinic.", share);
    }

    IEnumerable<GateCheck> Rival()
    {
        var limit = Say($"Area and sensitivity are surely less than {_limits.Margin} below the active model's, on the same films.");
        if (_honesty.HasUnknownRival)
        {
            yield return new(
                RivalCheck, GateVerdict.NotKnown, limit,
                "They cannot be compared: the active model looks for something else, does not say what it was trained on, or no film is "
                    + "left that neither was trained on.");
        }

        if (_honesty.Rival is not { } rival)
        {
            yield break;
        }

        GateVerdict Of(Estimate gained) => Within(gained, rival.Fewest, _limits.Margin);
        var (area, sensitivity) = (Of(rival.AreaGained), Of(rival.SensitivityGained));
        yield return new(
            RivalCheck,
            area == GateVerdict.Refused || sensitivity == GateVerdict.Refused ? GateVerdict.Refused
                : area == GateVerdict.Passed && sensitivity == GateVerdict.Passed ? GateVerdict.Passed
                : GateVerdict.NotKnown,
            limit,
            $"Beside {rival.Name} on {rival.Films} films: area {Signed(rival.AreaGained)}, sensitivity {Signed(rival.SensitivityGained)}.",
            rival.AreaGained);
    }

    IEnumerable<SourceFigures> UnseenSources => _report.BySource.Where(s => !s.WasTrainedOn && s.Figures.Images > 0);

    /// <summary>Whether a paired difference is surely within a margin below 0, surely below it, or neither.</summary>
    /// <param name="fewest">Patients of the class that has fewer of them.</param>
    /// <param name="margin">Above 0.</param>
    public static GateVerdict Within(Estimate gained, int fewest, double margin) =>
        fewest < GateLimits.Current.FewestPatients || !IsKnown(gained) ? GateVerdict.NotKnown
        : Least(gained) > -margin ? GateVerdict.Passed
        : Most(gained) < -margin ? GateVerdict.Refused
        : GateVerdict.NotKnown;

    IEnumerable<GroupFigures> SourceGroups() => _report.BySource.Where(s => s.Figures.Images > 0).Select(
        s => new GroupFigures("source", s.Source, s.Figures.Images, s.Figures.Positives, s.Figures[FigureSet.Area].ByPatient));

    GateVerdict Judge(GroupFigures group) => group.Films < _limits.GroupFilms || !IsKnown(group.Area) ? GateVerdict.NotKnown
        : Most(group.Area) < _limits.GroupArea ? GateVerdict.Refused
        : Least(group.Area) > _limits.Chance ? GateVerdict.Passed
        : GateVerdict.NotKnown;

    static GateVerdict Below(Estimate area, double refused, double passed) => !IsKnown(area) ? GateVerdict.NotKnown
        : Least(area) > refused ? GateVerdict.Refused
        : Most(area) <= passed ? GateVerdict.Passed
        : GateVerdict.NotKnown;

    bool IsTooFew(int patients) => patients < _limits.FewestPatients;

    static bool IsKnown(Estimate e) => e.Value is not null && (e.Lower is not null || e.Method == ClusteredBootstrap.AllAgree);

    // Of what is known there is no interval only where all resamples agree.
    static double Least(Estimate e) => e.Lower ?? e.Value!.Value;

    static double Most(Estimate e) => e.Upper ?? e.Value!.Value;

    static string Words(Estimate e) => e.Value is null ? $"unknown ({e.Method})"
        : e.Lower is null ? Say($"{e.Value:F3}")
        : Say($"{e.Value:F3} ({e.Lower:F3} to {e.Upper:F3})");

    /// <summary>A difference with its interval, in words.</summary>
    public static string Signed(Estimate e) => e.Value is null ? $"unknown ({e.Method})"
        : e.Lower is null ? Say($"{e.Value:+0.000;-0.000;0.000}")
        : Say($"{e.Value:+0.000;-0.000;0.000} ({e.Lower:+0.000;-0.000;0.000} to {e.Upper:+0.000;-0.000;0.000})");

    static string Say(FormattableString words) => words.ToString(CultureInfo.InvariantCulture);
}
