using CovidCxr.Clinic.Comparison;
using CovidCxr.Clinic.Readings;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Domain.Studies;
using CovidCxr.Platform.Audit;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Clinic.Drift;

/// <param name="Score">What the version said of it last.</param>
public sealed record ArrivedStudy(
    Guid StudyId, string? PatientNumber, DateTimeOffset ReceivedAt, int? AgeYears, Sex Sex, ViewPosition View, double Score, int ReadCount);

/// <param name="Version">Whose scores they are; null where none has answered.</param>
/// <param name="Total">Studies that match, and whose answer this person may know.</param>
/// <param name="Hidden">Answered studies of the period whose answer this person may not know yet, whatever their score.</param>
public sealed record ArrivalPage(Period Period, VersionChoice? Version, IReadOnlyList<ArrivedStudy> Studies, int Total, int Hidden);

/// <summary>The studies behind the distribution of a version's scores, or behind one of its bins, the newest first.</summary>
public sealed class ListArrivals(
    IDbContextFactory<CovidCxrDbContext> contexts, RevealedCases revealed, Disclosures disclosures, ViewLog views,
    TimeProvider time)
{
    /// <param name="filter">As of <see cref="MeasureDrift"/>.</param>
    /// <param name="bin">0 .. <see cref="Comparing.ScoreBins"/> - 1; null for every score.</param>
    /// <param name="page">From 0.</param>
    /// <param name="pageSize">At least 1.</param>
    public async Task<ArrivalPage> RunAsync(
        AgreementFilter filter, int? bin, Actor actor, CancellationToken cancellation, int page = 0, int pageSize = 50)
    {
        actor.Demand(Role.DepartmentLead);
        var period = Period.Of(filter, Period.Today(time));
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        var all = await DriftRows.ScoresAsync(db, period, filter, cancellation);
        var hidden = await revealed.HiddenFromAsync(db, actor, cancellation);
        var scores = all.FindAll(s => !hidden.Contains(s.StudyId));
        var versions = await CompareReaders.VersionsAsync(db, cancellation);
        var version = MeasureDrift.Choose(filter.ModelVersionId, scores, versions, period);
        var matching = scores.Where(s => s.VersionId == version?.Id && (bin is null || Comparing.ScoreBinOf(s.Score) == bin))
            .OrderByDescending(s => s.ReceivedAt).ThenByDescending(s => s.StudyId).ToList();
        await disclosures.NoteAsync(db, matching.Select(s => s.StudyId), actor, cancellation);
        await views.NoteOnceAMinuteAsync(actor, AuditAction.ListView, null, "arrivals");
        var listed = matching.Skip(page * pageSize).Take(pageSize).ToList();
        var ids = listed.ConvertAll(s => s.StudyId);
        var studies = await db.AllStudies.AsNoTracking().Where(s => ids.Contains(s.Id)).ToDictionaryAsync(s => s.Id, cancellation);
        return new(
            period, version, [.. listed.Select(l => Of(studies[l.StudyId], l.Score))], matching.Count, HiddenStudiesOf(all, hidden));
    }

    internal static int HiddenStudiesOf(List<ScoreRow> all, HiddenStudies hidden) =>
        all.Where(s => hidden.Contains(s.StudyId)).DistinctBy(s => s.StudyId).Count();

    static ArrivedStudy Of(Study s, double score) =>
        new(s.Id, s.PatientNumber, s.ReceivedAt, s.AgeYears, s.Sex, s.View, score, s.ReadCount);
}
