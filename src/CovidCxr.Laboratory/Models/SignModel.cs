using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Platform.Accounts;
using CovidCxr.Platform.Audit;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace CovidCxr.Laboratory.Models;

/// <summary>
/// An administrator vouches for a version as its evidence is: asked again who they are, and for the evidence that the person
/// saw.
/// </summary>
public sealed class SignModel(
    IDbContextFactory<CovidCxrDbContext> contexts, IOptions<ModelOptions> options, ConfirmPerson confirm, AuditLog audit,
    TimeProvider time)
{
    /// <summary>What a passkey or a provider is asked for in place of the password.</summary>
    public static string ActOf(Guid versionId, string seenHash) => $"sign {versionId} {seenHash}";

    /// <param name="seenHash">Of the evidence that the person was shown.</param>
    /// <returns>Null where it is signed, else why not.</returns>
    public async Task<string?> RunAsync(Guid versionId, string seenHash, string password, Actor actor, CancellationToken cancellation)
    {
        actor.Demand(Role.Admin);
        if (await confirm.RunAsync(ActOf(versionId, seenHash), password, actor) is { } wrong)
        {
            await audit.RecordAsync(actor, AuditAction.ModelSign, AuditOutcome.Refused, detail: "not confirmed");
            return wrong;
        }

        await using var db = await contexts.CreateDbContextAsync(cancellation);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        var version = await db.ModelVersions.AsNoTracking().SingleOrDefaultAsync(m => m.Id == versionId, cancellation);
        var acceptance = version is null ? null : await Acceptance.ReadAsync(db, version, options.Value, cancellation);
        var refusal = acceptance switch
        {
            null => "There is no such version.",
            { Obstacle: { } obstacle } => obstacle,
            _ when acceptance.EvidenceHash != seenHash => "The evidence has changed since you opened it. Look at it again.",
            _ when acceptance.Signatures.Any(s => s.SignedBy == actor.UserId) =>
                "You have signed this evidence already; the second signature has to be another administrator's.",
            _ => null,
        };
        var detail = version is null ? "unknown version" : ModelHistory.NameOf(version.Number);
        if (refusal is null)
        {
            db.ModelSignatures.Add(new()
            {
                ModelVersionId = versionId,
                EvidenceHash = seenHash,
                SignedBy = actor.UserId,
                SignedByName = actor.UserName,
                SignedAt = time.GetUtcNow(),
            });
        }

        audit.AddTo(
            db, actor, AuditAction.ModelSign, refusal is null ? AuditOutcome.Succeeded : AuditOutcome.Refused,
            detail: refusal is null ? $"{detail}, evidence {seenHash}" : detail);
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return refusal;
    }
}
