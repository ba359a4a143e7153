using System.Diagnostics;
using System.Globalization;
using CovidCxr.Application.Agreement;
using CovidCxr.Domain.Studies;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Application.Tests.Agreement;

/// <summary>A hundred thousand studies with three readers each, before and after the model: what the dashboard takes is written to the output.</summary>
[Trait("Speed", "Slow")]
public sealed class AgreementScaleTests(ITestOutputHelper output) : IAsyncLifetime
{
    const int Studies = 100_000;

    readonly Clinic clinic = new();

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await using var db = clinic.Context();
        await db.Database.ExecuteSqlRawAsync(
            """
            INSERT INTO "ModelVersions" ("Id", "Number", "Name", "Architecture", "Sha256", "FileKey", "HeaderJson", "IsActive", "RegisteredAt")
            VALUES ('00000000-0000-7000-8000-000000000001', 1, 'm', 'resnet18', 'x', 'm', '{{}}', 0, 0);
            CREATE TEMP TABLE n AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {0}) SELECT i, (i * 7919 % 1009) / 1009.0 AS truth, (i * 104729 % 1013) / 1013.0 AS noise FROM n;
            INSERT INTO "Studies" ("Id", "PatientNumber", "Sex", "AgeYears", "View", "ReceivedAt", "UploadedBy", "PixelHash", "Width", "Height", "BitsStored", "ImageKey", "Status", "ReadCount")
            SELECT printf('00000000-0000-7000-8000-%012X', i), printf('P-%05d', (i * 31) % 60000), i % 3, (i * 17) % 100, 1 + i % 2, {1}, {2}, printf('%064x', i), 1024, 1024, 8, printf('%032x', i), 2, 3 FROM n;
            INSERT INTO "Predictions" ("Id", "StudyId", "ModelVersionId", "CreatedAt", "Classes", "Probabilities", "PositiveIndex", "Threshold", "PredictedIndex", "Elapsed", "Device", "HeatMaps", "MapWidth", "MapHeight")
            SELECT printf('00000000-0000-7000-9000-%012X', i), printf('00000000-0000-7000-8000-%012X', i), '00000000-0000-7000-8000-000000000001', {1}, '["Other","COVID-19"]',
              printf('[%.6f,%.6f]', 1 - (truth * 0.6 + noise * 0.4), truth * 0.6 + noise * 0.4), 1, 0.5, truth * 0.6 + noise * 0.4 >= 0.5, 0, 'cpu', zeroblob(6272), 28, 28 FROM n;
            INSERT INTO "ReferenceFindings" ("Id", "StudyId", "Source", "Result", "FoundOn", "EnteredBy", "EnteredByName", "EnteredAt", "IsImported")
            SELECT printf('00000000-0000-7000-A000-%012X', i), printf('00000000-0000-7000-8000-%012X', i), 0, truth < 0.5, '2026-02-01', {2}, 'lead', {1}, 1 FROM n WHERE i % 2 = 0;
            CREATE TEMP TABLE r AS SELECT 1 AS reader UNION ALL SELECT 2 UNION ALL SELECT 4;
            INSERT INTO "Readings" ("Id", "StudyId", "ReaderId", "Stage", "Opinion", "Confidence", "PredictionId", "CreatedAt", "SubmissionId")
            SELECT printf('%02X%02X0000-0000-7000-8000-%012X', stage, reader, i), printf('00000000-0000-7000-8000-%012X', i), printf('{3}%01X', reader), stage,
              CASE WHEN (truth + ((i * (reader * 37 + stage * 11) % 997) / 997.0 - 0.5) * 0.8 >= 0.5) THEN 0 ELSE 3 END, 1 + i % 5,
              CASE WHEN stage = 1 THEN printf('00000000-0000-7000-9000-%012X', i) END, {1} + i * 100000000 + stage, printf('%02X%02X0000-0000-7000-8001-%012X', stage, reader, i)
            FROM n, r, (SELECT 0 AS stage UNION ALL SELECT 1);
            """.Replace("{3}", $"{Clinic.Reader.UserId}"[..^1].ToUpperInvariant(), StringComparison.Ordinal),
            [Studies, clinic.Time.GetUtcNow().UtcTicks, Clinic.Reader.UserId], Cancellation);
    }

    public ValueTask DisposeAsync() => clinic.DisposeAsync();

    [Fact]
    public async Task RunAsync_OfAHundredThousandStudiesReadThreeTimes_AnswersAtOnceAfterTheFirst()
    {
        await TimeAsync("loading, nothing compared", new(From: new(2099, 1, 1)));
        var first = await TimeAsync("everything, first time", new());
        Assert.Equal((Studies, 3 * Studies), (first.Counts.Studies, first.Counts.Readings));
        var memory = GC.GetTotalMemory(forceFullCollection: true);
        output.WriteLine($"{memory / 1_000_000} MB held");

        await TimeAsync("one view, first time", new(View: ViewPosition.AP));
        await TimeAsync("one reader, first time", new(ReaderId: Clinic.OtherReader.UserId));
        var watch = Stopwatch.StartNew();
        await TimeAsync("again", new());
        await TimeAsync("one view, again", new(View: ViewPosition.AP));

        // A machine that does something else at the same time may take twice as long.
        Assert.InRange(watch.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(4));
        Assert.InRange(memory, 0, 500_000_000);
    }

    async Task<Comparison> TimeAsync(string what, AgreementFilter filter)
    {
        var (watch, cpu) = (Stopwatch.StartNew(), Environment.CpuUsage.TotalTime);
        var comparison = await clinic.Get<CompareReaders>().RunAsync(filter, Clinic.Lead, Cancellation);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what}: {watch.Elapsed.TotalSeconds:F2} s, {(Environment.CpuUsage.TotalTime - cpu).TotalSeconds:F2} s of processor time"));
        return comparison;
    }
}
