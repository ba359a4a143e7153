using CovidCxr.Clinic.Comparison;
using CovidCxr.Clinic.Readings;
using CovidCxr.Clinic.Studies;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Studies;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Clinic.Worklist;

/// <summary>
/// Which film a person opens next: an urgent one, the longest waiting first, then one that this reader is asked to read, then one to which
/// an image came after this reader's reading, then one of the reader's own, then one of nobody's; of each of these the first of the
/// worklist. Films that are assigned to somebody else are passed by, but at the end, when nothing else waits, those of who reads no more
/// and the urgent ones are offered. Who does not read is led through all unread films, the urgent first.
/// </summary>
public sealed class FindNextStudy(IDbContextFactory<CovidCxrDbContext> contexts)
{
    /// <param name="open">The film that is open; null for none.</param>
    /// <returns>Null where nothing waits for this person.</returns>
    public async Task<Guid?> RunAsync(Guid? open, Actor actor, CancellationToken cancellation)
    {
        actor.Demand(Role.Radiologist, Role.DepartmentLead);
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        foreach (var films in actor.Is(Role.Radiologist)
            ? ToRead(db, actor)
            : ToLookAt(
                db, open is null ? null : await db.Studies.AsNoTracking().SingleOrDefaultAsync(s => s.Id == open, cancellation)))
        {
            var first = await films.Where(s => s.Id != open).Select(s => (Guid?)s.Id).FirstOrDefaultAsync(cancellation);
            if (first is not null)
            {
                return first;
            }
        }

        return null;
    }

    // Who does not read leaves films as they are, so goes on behind the open one, and at the end from the beginning.
    static IEnumerable<IQueryable<Study>> ToLookAt(CovidCxrDbContext db, Study? open)
    {
        var unread = db.Studies.Where(s => s.ReadCount == 0);
        if (open is not null)
        {
            // Somebody may have read it meanwhile; it has its place all the same.
            var isUrgent = open.Urgency is not null;
            var behind = unread.Where(s => s.WaitsUrgently == isUrgent
                && (s.ReceivedAt < open.ReceivedAt || (s.ReceivedAt == open.ReceivedAt && s.Id.CompareTo(open.Id) < 0)));
            yield return ListStudies.InTurn(behind);
            if (isUrgent)
            {
                yield return ListStudies.InTurn(unread.Where(s => !s.WaitsUrgently));
            }
        }

        yield return ListStudies.InTurn(unread);
    }

    // Each follows an index of its own to its first film.
    static IEnumerable<IQueryable<Study>> ToRead(CovidCxrDbContext db, Actor actor)
    {
        var reader = actor.UserId;
        var (asked, late) = (OpenReadRequests.StudiesFor(db, reader), LateImages.StudiesFor(db, actor));
        var inUse = Radiologists.InUse(db);
        // All of them wait urgently; the index begins with it.
        var urgent = db.Studies.Where(s => s.Urgency != null && s.ReadCount == 0)
            .OrderBy(s => s.WaitsUrgently).ThenBy(s => s.ReceivedAt).ThenBy(s => s.Id);
        yield return urgent.Where(s => s.AssignedTo == null || s.AssignedTo == reader || !inUse.Any(u => u.Id == s.AssignedTo));
        yield return ListStudies.InTurn(db.Studies.Where(s => asked.Contains(s.Id)));
        yield return ListStudies.InTurn(db.Studies.Where(s => late.Contains(s.Id)));
        yield return ListStudies.InTurn(db.Studies.Where(s => s.AssignedTo == reader && s.ReadCount == 0));
        yield return ListStudies.InTurn(db.Studies.Where(s => s.AssignedTo == null && s.ReadCount == 0));
        yield return ListStudies.InTurn(
            db.Studies.Where(s => s.ReadCount == 0 && s.AssignedTo != null && !inUse.Any(u => u.Id == s.AssignedTo)));
        yield return urgent.Where(s => s.AssignedTo != reader);
    }
}
