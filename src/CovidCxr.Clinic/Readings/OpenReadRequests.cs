using CovidCxr.Storage;

namespace CovidCxr.Clinic.Readings;

static class OpenReadRequests
{
    /// <summary>
    /// Studies that this person is asked to read and has not: by name, or by lot as long as nobody has given the second read. Somebody who
    /// began is not asked any more.
    /// </summary>
    public static IQueryable<Guid> StudiesFor(CovidCxrDbContext db, Guid reader) =>
        from r in db.ReadRequests
        where (r.ReaderId == reader || (r.ReaderId == null && db.Studies.Any(s => s.Id == r.StudyId && s.ReadCount < 2)))
            && !db.Readings.Any(o => o.StudyId == r.StudyId && o.ReaderId == reader)
        select r.StudyId;
}
