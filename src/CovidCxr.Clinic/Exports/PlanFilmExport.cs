using System.Security.Cryptography;
using System.Text;
using CovidCxr.Clinic.Worklist;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Domain.Studies;
using CovidCxr.Platform.Audit;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Clinic.Exports;

/// <param name="Image">The further image's id, or the study's for the principal one.</param>
/// <param name="Pixels">Their hash, by which a person confirms it: other pixels may stand under the same id later.</param>
/// <param name="Doubts">Why words may stand in it, a sentence each: it leaves only where a person has looked at it.</param>
public sealed record DoubtedFilm(
    Guid Study, Guid Image, string Pixels, string? PatientNumber, ViewPosition View, IReadOnlyList<string> Doubts);

/// <summary>What an export of these studies would hold.</summary>
/// <param name="Lost">Films whose file is gone or can no longer be decoded.</param>
/// <param name="Digest">Of which image has which pixels: an export by this plan is refused once it is another one.</param>
public sealed record FilmExportPlan(
    int Films, int Studies, int Patients, int Lost, IReadOnlyList<DoubtedFilm> Doubted, string Digest)
{
    /// <summary>Without those that a person has to look at.</summary>
    public int Free => Films - Lost - Doubted.Count;
}

/// <summary>Looks through the films of an export before a person decides about it: each is decoded once.</summary>
public sealed class PlanFilmExport(IDbContextFactory<CovidCxrDbContext> contexts, FilmCheck check, ViewLog views)
{
    /// <param name="looked">Hears after each film how many were looked at, of how many.</param>
    /// <returns>Null where the number of studies is not 1 to <see cref="WorklistChange.MostStudies"/>.</returns>
    public async Task<FilmExportPlan?> RunAsync(
        IReadOnlyCollection<Guid> studies, Actor actor, CancellationToken cancellation, Action<int, int>? looked = null)
    {
        actor.Demand(Role.DepartmentLead);
        if (WorklistChange.OfCount(studies.Count) is not null)
        {
            return null;
        }

        await using var db = await contexts.CreateDbContextAsync(cancellation);
        var films = await LoadAsync(db, studies, cancellation);
        List<DoubtedFilm> doubted = [];
        var lost = 0;
        foreach (var (number, (study, image)) in films.Index())
        {
            var checkedFilm = await check.ReadAsync(image.ImageKey, cancellation);
            lost += checkedFilm is null ? 1 : 0;
            if (checkedFilm?.Doubts is [_, ..] doubts)
            {
                doubted.Add(new(study.Id, image.Id, image.PixelHash, study.PatientNumber, image.View, doubts));
            }

            looked?.Invoke(number + 1, films.Count);
        }

        await views.NoteOnceAMinuteAsync(actor, AuditAction.ListView, null, "films of an export");
        return new(
            films.Count, films.Select(f => f.Study.Id).Distinct().Count(),
            films.Select(f => f.Study.PatientNumber ?? $"{f.Study.Id}").Distinct(StringComparer.OrdinalIgnoreCase).Count(), lost, doubted,
            DigestOf(films));
    }

    internal static string DigestOf(List<(Study Study, StudyImage Image)> films) => Convert.ToHexStringLower(SHA256.HashData(
        Encoding.UTF8.GetBytes(string.Join(
            '\n', films.Select(f => $"{f.Study.Id} {f.Image.Id} {f.Image.PixelHash}").Order(StringComparer.Ordinal)))));

    /// <summary>All images of these studies, without withdrawn ones.</summary>
    internal static async Task<List<(Study Study, StudyImage Image)>> LoadAsync(
        CovidCxrDbContext db, IReadOnlyCollection<Guid> studies, CancellationToken cancellation)
    {
        var found = await db.Studies.AsNoTracking().Where(s => studies.Contains(s.Id)).OrderBy(s => s.Id).ToListAsync(cancellation);
        var further = await db.StudyImages.AsNoTracking().Where(i => studies.Contains(i.StudyId)).OrderBy(i => i.Id)
            .ToListAsync(cancellation);
        return found.SelectMany(study => further.Where(i => i.StudyId == study.Id).Prepend(StudyImage.OfPrincipal(study, id: study.Id))
            .Select(image => (study, image))).ToList();
    }
}
