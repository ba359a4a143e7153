using CovidCxr.Domain.Readings;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Clinic.Adjudication;

/// <summary>Who was asked to adjudicate what, and who can be.</summary>
static class Adjudications
{
    /// <summary>By study, readers in order of their names.</summary>
    public static async Task<Dictionary<Guid, List<AskedReader>>> AskedAsync(CovidCxrDbContext db, CancellationToken cancellation)
    {
        var rows = await (from r in db.ReadRequests
                          join u in db.Users on r.ReaderId equals u.Id
                          where r.Kind == ReadRequestKind.Adjudication
                          orderby u.ShownName
                          select new
                          {
                              r.StudyId,
                              u.Id,
                              u.ShownName,
                              Blind = db.Readings.Where(b => b.StudyId == r.StudyId && b.ReaderId == u.Id && b.Stage == ReadingStage.Blind)
                                  .Select(b => new { b.Opinion, b.Confidence }).FirstOrDefault(),
                          }).ToListAsync(cancellation);
        return rows.GroupBy(r => r.StudyId).ToDictionary(
            g => g.Key, g => g.Select(r => new AskedReader(r.Id, r.ShownName, r.Blind?.Opinion, r.Blind?.Confidence)).ToList());
    }
}
