using CovidCxr.Clinic.Policies;
using CovidCxr.Clinic.Readings;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Readings;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Clinic.Comparison;

/// <summary>A lead who reads too is blinded like any reader: what others and the model say of a film waits for the own reading.</summary>
public sealed class RevealedCases(GetReadingPolicy policies)
{
    internal async Task<List<ReaderCase>> OfAsync(
        CovidCxrDbContext db, List<ReaderCase> cases, Actor actor, CancellationToken cancellation) =>
        await HidesAsync(db, actor, cancellation) is { } hides ? cases.FindAll(c => !hides(c.StudyId)) : cases;

    /// <returns>Which studies' answers wait for the own reading; null where none can.</returns>
    internal async Task<Predicate<Guid>?> HidesAsync(CovidCxrDbContext db, Actor actor, CancellationToken cancellation)
    {
        if (!actor.Is(Role.Radiologist))
        {
            return null;
        }

        var read = await db.Readings.Where(r => r.ReaderId == actor.UserId).Select(r => r.StudyId).Distinct().ToHashSetAsync(cancellation);
        var isBlinded = ReadingRules.IsBlinded(actor, await policies.TodayAsync(db, cancellation));
        var asked = (await OpenReadRequests.StudiesFor(db, actor.UserId).ToListAsync(cancellation)).ToHashSet();
        return study => !read.Contains(study) && (isBlinded || asked.Contains(study));
    }
}
