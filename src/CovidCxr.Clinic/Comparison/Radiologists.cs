using CovidCxr.Domain.Accounts;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Clinic.Comparison;

static class Radiologists
{
    /// <summary>Who may read, in order of their names.</summary>
    public static async Task<List<ReaderChoice>> ListAsync(CovidCxrDbContext db, CancellationToken cancellation) =>
        await (from u in db.Users
               join m in db.UserRoles on u.Id equals m.UserId
               join r in db.Roles on m.RoleId equals r.Id
               where r.Name == Role.Radiologist && !u.IsDisabled
               orderby u.UserName
               select new ReaderChoice(u.Id, u.UserName!)).ToListAsync(cancellation);
}
