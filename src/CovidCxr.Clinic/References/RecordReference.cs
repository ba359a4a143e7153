using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Domain.Readings;
using CovidCxr.Platform.Audit;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Clinic.References;

/// <param name="Supersedes">The finding that stood when the form was filled; null where none did. Refused where another stands by
/// now.</param>
/// <param name="Basis">Why the lead decided so, where readers were asked; at most <see cref="ReferenceFinding.MaxBasisLength"/>
/// characters.</param>
public sealed record RecordReferenceRequest(
    StudyReference Study, ReferenceSource Source, ReferenceResult Result, DateOnly FoundOn, Guid? Supersedes = null, string? Basis = null);

public abstract record RecordReferenceResult
{
    private RecordReferenceResult()
    {
    }

    public sealed record Recorded(Guid StudyId, Guid FindingId) : RecordReferenceResult;

    /// <summary>The source has said something of this study before; to replace it, ask again with its id.</summary>
    public sealed record Stands(ReferenceFinding Finding) : RecordReferenceResult;

    public sealed record Refused(string Message) : RecordReferenceResult;
}

/// <summary>The lead enters a study's truth by hand. The finding before it is superseded and kept.</summary>
public sealed class RecordReference(IDbContextFactory<CovidCxrDbContext> contexts, AuditLog audit, TimeProvider time)
{
    public async Task<RecordReferenceResult> RunAsync(RecordReferenceRequest request, Actor actor, CancellationToken cancellation)
    {
        actor.Demand(Role.DepartmentLead);
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        var match = await StudyMatch.LoadAsync(db, [request.Study], cancellation);
        var (study, error) = match.Find(request.Study);
        if (error is not null
            || ReferenceRules.Refusal(request.FoundOn, DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime)) is { } date
                && (error = date) is not null)
        {
            return new RecordReferenceResult.Refused(error);
        }

        if (request.Basis?.Length > ReferenceFinding.MaxBasisLength)
        {
            return new RecordReferenceResult.Refused($"The reason must have at most {ReferenceFinding.MaxBasisLength} characters.");
        }

        if (match.Current(study!.Id, request.Source) is { } stands && stands.Id != request.Supersedes)
        {
            return new RecordReferenceResult.Stands(stands);
        }

        var finding = new ReferenceFinding
        {
            StudyId = study.Id,
            Source = request.Source,
            Result = request.Result,
            FoundOn = request.FoundOn,
            EnteredBy = actor.UserId,
            EnteredByName = actor.UserName,
            EnteredAt = time.GetUtcNow(),
            Basis = request.Basis,
            SupersedesId = request.Supersedes,
        };
        db.ReferenceFindings.Add(finding);
        audit.AddTo(db, actor, AuditAction.ReferenceRecord, AuditOutcome.Succeeded, study.Id, request.Source.ToString());
        try
        {
            await db.SaveChangesAsync(cancellation);
        }
        catch (DbUpdateException)
        {
            return new RecordReferenceResult.Refused("Another finding was just recorded for this study. Look again.");
        }

        return new RecordReferenceResult.Recorded(study.Id, finding.Id);
    }
}
