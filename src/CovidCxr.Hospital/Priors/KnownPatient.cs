using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Hospital.Priors;

/// <summary>A patient of whom a film is here: whose films elsewhere a reader may ask for.</summary>
/// <param name="Number">As it is written here; the archive is asked for it.</param>
/// <param name="Film">The newest film: the trail names it, and never the number.</param>
sealed record KnownPatient(string Number, Guid Film)
{
    /// <returns>Null where no film has this number.</returns>
    public static async Task<KnownPatient?> FindAsync(CovidCxrDbContext db, string number, CancellationToken cancellation) =>
        await db.AllStudies.Where(s => s.PatientNumber == number).OrderByDescending(s => s.ReceivedAt)
            .Select(s => new KnownPatient(s.PatientNumber!, s.Id)).FirstOrDefaultAsync(cancellation);

    /// <summary>As the clinic compares numbers: blanks around them and capitals make no other patient.</summary>
    public bool Is(string? number) => Number.Trim().Equals(number?.Trim(), StringComparison.OrdinalIgnoreCase);
}
