using CovidCxr.Clinic.Readings;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Domain.Readings;
using CovidCxr.Platform.Audit;
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
    Opinion Final, ReferenceState Reference)
{
    /// <summary>Of the model's answer, as it stands now.</summary>
    public Withholding Withholding { get; init; }
}

/// <param name="Total">Cases that match, of studies whose answer this person may know.</param>
/// <param name="Hidden">Cases under the filter of studies whose answer this person may not know yet, whatever the selection.</param>
public sealed record CasePage(IReadOnlyList<ComparedCase> Cases, int Total, int Hidden);

/// <summary>The cases behind a number of the comparison, the newest first.</summary>
public sealed class ListCases(
    IDbContextFactory<CovidCxrDbContext> contexts, CaseCache cache, RevealedCases revealed, Disclosures disclosures, ViewLog views)
{
    /// <param name="page">From 0.</param>
    /// <param name="pageSize">At least 1.</param>
    public async Task<CasePage> RunAsync(
        AgreementFilter filter, CaseSelection selection, Actor actor, CancellationToken cancellation, int page = 0, int pageSize = 50)
    {
        actor.Demand(Role.Radiologist, Role.DepartmentLead);
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        var set = await cache.GetAsync(db, cancellation);
        var all = ReaderCases.Filter(set.All, filter, ReaderCases.OnlyBy(actor));
        var cases = (await revealed.HiddenFromAsync(db, actor, cancellation)).TakenFrom(all);
        var selected = selection.Arm is { } arm
            ? (await ArmRules.LoadAsync(db, cancellation)).Of(cases).Compared.FindAll(c => ArmCases.IsIn(c, arm))
            : Select(cases, selection);
        // What is counted is told, not only what is on this page.
        await disclosures.NoteAsync(db, selected.Select(c => c.StudyId), actor, cancellation);
        await views.NoteOnceAMinuteAsync(actor, AuditAction.ListView, null, "cases");
        var names = await CompareReaders.NamesAsync(db, set, cancellation);
        var held = await WithheldStudies.ReadAsync(db, cancellation);
        return new(
            [.. Enumerable.Reverse(selected).Skip(page * pageSize).Take(pageSize).Select(c => new ComparedCase(
                c.StudyId, c.Study.PatientNumber, names.GetValueOrDefault(c.ReaderId, "unknown"), c.ReadAt, c.Blind, c.Prediction?.Call,
                c.Score, c.Final, c.Reference)
            {
                Withholding = held.GetValueOrDefault(c.StudyId),
            })],
            selected.Count, all.Count - cases.Count);
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
