using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Testing;

/// <summary>A large clinic, to look at plans and to measure.</summary>
public static class ManyStudies
{
    /// <summary>
    /// Nine of ten unread, one of 500 urgent, a third of two people's; several studies of each moment, patient, age and probability, so
    /// that the id has to decide.
    /// </summary>
    public static Task AddAsync(CovidCxrDbContext db, int count, DateTimeOffset from, Guid uploadedBy) => db.Database.ExecuteSqlRawAsync(
        db.IsPostgreSql ? PostgreSql : Sqlite, [count, from.UtcTicks, uploadedBy]);

    const string Sqlite =
        """
        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {0})
        INSERT INTO "Studies" ("Id", "PatientNumber", "Sex", "AgeYears", "View", "ReceivedAt", "UploadedBy", "PixelHash",
          "Width", "Height", "BitsStored", "ImageKey",
          "Status", "ReadCount", "PredictedClass", "Probability", "Urgency", "AssignedTo")
        SELECT printf('%08X-0000-7000-8000-%012X', (i * 7919) % {0}, i), printf('P-%05d', (i * 31) % 20000), 0,
          (i * 17) % 100, 1, {1} + (i / 3) * 600000000, {2},
          printf('%064x', i), 1024, 1024, 8, printf('%032x', i), 2, i % 10 = 0,
            CASE WHEN i % 4 = 0 THEN 'COVID-19' ELSE 'Unremarkable' END, (i * 37 % 1000) / 1000.0,
            CASE WHEN i % 499 = 0 THEN i % 5 END,
            CASE i % 6 WHEN 0 THEN {2} WHEN 1 THEN '0198F000-0000-7000-8000-000000000002' END
        FROM n;
        """;

    const string PostgreSql =
        """
        INSERT INTO "Studies" ("Id", "PatientNumber", "Sex", "AgeYears", "View", "ReceivedAt", "UploadedBy", "PixelHash",
          "Width", "Height", "BitsStored", "ImageKey", "IsWithdrawn",
          "Status", "ReadCount", "PredictedClass", "Probability", "Urgency", "AssignedTo")
        SELECT (lpad(to_hex((i * 7919::bigint) % {0}), 8, '0') || '-0000-7000-8000-' || lpad(to_hex(i), 12, '0'))::uuid,
          'P-' || lpad(((i * 31) % 20000)::text, 5, '0'), 0, (i * 17) % 100, 1, {1} + (i / 3) * 600000000::bigint, {2},
          lpad(to_hex(i), 64, '0'), 1024, 1024, 8, lpad(to_hex(i), 32, '0'), FALSE, 2, CASE WHEN i % 10 = 0 THEN 1 ELSE 0 END,
            CASE WHEN i % 4 = 0 THEN 'COVID-19' ELSE 'Unremarkable' END, (i * 37 % 1000) / 1000.0,
            CASE WHEN i % 499 = 0 THEN i % 5 END,
            CASE i % 6 WHEN 0 THEN {2} WHEN 1 THEN '0198F000-0000-7000-8000-000000000002'::uuid END
        FROM generate_series(1, {0}) AS i;
        """;
}
