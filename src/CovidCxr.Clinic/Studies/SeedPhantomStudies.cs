using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Studies;
using CovidCxr.Imaging.Phantoms;
using CovidCxr.Imaging.Rendering;
using CovidCxr.Platform.Accounts;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Clinic.Studies;

/// <summary>
/// A dozen drawn films of eight phantom patients, taken in like any upload, where the worklist holds nothing else. An interrupted start is
/// made up for by the next.
/// </summary>
public sealed class SeedPhantomStudies(IDbContextFactory<CovidCxrDbContext> contexts, ImportStudy import, TimeProvider time)
{
    /// <summary>What every phantom's patient number begins with.</summary>
    public const string Prefix = "PHANTOM-";

    public const int Count = 12;

    const int Patients = 8, Size = 1024;

    public async Task RunAsync(CancellationToken cancellation)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        var reader = SeedDemoAccounts.All.First(a => a.Role == Role.Radiologist).UserName;
        var phantoms = await db.Studies.CountAsync(s => s.PatientNumber!.StartsWith(Prefix), cancellation);
        if (phantoms >= Count || await db.Studies.CountAsync(cancellation) > phantoms
            || await db.Users.SingleOrDefaultAsync(u => u.UserName == reader, cancellation) is not { } account)
        {
            return;
        }

        var actor = new Actor(account.Id, account.UserName!, new HashSet<string> { Role.Radiologist });
        var today = DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);
        for (var i = 0; i < Count; i++)
        {
            var patient = i % Patients;
            var image = PhantomDrawer.Draw((PhantomKind)(i % 3), seed: i + 1, Size, bits: i % 4 == 3 ? 16 : 8);
            var details = new StudyDetails(
                $"{Prefix}{patient + 1:D3}", patient % 2 == 0 ? Sex.Male : Sex.Female, 34 + (patient * 5), today.AddDays(i - Count),
                i % 3 == 2 ? ViewPosition.AP : ViewPosition.PA);
            await import.RunAsync(PngEncoder.Encode(image), details, actor, cancellation);
        }
    }
}
