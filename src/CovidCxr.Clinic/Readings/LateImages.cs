using CovidCxr.Domain.Accounts;
using CovidCxr.Storage;

namespace CovidCxr.Clinic.Readings;

/// <summary>
/// Images that came after a reading. The reader looks at them and reads again: a correction, or the same opinion once more, is newer than
/// the image, and ends it.
/// </summary>
static class LateImages
{
    /// <summary>Studies with an image that is newer than this reader's last word on them; than anybody's, for who does not read.</summary>
    public static IQueryable<Guid> StudiesFor(CovidCxrDbContext db, Actor actor)
    {
        var reader = actor.Is(Role.Radiologist) ? actor.UserId : (Guid?)null;
        return from i in db.StudyImages
               where i.IsLate && db.Studies.Any(s => s.Id == i.StudyId)
                   && db.Readings.Any(r => r.StudyId == i.StudyId && (reader == null || r.ReaderId == reader) && r.CreatedAt < i.ReceivedAt
                       && !db.Readings.Any(o => o.StudyId == i.StudyId && o.ReaderId == r.ReaderId && o.CreatedAt >= i.ReceivedAt))
               select i.StudyId;
    }
}
