using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Readings;
using CovidCxr.Statistics;
using CovidCxr.Statistics.Calibration;
using CovidCxr.Statistics.Discrimination;
using CovidCxr.Statistics.Resampling;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Clinic.Comparison;

/// <summary>
/// Reader before the model, model, reader after it and reference, each against each. The lead sees all, a radiologist the own readings.
/// </summary>
public sealed class CompareReaders(IDbContextFactory<CovidCxrDbContext> contexts, CaseCache cache, RevealedCases revealed)
{
    public async Task<AgreementFigures> RunAsync(AgreementFilter filter, Actor actor, CancellationToken cancellation)
    {
        actor.Demand(Role.Radiologist, Role.DepartmentLead);
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        var set = await cache.GetAsync(db, cancellation);
        var names = await NamesAsync(db, set, cancellation);
        var silent = await NeverReadAsync(db, names, cancellation);
        var onlyBy = ReaderCases.OnlyBy(actor);
        var hidden = await revealed.HiddenFromAsync(db, actor, cancellation);
        var all = ReaderCases.Filter(set.All, filter, onlyBy);
        var cases = hidden.TakenFrom(all);
        var held = await WithheldStudies.ReadAsync(db, cancellation);
        // Seconds of arithmetic in a large department: not on the circuit's own thread.
        var figures = await Task.Run(
            () => set.Answer((filter, onlyBy, hidden.Key), () => Compare(cases, filter.Prevalence, cancellation)), cancellation);
        return new(
            onlyBy is not null,
            onlyBy is not null
                ? new([], await VersionsAsync(db, cancellation, haveAnswered: true))
                : await ChoicesAsync(db, set, cancellation),
            figures.Counts, figures.Pairs, figures.Switches,
            [.. figures.Readers.Select(r => r with { Name = names.GetValueOrDefault(r.ReaderId, "unknown") }).OrderBy(
                r => r.Name, StringComparer.Ordinal)],
            figures.Scores, figures.Shift, figures.Between, onlyBy is not null ? [] : [.. silent.Values.Order(StringComparer.Ordinal)],
            all.Count - cases.Count)
        {
            Withheld = WithheldStudies.Of(cases, held),
        };
    }

    /// <summary>What the cases alone decide.</summary>
    sealed record Figures(
        ComparisonCounts Counts, IReadOnlyList<PairFigures> Pairs, SwitchCounts Switches, IReadOnlyList<ReaderFigures> Readers,
        ScoreFigures Scores, SuspicionShift Shift, BetweenReaders Between);

    // Each part asks for its figures alone. One resampling of the patients answers them all.
    static Figures Compare(List<ReaderCase> cases, double? prevalence, CancellationToken cancellation)
    {
        var patients = Clusters.Of(cases.ConvertAll(c => c.Patient));
        FigureRequest<IReadOnlyList<PairFigures>>? pairs = null;
        FigureRequest<ScoreFigures>? scores = null;
        FigureRequest<SuspicionShift>? shift = null;
        FigureRequest<BetweenReaders>? between = null;
        ComparisonCounts? counts = null;
        (SwitchCounts All, List<ReaderFigures> Readers)? tally = null;
        Parallel.Invoke(
            new ParallelOptions { CancellationToken = cancellation },
            () => between = SuspicionScale.AskBetween(patients, cases),
            () => pairs = PairBootstrap.Ask(patients, cases, PartyPair.All, prevalence),
            () => scores = AskScores(patients, cases), () => tally = ReaderTally.Of(cases),
            () => shift = SuspicionScale.AskShift(patients, cases),
            () => counts = Count(cases, patients.Count));
        var estimates = ClusteredBootstrap.Intervals(
            [.. pairs!.Sets, .. scores!.Sets, .. shift!.Sets, .. between!.Sets], null, cancellation);
        return new(
            counts!, pairs.Read(estimates), tally!.Value.All, tally.Value.Readers, scores.Read(estimates), shift.Read(estimates),
            between.Read(estimates));
    }

    /// <summary>Of all who have read.</summary>
    internal static async Task<Dictionary<Guid, string>> NamesAsync(CovidCxrDbContext db, CaseSet set, CancellationToken cancellation)
    {
        var readers = set.Answer("readers", () => set.All.Select(c => c.ReaderId).Distinct().ToList());
        return await db.Users.Where(u => readers.Contains(u.Id)).ToDictionaryAsync(u => u.Id, u => u.ShownName, cancellation);
    }

    /// <summary>What the lead may filter by.</summary>
    internal static async Task<FilterChoices> ChoicesAsync(CovidCxrDbContext db, CaseSet set, CancellationToken cancellation)
    {
        var names = await NamesAsync(db, set, cancellation);
        var silent = await NeverReadAsync(db, names, cancellation);
        return new(
            [.. names.Concat(silent).Select(n => new ReaderChoice(n.Key, n.Value)).OrderBy(r => r.Name, StringComparer.Ordinal)],
            await VersionsAsync(db, cancellation));
    }

    static async Task<Dictionary<Guid, string>> NeverReadAsync(
        CovidCxrDbContext db, Dictionary<Guid, string> names, CancellationToken cancellation) =>
        (await Radiologists.ListAsync(db, cancellation)).Where(r => !names.ContainsKey(r.Id)).ToDictionary(r => r.Id, r => r.Name);

    /// <summary>Registered versions, the newest first.</summary>
    /// <param name="haveAnswered">For who only reads: one that answers silently in the shadow has told nobody anything, and no reader is to
    /// know of it.</param>
    internal static async Task<List<VersionChoice>> VersionsAsync(
        CovidCxrDbContext db, CancellationToken cancellation, bool haveAnswered = false) =>
        await db.ModelVersions.Where(m => !haveAnswered || m.IsActive || db.Predictions.Any(p => p.ModelVersionId == m.Id))
            .OrderByDescending(m => m.Number).Select(m => new VersionChoice(m.Id, m.Number, m.Name))
            .ToListAsync(cancellation);

    static ComparisonCounts Count(List<ReaderCase> cases, int patients)
    {
        Dictionary<ReferenceState, int> references = [];
        HashSet<StudyFacts> studies = [];
        foreach (var c in cases)
        {
            if (studies.Add(c.Study))
            {
                references[c.Reference] = Of(c.Reference) + 1;
            }
        }

        return new(
            studies.Count, patients, cases.Count, Of(ReferenceState.Positive) + Of(ReferenceState.Negative),
            Of(ReferenceState.Contradictory),
            Of(ReferenceState.Indeterminate), Of(ReferenceState.Missing), cases.Count(c => c.Blind is null),
            cases.Count(c => c.Blind == Opinion.Indeterminate || c.Final == Opinion.Indeterminate),
            cases.Count(c => c.PredictionId is null), cases.Count(c => c.IsBesideOtherDisease));

        int Of(ReferenceState state) => references.GetValueOrDefault(state);
    }

    static FigureRequest<ScoreFigures> AskScores(Clusters all, List<ReaderCase> cases)
    {
        // Thousands of points would be sent for a few hundred pixels.
        const double Seen = 1.0 / 400;
        List<int> scored = [.. new PartyPair(Party.Model, Party.Reference).Cells(cases).Select(c => c.Case)];
        double[] scores = [.. scored.Select(i => cases[i].Score!.Value)];
        bool[] truth = [.. scored.Select(i => cases[i].Reference == ReferenceState.Positive)];
        var patients = all.Only(scored);
        var metrics = ClusteredMetrics.Request(patients, 0.5, scores, truth);
        var isEnough = scored.Count >= ReportedEstimates.FewestCases && patients.NonEmpty >= ReportedEstimates.FewestCases;
        var (curve, bins) = isEnough ? (RocCurve.Of(scores, truth).Thinned(Seen), ReliabilityDiagram.Of(scores, truth).Bins) : ([], []);
        return new(metrics.Sets, estimates =>
        {
            var found = metrics.Read(estimates);
            return new(
                scored.Count, Reported(found.Area), Reported(found.BrierScore), Reported(found.ExpectedCalibrationError), curve, bins);
        });

        Estimate Reported(Estimate estimate) => ReportedEstimates.Reported(estimate, patients.NonEmpty);
    }
}
