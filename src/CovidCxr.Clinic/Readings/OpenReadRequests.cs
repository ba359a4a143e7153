using CovidCxr.Domain.Readings;
using CovidCxr.Storage;

namespace CovidCxr.Clinic.Readings;

static class OpenReadRequests
{
    /// <summary>
    /// Studies that this person is asked to read and has not: by name, or by lot as long as nobody has given the second read. Somebody who
    /// began, or has seen the answer already, is not asked any more.
    /// </summary>
    public static IQueryable<Guid> StudiesFor(CovidCxrDbContext db, Guid reader) =>
        from r in db.ReadRequests
        where (r.ReaderId == reader || (r.ReaderId == null && db.Studies.Any(s => s.Id == r.StudyId && s.ReadCount < 2)))
            && db.Studies.Any(s => s.Id == r.StudyId)
            && !db.Readings.Any(o => o.StudyId == r.StudyId && o.ReaderId == reader)
            && !db.Disclosures.Any(d => d.StudyId == r.StudyId && (d.ReaderId == reader || d.ReaderId == Disclosure.Everybody))
        select r.StudyId;

    /// <summary>
    /// Studies that this person reads blinded whatever the policy is, and has not begun: also those drawn by lot of which somebody has
    /// given the second read meanwhile.
    /// </summary>
    public static IQueryable<Guid> BlindedFor(CovidCxrDbContext db, Guid reader) =>
        from r in db.ReadRequests
        where (r.ReaderId == reader || r.ReaderId == null) && db.Studies.Any(s => s.Id == r.StudyId)
            && !db.Readings.Any(o => o.StudyId == r.StudyId && o.ReaderId == reader)
            && !db.Disclosures.Any(d => d.StudyId == r.StudyId && (d.ReaderId == reader || d.ReaderId == Disclosure.Everybody))
        select r.StudyId;
}
