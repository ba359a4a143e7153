using CovidCxr.Domain.Models;
using CovidCxr.Domain.Readings;
using CovidCxr.Domain.Studies;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Testing;

/// <summary>Films of a department that have a reference, and answers of a version that has never been a file.</summary>
public static class ReferencedFilms
{
    static readonly string Header = (TestHeader.Of() with { Classes = ["Unremarkable", "COVID-19"], PositiveClass = 1 }).ToJson();

    /// <summary>Of the disease, at the threshold 0.5.</summary>
    public static ModelVersion Version(int number, bool isActive = false) => new()
    {
        Id = TestClinic.Numbered(0xA0 + number),
        Number = number,
        Name = "m",
        Architecture = "resnet18",
        Sha256 = $"{number:D64}",
        FileKey = "m",
        HeaderJson = Header,
        IsActive = isActive,
    };

    /// <summary>So many films of patients of their own, read by RT-PCR; the i-th has the i-th score.</summary>
    /// <param name="scores">0..1.</param>
    /// <param name="version">That answered; null for films that no version has scored.</param>
    /// <returns>The studies.</returns>
    public static async Task<List<Guid>> AddAsync(
        CovidCxrDbContext db, Guid? version, bool isIll, IEnumerable<double> scores, string? patient = null)
    {
        var first = await db.AllStudies.CountAsync();
        List<Guid> ids = [];
        foreach (var (i, score) in scores.Index())
        {
            var study = new Study
            {
                Id = TestClinic.Numbered(0x1000 + first + i),
                PixelHash = $"{first + i}",
                ImageKey = "0",
                Width = 1,
                Height = 1,
                BitsStored = 8,
                PatientNumber = patient ?? $"P{first + i}",
            };
            ids.Add(study.Id);
            db.Studies.Add(study);
            if (version is { } id)
            {
                db.AddPrediction(study, id, score);
            }

            db.ReferenceFindings.Add(new()
            {
                StudyId = study.Id,
                Source = ReferenceSource.RtPcr,
                Result = isIll ? ReferenceResult.Positive : ReferenceResult.Negative,
                FoundOn = new(2026, 3, 1),
                EnteredByName = "lead",
            });
        }

        await db.SaveChangesAsync();
        return ids;
    }

    /// <summary>Evenly from the first to the last.</summary>
    public static IEnumerable<double> Even(int count, double first, double last) =>
        Enumerable.Range(0, count).Select(i => first + ((last - first) * i / Math.Max(1, count - 1)));
}
