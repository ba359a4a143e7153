using CovidCxr.Clinic.Comparison;
using CovidCxr.Clinic.Readings;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Domain.Readings;
using CovidCxr.Domain.Studies;
using CovidCxr.Platform.Audit;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Clinic.Worklist;

/// <summary>
/// Says whose work it is to read a film: the lead to any radiologist, a radiologist to themself. Everybody who may read still may; the way
/// to the next film passes others' films by.
/// </summary>
public sealed class AssignStudies(IDbContextFactory<CovidCxrDbContext> contexts, AuditLog audit, StudyChanges changes)
{
    internal const string Nobody = "nobody";

    /// <summary>To whom this person may assign, in order of their names.</summary>
    public async Task<IReadOnlyList<ReaderChoice>> ListReadersAsync(Actor actor, CancellationToken cancellation)
    {
        actor.Demand(Role.Radiologist, Role.DepartmentLead);
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        return [.. (await Radiologists.ListAsync(db, cancellation)).Where(r => actor.Is(Role.DepartmentLead) || r.Id == actor.UserId)];
    }

    /// <param name="reader">Null takes them back: they are anybody's again.</param>
    public async Task<WorklistChange> RunAsync(
        IReadOnlyCollection<Guid> studies, Guid? reader, Actor actor, CancellationToken cancellation)
    {
        actor.Demand(Role.Radiologist, Role.DepartmentLead);
        if (WorklistChange.OfCount(studies.Count) is { } wrong)
        {
            return wrong;
        }

        if (reader is { } other && other != actor.UserId && !actor.Is(Role.DepartmentLead))
        {
            const string Why = "The department lead assigns films to others; you may take them yourself.";
            await audit.RecordAsync(actor, AuditAction.StudyAssign, AuditOutcome.Refused, detail: Why);
            return WorklistChange.Refused(Why);
        }

        await using var db = await contexts.CreateDbContextAsync(cancellation);
        // Whoever assigns the same studies at the same moment is waited for, so that each audit row says what was there before.
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        var radiologists = await Radiologists.ListAsync(db, cancellation);
        var to = radiologists.Find(r => r.Id == reader);
        if (reader is not null && to is null)
        {
            return WorklistChange.Refused("Choose a radiologist whose account is in use.");
        }

        var asked = await db.AllStudies.Where(s => studies.Contains(s.Id)).OrderBy(s => s.Id).ToListAsync(cancellation);
        var owners = asked.Select(s => s.AssignedTo).OfType<Guid>().Distinct().ToList();
        var names = await db.Users.Where(u => owners.Contains(u.Id)).ToDictionaryAsync(u => u.Id, u => u.ShownName, cancellation);
        var read = await db.Readings.Where(r => r.ReaderId == reader && studies.Contains(r.StudyId) && r.Stage != ReadingStage.Blind)
            .Select(r => r.StudyId).ToHashSetAsync(cancellation);
        var (changed, refusals, taken) = (new List<Guid>(), new List<string>(), new List<string>());
        foreach (var study in asked.Where(s => s.AssignedTo != reader))
        {
            var owner = study.AssignedTo is { } id ? names.GetValueOrDefault(id, id.ToString()) : Nobody;
            // A film of who reads no more is nobody's.
            var isTaken = radiologists.Exists(r => r.Id == study.AssignedTo);
            if (Refusal(study, isTaken ? owner : null, read.Contains(study.Id) ? to : null, actor) is { } why)
            {
                refusals.Add($"{study.PatientNumber ?? study.Id.ToString()}: {why}");
                audit.AddTo(db, actor, AuditAction.StudyAssign, AuditOutcome.Refused, study.Id, why);
                continue;
            }

            audit.AddTo(
                db, actor, AuditAction.StudyAssign, AuditOutcome.Succeeded, study.Id, before: owner, after: to?.Name ?? Nobody);
            if (isTaken && study.AssignedTo != actor.UserId)
            {
                taken.Add($"{study.PatientNumber ?? study.Id.ToString()} was {owner}’s work until now.");
            }

            study.AssignedTo = reader;
            changed.Add(study.Id);
        }

        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        changed.ForEach(changes.Publish);
        return new(changed.Count, refusals) { Taken = taken };
    }

    /// <param name="owner">Whose it is; null where it is nobody's.</param>
    /// <param name="hasRead">Who is to read it and has; null where that is not so.</param>
    static string? Refusal(Study study, string? owner, ReaderChoice? hasRead, Actor actor) => study switch
    {
        { IsWithdrawn: true } => "it was withdrawn.",
        { AssignedTo: { } id } when owner is not null && id != actor.UserId && !actor.Is(Role.DepartmentLead) =>
            $"it is assigned to {owner}; the department lead may change that.",
        _ => hasRead is null ? null : $"{hasRead.Name} has read it.",
    };
}
