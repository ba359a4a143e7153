using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Readings;
using CovidCxr.Statistics.Agreement;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Clinic.Comparison;

/// <summary>
/// Which cases of a comparison: those of one cell of one pair's table, those that switched, those of one arm of the policies, or all.
/// </summary>
/// <param name="Cell">Of the pair's table, in which yes is COVID-19; null for all of its cells.</param>
public sealed record CaseSelection(PartyPair? Pair = null, PairCell? Cell = null, SwitchKind? Switch = null, ReadingArm? Arm = null);

/// <param name="ModelCall">The model's own positive class, or not it; null without an answer.</param>
public sealed record ComparedCase(
    Guid StudyId, string? PatientNumber, string ReaderName, DateTimeOffset ReadAt, Opinion? Blind, string? ModelCall, double? Score,
    Opinion Final, ReferenceState Reference);

/// <param name="Total">Cases that match.</param>
/// <param name="Hidden">Of these, cases of studies whose answer this person may not know yet; they are in no page.</param>
public sealed record CasePage(IReadOnlyList<ComparedCase> Cases, int Total, int Hidden);

/// <summary>The cases behind a number of the comparison, the newest first.</summary>
public sealed class ListCases(IDbContextFactory<CovidCxrDbContext> contexts, CaseCache cache, RevealedCases revealed)
{
    /// <param name="page">From 0.</param>
    /// <param name="pageSize">At least 1.</param>
    public async Task<CasePage> RunAsync(
        AgreementFilter filter, CaseSelection selection, Actor actor, CancellationToken cancellation, int page = 0, int pageSize = 50)
    {
        actor.Demand(Role.Radiologist, Role.DepartmentLead);
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        var set = await cache.GetAsync(db, cancellation);
        var cases = ReaderCases.Filter(set.All, filter, ReaderCases.OnlyBy(actor));
        var selected = selection.Arm is { } arm
            ? (await ArmRules.LoadAsync(db, cancellation)).Of(cases).Compared.FindAll(c => ArmCases.IsIn(c, arm))
            : Select(cases, selection);
        var shown = await revealed.OfAsync(db, selected, actor, cancellation);
        var names = await CompareReaders.NamesAsync(db, set, cancellation);
        return new(
            [.. Enumerable.Reverse(shown).Skip(page * pageSize).Take(pageSize).Select(c => new ComparedCase(
                c.StudyId, c.Study.PatientNumber, names.GetValueOrDefault(c.ReaderId, "unknown"), c.ReadAt, c.Blind, c.Prediction?.Call,
                c.Score, c.Final, c.Reference))],
            selected.Count, selected.Count - shown.Count);
    }

    static List<ReaderCase> Select(List<ReaderCase> cases, CaseSelection selection)
    {
        if (selection.Pair is { } pair)
        {
            return [.. pair.Cells(cases).Where(c => selection.Cell is null || c.Cell == selection.Cell).Select(c => cases[c.Case])];
        }

        return selection.Switch is { } kind ? [.. cases.Where(c => c.Switch == kind)] : cases;
    }
}
