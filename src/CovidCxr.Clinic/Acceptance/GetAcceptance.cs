using CovidCxr.Clinic.Studies;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Models;
using CovidCxr.Domain.Readings;
using CovidCxr.Learning.Checkpoints;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Clinic.Acceptance;

/// <param name="EvidenceHash">What the person signs.</param>
/// <param name="Obstacle">Why nobody may accept it; null where people may.</param>
/// <param name="InForce">How it is accepted now; null where it is not.</param>
/// <param name="History">Every acceptance and withdrawal, the newest first.</param>
public sealed record AcceptanceView(
    Guid Id, int Number, string Name, ModelState State, SiteEvidence Evidence, string EvidenceHash, string? Obstacle,
    LocalThreshold? InForce, IReadOnlyList<LocalAcceptance> History);

/// <summary>
/// A version on the department's own referenced studies, and how it was accepted. Null where there is none with this id. Who reads as well
/// is shown only figures of films whose answers that person may know.
/// </summary>
public sealed class GetAcceptance(IDbContextFactory<CovidCxrDbContext> contexts, RevealedStudies revealed)
{
    /// <exception cref="ArgumentException">The question is refused.</exception>
    public async Task<AcceptanceView?> RunAsync(Guid versionId, SiteQuestion question, Actor actor, CancellationToken cancellation)
    {
        actor.Demand(Role.DepartmentLead, Role.Admin);
        if (question.Refusal is { } refusal)
        {
            throw new ArgumentException(refusal, nameof(question));
        }

        await using var db = await contexts.CreateDbContextAsync(cancellation);
        if (await db.ModelVersions.AsNoTracking().SingleOrDefaultAsync(m => m.Id == versionId, cancellation) is not { } version)
        {
            return null;
        }

        var header = ModelHeader.FromJson(version.HeaderJson);
        var seen = await revealed.ToAsync(db, actor, cancellation);
        var films = await SiteFilms.ReadAsync(db, seen, versionId, cancellation);
        // Not on the circuit's own thread.
        var evidence = await Task.Run(
            () => SiteFilms.Measure(films, version, header.Threshold, question, seen is not null), cancellation);
        var history = await db.LocalAcceptances.AsNoTracking().Where(a => a.ModelVersionId == versionId).OrderByDescending(a => a.Id)
            .ToListAsync(cancellation);
        return new(
            version.Id, version.Number, version.Name, version.State, evidence,
            LocalAcceptance.HashOf(version.Sha256, evidence.Local.Threshold ?? 0, evidence.ToJson()),
            header.Classes[header.PositiveClass] is var looksFor && !ReadDisease.Is(looksFor)
                ? $"The clinic reads for {ReadDisease.Name}, and this model looks for {looksFor}: the references say nothing of it."
                : evidence.Obstacle,
            await LocalThreshold.FindAsync(db, versionId, cancellation), history);
    }
}
