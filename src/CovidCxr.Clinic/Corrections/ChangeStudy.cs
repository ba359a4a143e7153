using CovidCxr.Clinic.Studies;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Domain.Readings;
using CovidCxr.Domain.Studies;
using CovidCxr.Platform.Audit;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Clinic.Corrections;

/// <param name="To">All of it, as it shall be: another patient number moves the study, IsWithdrawn takes it out or brings it back.</param>
/// <param name="LastSeen">The study's newest change when the form was opened, 0 for none: refused where there is another by now.</param>
/// <param name="IsConfirmed">The person has seen what speaks against it.</param>
public sealed record ChangeStudyRequest(Guid StudyId, StudyParticulars To, string? Reason, long LastSeen, bool IsConfirmed = false)
{
    /// <summary>What was known at the opening; refused where an image that came says otherwise by now. Null is not asked.</summary>
    public StudyParticulars? Opened { get; init; }
}

public abstract record ChangeStudyResult
{
    private ChangeStudyResult()
    {
    }

    /// <param name="Studies">How many studies were changed.</param>
    public sealed record Changed(int Studies) : ChangeStudyResult;

    /// <summary>The film may be another patient's than the number says, or what is known of it would fall; nothing was changed.</summary>
    /// <param name="Doubts">What speaks against it, a sentence each.</param>
    public sealed record Doubted(IReadOnlyList<string> Doubts) : ChangeStudyResult
    {
        /// <summary>The same in general words, without what films say; empty where nobody asks for them.</summary>
        public IReadOnlyList<string> Kinds { get; init; } = [];
    }

    public sealed record Refused(string Message) : ChangeStudyResult;
}

/// <summary>
/// Corrects what is known of a film, moves it to another patient, withdraws it or brings it back. Its readings stay with it: they are of
/// the film, not of the number. References from elsewhere are of the number and the day, and fall with them.
/// </summary>
public sealed class ChangeStudy(IDbContextFactory<CovidCxrDbContext> contexts, StudyCorrections corrections, AuditLog audit)
{
    public async Task<ChangeStudyResult> RunAsync(ChangeStudyRequest request, Actor actor, CancellationToken cancellation)
    {
        actor.Demand(Role.Radiologist, Role.DepartmentLead);
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        var study = await db.AllStudies.SingleOrDefaultAsync(s => s.Id == request.StudyId, cancellation);
        if (study is null)
        {
            return new ChangeStudyResult.Refused("There is no such study.");
        }

        var to = request.To with { PatientNumber = ImportStudy.Normalise(request.To.PatientNumber) };
        var changes = await db.StudyChanges.AsNoTracking().Where(c => c.StudyId == study.Id).ToListAsync(cancellation);
        var isRead = await db.Readings.AnyAsync(r => r.StudyId == study.Id, cancellation);
        if (Refusal(changes, isRead, study, to, request, actor) is { } refusal)
        {
            audit.AddTo(db, actor, AuditAction.StudyChange, AuditOutcome.Refused, study.Id, refusal);
            await db.SaveChangesAsync(cancellation);
            await transaction.CommitAsync(cancellation);
            return new ChangeStudyResult.Refused(refusal);
        }

        var before = StudyParticulars.Of(study);
        List<ReferenceFinding> falling = MovedReferences.AreLeftBehind(before, to)
            ? await MovedReferences.InForceAsync(db, study.Id, cancellation)
            : [];
        if (!request.IsConfirmed && !to.IsWithdrawn)
        {
            var doubts = await PatientDoubts.OfAsync(db, to, study.ReceivedAt, [study.Id], cancellation);
            if (doubts.Count + falling.Count > 0)
            {
                return new ChangeStudyResult.Doubted([.. doubts.Select(d => d.Words), .. falling.Select(MovedReferences.Doubt)]);
            }
        }

        // To bring a study back takes its withdrawal back, so that what was changed before can be taken back too.
        var undoes = before.IsWithdrawn && !to.IsWithdrawn && StudyChange.Standing(changes) is { Kind: StudyChangeKind.Withdraw } last
            ? last.Id
            : (long?)null;
        return await corrections.SaveAsync(
            db, transaction, [(study, to, undoes)], falling, request.Reason!, request.IsConfirmed, actor, cancellation);
    }

    string? Refusal(
        List<StudyChange> changes, bool isRead, Study study, StudyParticulars to, ChangeStudyRequest request, Actor actor)
    {
        if (changes.MaxBy(c => c.Id) is { } newest && newest.Id != request.LastSeen)
        {
            return $"{newest.ChangedByName} has changed this study meanwhile. Look at it again.";
        }

        if (request.Opened is { } opened && opened != StudyParticulars.Of(study))
        {
            return "An image of this study came meanwhile. Look at it again.";
        }

        return !StudyChange.IsAllowed(actor, study.UploadedBy, isRead)
            ? "The department lead changes a study; the radiologist who uploaded it too, until somebody has read it."
            : StudyChange.Refusal(request.Reason) ?? corrections.Refusal(to) ?? Refusal(StudyParticulars.Of(study), to);
    }

    static string? Refusal(StudyParticulars before, StudyParticulars to)
    {
        var isSame = (before with { IsWithdrawn = to.IsWithdrawn }) == to;
        return (before.IsWithdrawn, to.IsWithdrawn) switch
        {
            (true, true) when isSame => "The study is withdrawn already.",
            (true, _) when !isSame => "The study is withdrawn. Bring it back first, then correct it.",
            (false, true) when !isSame => "Withdraw the study as it is, or correct it: not both at once.",
            (false, false) when isSame => "Nothing is changed.",
            _ => null,
        };
    }
}
