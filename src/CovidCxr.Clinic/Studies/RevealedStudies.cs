using CovidCxr.Clinic.Policies;
using CovidCxr.Clinic.Readings;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Readings;
using CovidCxr.Domain.Studies;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Clinic.Studies;

/// <summary>The studies whose answer a person may know today, as <see cref="ReadingRules.IsRevealed"/> says it of each.</summary>
public sealed class RevealedStudies(GetReadingPolicy policies)
{
    /// <returns>Null for all.</returns>
    internal async Task<IQueryable<Study>?> ToAsync(CovidCxrDbContext db, Actor actor, CancellationToken cancellation)
    {
        if (!actor.Is(Role.Radiologist))
        {
            return null;
        }

        if (ReadingRules.IsBlinded(actor, await policies.TodayAsync(db, cancellation)))
        {
            return db.Studies.Where(s => db.Readings.Any(r => r.StudyId == s.Id && r.ReaderId == actor.UserId)
                || db.Disclosures.Any(d =>
                    d.StudyId == s.Id && (d.ReaderId == actor.UserId || d.ReaderId == Disclosure.Everybody)));
        }

        var blinded = OpenReadRequests.BlindedFor(db, actor.UserId);
        return await blinded.AnyAsync(cancellation) ? db.Studies.Where(s => !blinded.Contains(s.Id)) : null;
    }
}
