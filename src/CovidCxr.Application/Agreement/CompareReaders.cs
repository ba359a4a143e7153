using CovidCxr.Application.Accounts;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Readings;
using CovidCxr.Statistics;
using CovidCxr.Statistics.Agreement;
using CovidCxr.Statistics.Calibration;
using CovidCxr.Statistics.Discrimination;
using CovidCxr.Statistics.Resampling;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Application.Agreement;

/// <summary>Reader before the model, model, reader after it and reference, each against each. The lead sees all, a radiologist the own readings.</summary>
public sealed class CompareReaders(IDbContextFactory<CovidCxrDbContext> contexts, CaseCache cache)
{
    public async Task<Comparison> RunAsync(AgreementFilter filter, Actor actor, CancellationToken cancellation)
    {
        actor.Demand(Role.Radiologist, Role.DepartmentLead);
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        var set = await cache.GetAsync(db, cancellation);
        var names = await NamesAsync(db, set, cancellation);
        var silent = await NeverReadAsync(db, names, cancellation);
        var versions = await VersionsAsync(db, cancellation);
        var onlyBy = ReaderCases.OnlyBy(actor);
        // Seconds of arithmetic in a large department: not on the circuit's own thread.
        var figures = await Task.Run(() => set.Answer((filter, onlyBy), () => Compare(ReaderCases.Filter(set.All, filter, onlyBy), filter.Prevalence, cancellation)), cancellation);
        return new(
            onlyBy is not null, new(onlyBy is not null ? [] : [.. names.Concat(silent).Select(n => new ReaderChoice(n.Key, n.Value)).OrderBy(r => r.Name, StringComparer.Ordinal)], versions),
            figures.Counts, figures.Pairs, figures.Switches,
            [.. figures.Readers.Select(r => r with { Name = names.GetValueOrDefault(r.ReaderId, "unknown") }).OrderBy(r => r.Name, StringComparer.Ordinal)], figures.Scores,
            figures.Shift, figures.Between, onlyBy is not null ? [] : [.. silent.Values.Order(StringComparer.Ordinal)]);
    }

    /// <summary>What the cases alone decide.</summary>
    sealed record Figures(ComparisonCounts Counts, IReadOnlyList<PairFigures> Pairs, SwitchCounts Switches, IReadOnlyList<ReaderFigures> Readers, ScoreFigures Scores, SuspicionShift Shift, BetweenReaders Between);

    static Figures Compare(List<ReaderCase> cases, double? prevalence, CancellationToken cancellation) => new(
        Count(cases), PairBootstrap.Of(cases, PartyPair.All, prevalence, cancellation), Switches(cases), [.. cases.GroupBy(c => c.ReaderId).Select(g => Reader(g.Key, [.. g]))],
        Scores(cases, cancellation), SuspicionScale.Shift(cases, cancellation), SuspicionScale.Between(cases, cancellation));

    /// <summary>Of all who have read.</summary>
    internal static async Task<Dictionary<Guid, string>> NamesAsync(CovidCxrDbContext db, CaseSet set, CancellationToken cancellation)
    {
        var readers = set.Answer("readers", () => set.All.Select(c => c.ReaderId).Distinct().ToList());
        return await db.Users.Where(u => readers.Contains(u.Id)).ToDictionaryAsync(u => u.Id, u => u.UserName!, cancellation);
    }

    static async Task<Dictionary<Guid, string>> NeverReadAsync(CovidCxrDbContext db, Dictionary<Guid, string> names, CancellationToken cancellation) =>
        (await Adjudications.RadiologistsAsync(db, cancellation)).Where(r => !names.ContainsKey(r.Id)).ToDictionary(r => r.Id, r => r.Name);

    static async Task<List<VersionChoice>> VersionsAsync(CovidCxrDbContext db, CancellationToken cancellation) =>
        await db.ModelVersions.OrderByDescending(m => m.Number).Select(m => new VersionChoice(m.Id, m.Number, m.Name)).ToListAsync(cancellation);

    static ComparisonCounts Count(List<ReaderCase> cases)
    {
        var references = cases.GroupBy(c => c.StudyId).Select(g => g.First().Reference).CountBy(r => r).ToDictionary();
        return new(
            references.Values.Sum(), cases.Select(c => c.Patient).Distinct().Count(), cases.Count, Of(ReferenceState.Positive) + Of(ReferenceState.Negative), Of(ReferenceState.Contradictory),
            Of(ReferenceState.Indeterminate), Of(ReferenceState.Missing), cases.Count(c => c.Blind is null),
            cases.Count(c => c.Blind == Opinion.Indeterminate || c.Final == Opinion.Indeterminate), cases.Count(c => c.PredictionId is null));

        int Of(ReferenceState state) => references.GetValueOrDefault(state);
    }

    static SwitchCounts Switches(List<ReaderCase> cases)
    {
        int corrected = Of(SwitchKind.Corrected), misled = Of(SwitchKind.Misled);
        return new(
            corrected, misled, Of(SwitchKind.Unsettled), cases.Count(c => c.Switch is not null && c.Call(Party.Final) == c.IsModelPositive), cases.Count(c => c.IsRevealed),
            McNemar.Of(misled, corrected));

        int Of(SwitchKind kind) => cases.Count(c => c.Switch == kind);
    }

    static ReaderFigures Reader(Guid id, List<ReaderCase> cases) => new(id, "", cases.Count, Switches(cases), Point(cases, Party.Blind), Point(cases, Party.Final));

    static OperatingPoint Point(List<ReaderCase> cases, Party party)
    {
        var counts = new int[4];
        var patients = new HashSet<string>();
        foreach (var (i, cell) in new PartyPair(party, Party.Reference).Cells(cases))
        {
            counts[cell]++;
            patients.Add(cases[i].Patient);
        }

        return new(
            PairBootstrap.Said(Wilson.Proportion(counts[0], counts[0] + counts[2]), patients.Count), PairBootstrap.Said(Wilson.Proportion(counts[3], counts[1] + counts[3]), patients.Count));
    }

    static ScoreFigures Scores(List<ReaderCase> cases, CancellationToken cancellation)
    {
        var scored = new PartyPair(Party.Model, Party.Reference).Cells(cases).Select(c => cases[c.Case]).ToList();
        double[] scores = [.. scored.Select(c => c.Score!.Value)];
        bool[] truth = [.. scored.Select(c => c.Reference == ReferenceState.Positive)];
        var patients = Clusters.Of([.. scored.Select(c => c.Patient)]);
        var metrics = ClusteredMetrics.Of(patients, 0.5, scores, truth, cancellation: cancellation);
        var isEnough = scored.Count >= PairBootstrap.FewestCases && patients.Count >= PairBootstrap.FewestCases;
        return new(
            scored.Count, Said(metrics.Area), Said(metrics.BrierScore), Said(metrics.ExpectedCalibrationError),
            isEnough ? RocCurve.Of(scores, truth).Points : [], isEnough ? ReliabilityDiagram.Of(scores, truth).Bins : []);

        Estimate Said(Estimate estimate) => PairBootstrap.Said(estimate, patients.Count);
    }
}
