using CovidCxr.Domain.Accounts;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Clinic.Comparison;

static class Radiologists
{
    /// <summary>Whose account is in use and who may read.</summary>
    public static IQueryable<Account> InUse(CovidCxrDbContext db) => db.Users.Where(u => !u.IsDisabled && db.UserRoles.Any(
        m => m.UserId == u.Id && db.Roles.Any(r => r.Id == m.RoleId && r.Name == Role.Radiologist)));

    /// <summary>Who may read, in order of their names.</summary>
    public static async Task<List<ReaderChoice>> ListAsync(CovidCxrDbContext db, CancellationToken cancellation) =>
        await InUse(db).OrderBy(u => u.ShownName).Select(u => new ReaderChoice(u.Id, u.ShownName)).ToListAsync(cancellation);
}
