using System.Security.Cryptography;
using CovidCxr.Clinic.Comparison;
using CovidCxr.Clinic.Readings;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Domain.Studies;
using CovidCxr.Platform.Audit;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Clinic.Worklist;

/// <summary>
/// Draws unread films by lot and assigns them to a reader, those from which a training would learn most being likelier: the model is least
/// certain of them, or they look unlike those that were read. None is more than <see cref="FilmLot.MostOdds"/> times as likely as another,
/// so that being drawn tells a reader next to nothing of the model's answer.
/// </summary>
public sealed class DrawFilms(IDbContextFactory<CovidCxrDbContext> contexts, AuditLog audit, StudyChanges changes)
{
    const string Lot = "drawn by lot";

    /// <param name="count">1 to <see cref="WorklistChange.MostStudies"/>, at most half of the films that wait.</param>
    public async Task<WorklistChange> RunAsync(int count, Guid reader, Actor actor, CancellationToken cancellation)
    {
        actor.Demand(Role.DepartmentLead);
        if (WorklistChange.OfCount(count) is { } wrong)
        {
            return wrong;
        }

        if (reader == actor.UserId)
        {
            return WorklistChange.Refused("Draw for somebody else: who draws for themself could draw until the lot speaks.");
        }

        await using var db = await contexts.CreateDbContextAsync(cancellation);
        // Whoever assigns at the same moment is waited for: nobody's film is drawn.
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        if ((await Radiologists.ListAsync(db, cancellation)).Find(r => r.Id == reader) is not { } to)
        {
            return WorklistChange.Refused("Choose a radiologist whose account is in use.");
        }

        var films = await WaitingAsync(db, cancellation);
        if (films.Count < 2 * count)
        {
            return WorklistChange.Refused(
                $"Draw at most half of what waits: {films.Count} films have an answer, are nobody’s work and were in no lot before.");
        }

        var seed = RandomNumberGenerator.GetInt32(int.MaxValue);
        var drawn = FilmLot.Draw(FilmLot.Odds(films, await ReadLooksAsync(db, cancellation)), count, seed);
        foreach (var study in await db.Studies.Where(s => drawn.Contains(s.Id)).OrderBy(s => s.Id).ToListAsync(cancellation))
        {
            study.AssignedTo = reader;
            audit.AddTo(
                db, actor, AuditAction.StudyAssign, AuditOutcome.Succeeded, study.Id,
                FormattableString.Invariant($"{Lot}, {drawn.Count} of {films.Count}, odds up to {FilmLot.MostOdds} to 1, seed {seed}"),
                AssignStudies.Nobody, to.Name);
        }

        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        drawn.ForEach(changes.Publish);
        return new(drawn.Count, []);
    }

    // Copies are asked about elsewhere, urgent films are read anyway, and a film with a reference has its label. A film that was drawn once
    // is drawn no more, whoever gave it back: how often it comes would tell more than once allows.
    static Task<List<WaitingFilm>> WaitingAsync(CovidCxrDbContext db, CancellationToken cancellation) =>
        (from s in db.Studies
         join p in db.Predictions on s.PredictionId equals p.Id
         where s.Status == StudyStatus.Ready && s.ReadCount == 0 && s.AssignedTo == null && s.CopyOf == null && s.Urgency == null
            && s.Probability != null && !db.ReferenceFindings.Any(f => f.StudyId == s.Id)
            && !db.Readings.Any(r => r.StudyId == s.Id) && !db.ReadRequests.Any(r => r.StudyId == s.Id)
            && !db.Audit.Any(a => a.StudyId == s.Id && a.Action == AuditAction.StudyAssign && a.Detail!.StartsWith(Lot))
         orderby s.Id
         select new WaitingFilm(
             s.Id, s.Probability!.Value - p.Threshold, new FilmLook(s.MeanIntensity, s.IntensityDeviation)))
            .ToListAsync(cancellation);

    static Task<List<FilmLook>> ReadLooksAsync(CovidCxrDbContext db, CancellationToken cancellation) => db.Studies
        .Where(s => s.ReadCount > 0 && s.MeanIntensity != null).OrderByDescending(s => s.ReceivedAt).Take(1000)
        .Select(s => new FilmLook(s.MeanIntensity, s.IntensityDeviation)).ToListAsync(cancellation);
}
