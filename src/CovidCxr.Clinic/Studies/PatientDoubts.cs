using CovidCxr.Domain.Studies;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Clinic.Studies;

/// <summary>What speaks against a film being this patient's.</summary>
/// <param name="Kind">In general words, which tell nothing of other films.</param>
/// <param name="Words">With what other films say.</param>
sealed record Doubt(string Kind, string Words);

/// <summary>
/// Whether a film and the films under its patient number can be one person's. What they say differently is a question to a person, for
/// the number may be another's.
/// </summary>
static class PatientDoubts
{
    // An age is typed from memory, or counted at the day of another paper.
    const int AgeTolerance = 2;

    /// <param name="film">The film's facts, with the patient number that it shall have.</param>
    /// <param name="arrived">When it came in, for an age without a date of the film.</param>
    /// <param name="except">Films that are not asked.</param>
    /// <returns>Empty where nothing speaks against it.</returns>
    public static async Task<IReadOnlyList<Doubt>> OfAsync(
        CovidCxrDbContext db, StudyParticulars film, DateTimeOffset arrived, IReadOnlyCollection<Guid> except,
        CancellationToken cancellation)
    {
        if (film.PatientNumber is not { } number)
        {
            return [];
        }

        var others = await db.Studies.AsNoTracking().Where(s => s.PatientNumber == number && !except.Contains(s.Id))
            .ToListAsync(cancellation);
        return [.. others.SelectMany(o => Between(film, arrived, StudyParticulars.Of(o), o.ReceivedAt)).Distinct()];
    }

    /// <summary>What two films say differently of the person whom they show.</summary>
    public static IEnumerable<Doubt> Between(
        StudyParticulars film, DateTimeOffset arrived, StudyParticulars known, DateTimeOffset knownArrived)
    {
        if (film.Sex != Sex.Unknown && known.Sex != Sex.Unknown && film.Sex != known.Sex)
        {
            yield return new(
                "The sex is another than known.", FormattableString.Invariant($"The sex is {known.Sex} there and {film.Sex} here."));
        }

        if (film.BirthDate is { } born && known.BirthDate is { } knownBorn)
        {
            if (born != knownBorn)
            {
                yield return new(
                    "The birth date is another than known.",
                    FormattableString.Invariant($"The birth date is {knownBorn:yyyy-MM-dd} there and {born:yyyy-MM-dd} here."));
            }
        }
        else if (BirthYear(film, arrived) is { } year && BirthYear(known, knownArrived) is { } knownYear
            && Math.Abs(year - knownYear) > AgeTolerance)
        {
            yield return new(
                "The age is another than known.",
                FormattableString.Invariant($"By its age the patient was born about {knownYear} there and about {year} here."));
        }
    }

    static int? BirthYear(StudyParticulars film, DateTimeOffset arrived) =>
        film.BirthDate?.Year ?? ((film.AcquiredOn?.Year ?? arrived.Year) - film.AgeYears);
}
