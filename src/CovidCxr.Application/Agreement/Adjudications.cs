using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Readings;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Application.Agreement;

/// <summary>Who was asked to adjudicate what, and who can be.</summary>
static class Adjudications
{
    /// <summary>By study, readers in order of their names.</summary>
    public static async Task<Dictionary<Guid, List<AskedReader>>> AskedAsync(CovidCxrDbContext db, CancellationToken cancellation)
    {
        var rows = await (from r in db.ReadRequests
                          join u in db.Users on r.ReaderId equals u.Id
                          where r.Kind == ReadRequestKind.Adjudication
                          orderby u.UserName
                          select new
                          {
                              r.StudyId,
                              u.Id,
                              u.UserName,
                              Blind = db.Readings.Where(b => b.StudyId == r.StudyId && b.ReaderId == u.Id && b.Stage == ReadingStage.Blind)
                                  .Select(b => new { b.Opinion, b.Confidence }).FirstOrDefault(),
                          }).ToListAsync(cancellation);
        return rows.GroupBy(r => r.StudyId).ToDictionary(g => g.Key, g => g.Select(r => new AskedReader(r.Id, r.UserName!, r.Blind?.Opinion, r.Blind?.Confidence)).ToList());
    }

    public static async Task<List<ReaderChoice>> RadiologistsAsync(CovidCxrDbContext db, CancellationToken cancellation) =>
        await (from u in db.Users
               join m in db.UserRoles on u.Id equals m.UserId
               join r in db.Roles on m.RoleId equals r.Id
               where r.Name == Role.Radiologist && !u.IsDisabled
               orderby u.UserName
               select new ReaderChoice(u.Id, u.UserName!)).ToListAsync(cancellation);
}
