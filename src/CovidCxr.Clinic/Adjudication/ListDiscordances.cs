using CovidCxr.Clinic.Comparison;
using CovidCxr.Clinic.Readings;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Domain.Readings;
using CovidCxr.Platform.Audit;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Clinic.Adjudication;

/// <param name="Blind">What this reader said before the model; null as long as it is not read.</param>
public sealed record AskedReader(Guid Id, string Name, Opinion? Blind, int? Confidence);

/// <summary>A study that a reader, before the model, and the model call differently.</summary>
/// <param name="Confidence">The reader's, 1 to 5.</param>
/// <param name="ModelCall">The model's positive class, or not it.</param>
/// <param name="Score">Of the positive class, 0..1.</param>
/// <param name="Sureness">The reader's confidence times the score's distance from the threshold, both as shares: 0..1.</param>
/// <param name="Asked">Who was asked to adjudicate.</param>
public sealed record Discordance(
    Guid StudyId, string? PatientNumber, Guid ReaderId, string ReaderName, Opinion Blind, int Confidence, string ModelCall,
    double Score, double Sureness, ReferenceState Reference, IReadOnlyList<AskedReader> Asked);

/// <param name="Total">Studies that match, and whose answer this person may know.</param>
/// <param name="Hidden">Studies under the filter whose answer this person may not know yet, discordant or not.</param>
/// <param name="Readers">Who can be asked.</param>
public sealed record DiscordancePage(IReadOnlyList<Discordance> Studies, int Total, int Hidden, IReadOnlyList<ReaderChoice> Readers);

/// <summary>
/// Studies on which readers, blind, and the model disagree, the surest of both first. A study stands there once, with the surest of its
/// readers.
/// </summary>
public sealed class ListDiscordances(
    IDbContextFactory<CovidCxrDbContext> contexts, CaseCache cache, RevealedCases revealed, Disclosures disclosures, ViewLog views)
{
    /// <param name="isOpen">Only studies that no reference settles and nobody was asked to adjudicate.</param>
    /// <param name="page">From 0.</param>
    /// <param name="pageSize">At least 1.</param>
    public async Task<DiscordancePage> RunAsync(
        AgreementFilter filter, bool isOpen, Actor actor, CancellationToken cancellation, int page = 0, int pageSize = 12)
    {
        actor.Demand(Role.DepartmentLead);
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        var set = await cache.GetAsync(db, cancellation);
        var asked = await Adjudications.AskedAsync(db, cancellation);
        var all = ReaderCases.Filter(set.All, filter, onlyBy: null);
        var hidden = await revealed.HiddenFromAsync(db, actor, cancellation);
        var discordant = hidden.TakenFrom(all)
            .Where(c => c.Call(Party.Blind) is { } blind && c.Call(Party.Model) is { } model && blind != model)
            .Where(c => !isOpen || (c.Call(Party.Reference) is null && !asked.ContainsKey(c.StudyId)))
            .OrderByDescending(Sureness).ThenByDescending(c => c.ReadAt).DistinctBy(c => c.StudyId).ToList();
        await disclosures.NoteAsync(db, discordant.Select(c => c.StudyId), actor, cancellation);
        await views.NoteOnceAMinuteAsync(actor, AuditAction.ListView, null, "discordances");
        var names = await CompareReaders.NamesAsync(db, set, cancellation);
        return new(
            [.. discordant.Skip(page * pageSize).Take(pageSize).Select(c => new Discordance(
                c.StudyId, c.Study.PatientNumber, c.ReaderId, names.GetValueOrDefault(c.ReaderId, "unknown"), c.Blind!.Value,
                c.Before!.Value.Confidence, c.Prediction!.Call, c.Score!.Value, Sureness(c), c.Reference,
                asked.GetValueOrDefault(c.StudyId, [])))],
            discordant.Count, all.Where(c => hidden.Contains(c.StudyId)).DistinctBy(c => c.StudyId).Count(),
            await Radiologists.ListAsync(db, cancellation));
    }

    static double Sureness(ReaderCase c) => c.Before!.Value.Confidence / 5.0 * c.Prediction!.Sureness;
}
