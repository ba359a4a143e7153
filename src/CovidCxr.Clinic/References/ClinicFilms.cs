using System.Globalization;
using CovidCxr.Domain.Readings;
using CovidCxr.Domain.Studies;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Clinic.References;

/// <summary>
/// The clinic's own films for the laboratory, under pseudonyms. Which may be trained on, and as what, says
/// <see cref="SelectTrainingTruth"/>.
/// </summary>
public sealed class ClinicFilms(IDbContextFactory<CovidCxrDbContext> contexts, Pseudonyms pseudonyms) : IClinicFilms
{
    const string Negative = "Other";

    public TrainableFilms SelectTrainable()
    {
        using var db = contexts.CreateDbContext();
        // The caller's thread is a worker's own.
        var selection = SelectTrainingTruth.SelectAsync(db, CancellationToken.None).GetAwaiter().GetResult();
        var labels = selection.Studies.ToDictionary(s => s.StudyId, s => s.Label);
        var studies = db.Studies.AsNoTracking().OrderBy(s => s.Id)
            .Select(s => new { s.Id, s.PatientNumber, s.View, s.Sex, s.AgeYears, s.ImageKey, s.Width, s.Height, s.BitsStored }).ToList();
        var films = studies.Where(s => labels.ContainsKey(s.Id)).Select(s => new ClinicFilm(
            pseudonyms.Of("s-", s.Id.ToString()) + ".png", labels[s.Id].IsPositive ? ReadDisease.Name : Negative,
            s.PatientNumber is null ? "" : pseudonyms.Of("p-", s.PatientNumber), s.View == ViewPosition.Unknown ? "" : s.View.ToString(),
            s.ImageKey, (long)s.Width * s.Height * (s.BitsStored > 8 ? 2 : 1))
        {
            Sex = s.Sex switch
            {
                Sex.Female => "F",
                Sex.Male => "M",
                Sex.Other => "O",
                _ => "",
            },
            Age = s.AgeYears?.ToString(CultureInfo.InvariantCulture) ?? "",
        });
        return new([.. films], [.. Remarks(selection, studies.Count)]);
    }

    public async Task<IReadOnlyList<string>> NewestImageKeysAsync(int count, CancellationToken cancellation)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        return await db.Studies.OrderByDescending(s => s.ReceivedAt).Take(count).Select(s => s.ImageKey).ToListAsync(cancellation);
    }

    static IEnumerable<string> Remarks(TrainingSelection selection, int studies)
    {
        yield return $"Of {studies} studies {selection.Studies.Count} may be trained on: {selection.From(TrainingSource.Reference)} by a "
            + $"reference, {selection.From(TrainingSource.BlindReadings)} by readings made blind to the model that agree.";
        (int Count, string Why)[] left =
        [
            (selection.OnlyWithModel, "read with the model in sight alone, and without a reference"),
            (selection.Unclear, "references or blind readings that contradict each other or are indeterminate"),
            (studies - selection.Studies.Count - selection.OnlyWithModel - selection.Unclear, "neither read nor with a reference"),
        ];
        foreach (var (count, why) in left.Where(l => l.Count > 0))
        {
            yield return $"{count} left out: {why}.";
        }
    }
}
