using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Testing;

/// <summary>A large clinic, to look at plans and to measure.</summary>
public static class ManyStudies
{
    /// <summary>Nine of ten unread; several studies of each moment, patient, age and probability, so that the id has to decide.</summary>
    public static Task AddAsync(CovidCxrDbContext db, int count, DateTimeOffset from, Guid uploadedBy) => db.Database.ExecuteSqlRawAsync(
        """
        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {0})
        INSERT INTO "Studies" ("Id", "PatientNumber", "Sex", "AgeYears", "View", "ReceivedAt", "UploadedBy", "PixelHash",
          "Width", "Height", "BitsStored", "ImageKey",
          "Status", "ReadCount", "PredictedClass", "Probability")
        SELECT printf('%08X-0000-7000-8000-%012X', (i * 7919) % {0}, i), printf('P-%05d', (i * 31) % 20000), 0,
          (i * 17) % 100, 1, {1} + (i / 3) * 600000000, {2},
          printf('%064x', i), 1024, 1024, 8, printf('%032x', i), 2, i % 10 = 0,
            CASE WHEN i % 4 = 0 THEN 'COVID-19' ELSE 'Unremarkable' END, (i * 37 % 1000) / 1000.0
        FROM n;
        """,
        [count, from.UtcTicks, uploadedBy]);
}
