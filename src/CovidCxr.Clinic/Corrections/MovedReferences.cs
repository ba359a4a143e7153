using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Domain.Readings;
using CovidCxr.Domain.Studies;
using CovidCxr.Platform.Audit;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Clinic.Corrections;

/// <summary>
/// RT-PCR and follow-up are found of a patient and a day: another patient's must not become the truth of a film that was moved. Findings
/// are only ever added, so one that says nothing supersedes them. A consensus is of the film, and stays.
/// </summary>
public sealed class MovedReferences(AuditLog audit, TimeProvider time)
{
    const string Basis = "Recorded for another patient number or film date.";

    /// <summary>Whether another number or day was known before. One that is filled in is nobody else's.</summary>
    internal static bool AreLeftBehind(StudyParticulars before, StudyParticulars after) =>
        (before.PatientNumber is { } number && !number.Equals(after.PatientNumber, StringComparison.OrdinalIgnoreCase))
        || (before.AcquiredOn is { } day && day != after.AcquiredOn);

    internal static Task<List<ReferenceFinding>> InForceAsync(CovidCxrDbContext db, Guid study, CancellationToken cancellation) =>
        db.ReferenceFindings.AsNoTracking()
            .Where(f => f.StudyId == study && f.Source != ReferenceSource.Consensus && f.Basis != Basis
                && !db.ReferenceFindings.Any(o => o.SupersedesId == f.Id))
            .OrderBy(f => f.Source).ToListAsync(cancellation);

    internal static string Doubt(ReferenceFinding finding) => FormattableString.Invariant(
        $"{Name(finding.Source)} {finding.Result.ToString().ToLowerInvariant()} of {finding.FoundOn:yyyy-MM-dd} was recorded for the ")
        + "number and date of before: once this is saved it counts no more.";

    /// <param name="at">The moment of the change, by which its undo finds them.</param>
    internal void PutOutOfForce(CovidCxrDbContext db, IEnumerable<ReferenceFinding> findings, DateTimeOffset at, Actor actor)
    {
        foreach (var finding in findings)
        {
            Add(db, finding, ReferenceResult.Indeterminate, Basis, finding.Id, at, actor);
        }
    }

    /// <summary>As it stood before this change: what fell with it stands again, what was recorded since falls.</summary>
    internal async Task RestoreAsync(CovidCxrDbContext db, StudyChange change, Actor actor, CancellationToken cancellation)
    {
        var all = await db.ReferenceFindings.AsNoTracking()
            .Where(f => f.StudyId == change.StudyId && f.Source != ReferenceSource.Consensus).ToListAsync(cancellation);
        foreach (var line in all.GroupBy(f => f.Source))
        {
            var current = line.Single(f => line.All(o => o.SupersedesId != f.Id));
            var fallen = line.FirstOrDefault(f => f.Basis == Basis && f.EnteredAt == change.ChangedAt);
            if (fallen is not null)
            {
                var before = line.Single(f => f.Id == fallen.SupersedesId);
                Add(db, before, before.Result, before.Basis, current.Id, time.GetUtcNow(), actor);
            }
            else if (current.EnteredAt > change.ChangedAt && current.Basis != Basis)
            {
                PutOutOfForce(db, [current], time.GetUtcNow(), actor);
            }
        }
    }

    void Add(
        CovidCxrDbContext db, ReferenceFinding like, ReferenceResult result, string? basis, Guid supersedes, DateTimeOffset at, Actor actor)
    {
        db.ReferenceFindings.Add(new ReferenceFinding
        {
            StudyId = like.StudyId,
            Source = like.Source,
            Result = result,
            FoundOn = like.FoundOn,
            EnteredBy = actor.UserId,
            EnteredByName = actor.UserName,
            EnteredAt = at,
            IsImported = like.IsImported,
            Basis = basis,
            SupersedesId = supersedes,
        });
        audit.AddTo(
            db, actor, AuditAction.ReferenceRecord, AuditOutcome.Succeeded, like.StudyId,
            $"{like.Source}, {(basis == Basis ? "left behind" : "restored")} with a change of the study");
    }

    static string Name(ReferenceSource source) => source == ReferenceSource.RtPcr ? "RT-PCR" : "Follow-up";
}
