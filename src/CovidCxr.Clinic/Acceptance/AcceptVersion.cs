using System.Globalization;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Domain.Models;
using CovidCxr.Platform.Accounts;
using CovidCxr.Platform.Audit;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Clinic.Acceptance;

/// <param name="SeenHash">Of the evidence that the person was shown.</param>
/// <param name="SeenNewest">The newest acceptance or withdrawal that the person was shown; null for none.</param>
public sealed record AcceptanceRequest(
    Guid VersionId, SiteQuestion Question, string SeenHash, long? SeenNewest, string? Reason, string Password);

/// <summary>
/// An administrator or the lead accepts a version for this department, asked again who they are, for the figures that the person saw.
/// From then on the local threshold decides what new predictions of the version call; those of before stay as they are.
/// </summary>
public sealed class AcceptVersion(
    IDbContextFactory<CovidCxrDbContext> contexts, GetAcceptance get, ConfirmPerson confirm, AuditLog audit, TimeProvider time)
{
    /// <summary>What a passkey or a provider is asked for in place of the password.</summary>
    public static string ActOf(Guid versionId, string seenHash) => $"accept {versionId} {seenHash}";

    /// <returns>Null where it is accepted, else why not.</returns>
    public async Task<string?> RunAsync(AcceptanceRequest request, Actor actor, CancellationToken cancellation)
    {
        actor.Demand(Role.DepartmentLead, Role.Admin);
        if ((request.Question.Refusal ?? LocalAcceptance.ReasonRefusal(request.Reason)) is { } invalid)
        {
            return invalid;
        }

        if (await confirm.RunAsync(ActOf(request.VersionId, request.SeenHash), request.Password, actor) is { } wrong)
        {
            await audit.RecordAsync(actor, AuditAction.LocalAcceptance, AuditOutcome.Refused, detail: "not confirmed");
            return wrong;
        }

        // Measured outside any transaction, which would keep uploads waiting. What is stored is what was measured here and seen there.
        var view = await get.RunAsync(request.VersionId, request.Question, actor, cancellation);
        var refusal = view switch
        {
            null => "There is no such version.",
            { Obstacle: { } obstacle } => obstacle,
            _ when view.EvidenceHash != request.SeenHash => "The figures have changed since you opened them. Look at them again.",
            _ => null,
        };
        if (refusal is not null)
        {
            await audit.RecordAsync(
                actor, AuditAction.LocalAcceptance, AuditOutcome.Refused, detail: view is null ? "unknown version" : NameOf(view.Number));
            return refusal;
        }

        await using var db = await contexts.CreateDbContextAsync(cancellation);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        var newest = await db.LocalAcceptances.Where(a => a.ModelVersionId == view!.Id).MaxAsync(a => (long?)a.Id, cancellation);
        if (newest != request.SeenNewest)
        {
            await transaction.RollbackAsync(cancellation);
            await audit.RecordAsync(actor, AuditAction.LocalAcceptance, AuditOutcome.Refused, detail: NameOf(view!.Number));
            return "Somebody has accepted or withdrawn it since you opened the page. Look at the page again.";
        }

        var threshold = view!.Evidence.Local.Threshold!.Value;
        db.LocalAcceptances.Add(new()
        {
            ModelVersionId = view.Id,
            Threshold = threshold,
            Evidence = view.Evidence.ToJson(),
            EvidenceHash = view.EvidenceHash,
            Reason = request.Reason!.Trim(),
            AcceptedBy = actor.UserId,
            AcceptedByName = actor.UserName,
            AcceptedAt = time.GetUtcNow(),
        });
        audit.AddTo(
            db, actor, AuditAction.LocalAcceptance, AuditOutcome.Succeeded,
            detail: string.Create(CultureInfo.InvariantCulture, $"{NameOf(view.Number)}, threshold {threshold:F4}, {view.EvidenceHash}"));
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return null;
    }

    /// <summary>As audit rows of the registry call it.</summary>
    internal static string NameOf(int number) => string.Create(CultureInfo.InvariantCulture, $"version {number}");
}
