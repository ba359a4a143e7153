using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Readings;
using CovidCxr.Statistics.Calibration;
using CovidCxr.Statistics.Discrimination;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Clinic.Comparison;

/// <summary>Reader before the model, model, reader after it and reference, each against each. The lead sees all, a radiologist the own readings.</summary>
public sealed class CompareReaders(IDbContextFactory<CovidCxrDbContext> contexts, CaseCache cache)
{
    public async Task<AgreementFigures> RunAsync(AgreementFilter filter, Actor actor, CancellationToken cancellation)
    {
        actor.Demand(Role.Radiologist, Role.DepartmentLead);
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        var set = await cache.GetAsync(db, cancellation);
        var names = await NamesAsync(db, set, cancellation);
        var silent = await NeverReadAsync(db, names, cancellation);
        var onlyBy = ReaderCases.OnlyBy(actor);
        // Seconds of arithmetic in a large department: not on the circuit's own thread.
        var figures = await Task.Run(() => set.Answer((filter, onlyBy), () => Compare(ReaderCases.Filter(set.All, filter, onlyBy), filter.Prevalence, cancellation)), cancellation);
        return new(
            onlyBy is not null, onlyBy is not null ? new([], await VersionsAsync(db, cancellation)) : await ChoicesAsync(db, set, cancellation),
            figures.Counts, figures.Pairs, figures.Switches,
            [.. figures.Readers.Select(r => r with { Name = names.GetValueOrDefault(r.ReaderId, "unknown") }).OrderBy(r => r.Name, StringComparer.Ordinal)], figures.Scores,
            figures.Shift, figures.Between, onlyBy is not null ? [] : [.. silent.Values.Order(StringComparer.Ordinal)]);
    }

    /// <summary>What the cases alone decide.</summary>
    sealed record Figures(ComparisonCounts Counts, IReadOnlyList<PairFigures> Pairs, SwitchCounts Switches, IReadOnlyList<ReaderFigures> Readers, ScoreFigures Scores, SuspicionShift Shift, BetweenReaders Between);

    // The parts know nothing of each other until the patients are drawn for all of them.
    static Figures Compare(List<ReaderCase> cases, double? prevalence, CancellationToken cancellation)
    {
        var bootstrap = new PatientBootstrap(cases);
        Func<IReadOnlyList<PairFigures>>? pairs = null;
        Func<ScoreFigures>? scores = null;
        Func<SuspicionShift>? shift = null;
        Func<BetweenReaders>? between = null;
        ComparisonCounts? counts = null;
        (SwitchCounts All, List<ReaderFigures> Readers)? tally = null;
        Parallel.Invoke(
            new ParallelOptions { CancellationToken = cancellation },
            () => between = SuspicionScale.Between(bootstrap, cases), () => pairs = PairBootstrap.Of(bootstrap, cases, PartyPair.All, prevalence), () => scores = Scores(bootstrap, cases),
            () => tally = ReaderTally.Of(cases), () => shift = SuspicionScale.Shift(bootstrap, cases), () => counts = Count(cases, bootstrap.Patients.Count));
        bootstrap.Run(cancellation);
        return new(counts!, pairs!(), tally!.Value.All, tally.Value.Readers, scores!(), shift!(), between!());
    }

    /// <summary>Of all who have read.</summary>
    internal static async Task<Dictionary<Guid, string>> NamesAsync(CovidCxrDbContext db, CaseSet set, CancellationToken cancellation)
    {
        var readers = set.Answer("readers", () => set.All.Select(c => c.ReaderId).Distinct().ToList());
        return await db.Users.Where(u => readers.Contains(u.Id)).ToDictionaryAsync(u => u.Id, u => u.UserName!, cancellation);
    }

    /// <summary>What the lead may filter by.</summary>
    internal static async Task<FilterChoices> ChoicesAsync(CovidCxrDbContext db, CaseSet set, CancellationToken cancellation)
    {
        var names = await NamesAsync(db, set, cancellation);
        var silent = await NeverReadAsync(db, names, cancellation);
        return new([.. names.Concat(silent).Select(n => new ReaderChoice(n.Key, n.Value)).OrderBy(r => r.Name, StringComparer.Ordinal)], await VersionsAsync(db, cancellation));
    }

    static async Task<Dictionary<Guid, string>> NeverReadAsync(CovidCxrDbContext db, Dictionary<Guid, string> names, CancellationToken cancellation) =>
        (await Radiologists.ListAsync(db, cancellation)).Where(r => !names.ContainsKey(r.Id)).ToDictionary(r => r.Id, r => r.Name);

    /// <summary>Every registered version, the newest first.</summary>
    internal static async Task<List<VersionChoice>> VersionsAsync(CovidCxrDbContext db, CancellationToken cancellation) =>
        await db.ModelVersions.OrderByDescending(m => m.Number).Select(m => new VersionChoice(m.Id, m.Number, m.Name)).ToListAsync(cancellation);

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
            studies.Count, patients, cases.Count, Of(ReferenceState.Positive) + Of(ReferenceState.Negative), Of(ReferenceState.Contradictory),
            Of(ReferenceState.Indeterminate), Of(ReferenceState.Missing), cases.Count(c => c.Blind is null),
            cases.Count(c => c.Blind == Opinion.Indeterminate || c.Final == Opinion.Indeterminate), cases.Count(c => c.PredictionId is null));

        int Of(ReferenceState state) => references.GetValueOrDefault(state);
    }

    static Func<ScoreFigures> Scores(PatientBootstrap bootstrap, List<ReaderCase> cases)
    {
        List<int> scored = [.. new PartyPair(Party.Model, Party.Reference).Cells(cases).Select(c => c.Case)];
        double[] scores = [.. scored.Select(i => cases[i].Score!.Value)];
        bool[] truth = [.. scored.Select(i => cases[i].Reference == ReferenceState.Positive)];
        var patients = bootstrap.Patients.Only(scored);
        var estimates = bootstrap.Add(ClusteredMetrics.Statistics(patients, 0.5, scores, truth));
        var isEnough = scored.Count >= PairBootstrap.FewestCases && patients.NonEmpty >= PairBootstrap.FewestCases;
        var (curve, bins) = isEnough ? (Drawn(RocCurve.Of(scores, truth).Points), ReliabilityDiagram.Of(scores, truth).Bins) : ([], []);
        return () =>
        {
            var metrics = ClusteredMetrics.From([.. estimates().Select(e => PairBootstrap.Said(e, patients.NonEmpty))]);
            return new(scored.Count, metrics.Area, metrics.BrierScore, metrics.ExpectedCalibrationError, curve, bins);
        };
    }

    /// <summary>No step of the curve is left out that could be seen: thousands of points would be sent for a few hundred pixels.</summary>
    static List<RocPoint> Drawn(IReadOnlyList<RocPoint> points)
    {
        const double Seen = 1.0 / 400;
        List<RocPoint> drawn = [];
        foreach (var (i, point) in points.Index())
        {
            if (i == 0 || i == points.Count - 1 || point.FalsePositiveRate - drawn[^1].FalsePositiveRate + point.TruePositiveRate - drawn[^1].TruePositiveRate >= Seen)
            {
                drawn.Add(point);
            }
        }

        return drawn;
    }
}
