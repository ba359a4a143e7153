using System.Data.Common;
using System.Text.Json;
using CovidCxr.Clinic.Readings;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Domain.Studies;
using CovidCxr.Imaging.Decoding;
using CovidCxr.Imaging.Preprocessing;
using CovidCxr.Platform.Audit;
using CovidCxr.Platform.Jobs;
using CovidCxr.Storage;
using CovidCxr.Storage.Files;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Clinic.Studies;

/// <summary>What the uploader typed; all of it may be left out.</summary>
public sealed record StudyDetails(
    string? PatientNumber = null, Sex Sex = Sex.Unknown, int? AgeYears = null, DateOnly? AcquiredOn = null,
    ViewPosition View = ViewPosition.Unknown);

public abstract record ImportStudyResult
{
    private ImportStudyResult()
    {
    }

    public sealed record Imported(Guid StudyId) : ImportStudyResult;

    /// <summary>The same pixels are known already; nothing was stored.</summary>
    public sealed record Duplicate(Guid StudyId) : ImportStudyResult;

    /// <param name="Message">For the person who uploaded.</param>
    public sealed record Refused(string Message) : ImportStudyResult;
}

/// <summary>
/// Takes an uploaded file in: study, job and audit row in one transaction, so that after a crash all or none of it stands.
/// </summary>
public sealed class ImportStudy(
    IDbContextFactory<CovidCxrDbContext> contexts, ScanDecoder decoder, BlobStore blobs, DecodedScans scans, JobQueue jobs, AuditLog audit,
    StudyChanges changes, TimeProvider time)
{
    const int MaxPatientNumber = 64, MaxAge = 130;

    public async Task<ImportStudyResult> RunAsync(byte[] content, StudyDetails details, Actor actor, CancellationToken cancellation)
    {
        actor.Demand(Role.Radiologist);
        if (Check(details, time.GetUtcNow()) is { } objection)
        {
            await audit.RecordAsync(actor, AuditAction.StudyUpload, AuditOutcome.Refused, detail: "details");
            return new ImportStudyResult.Refused(objection);
        }

        var decoded = decoder.Decode(content);
        if (decoded is DecodeResult.Refused refused)
        {
            await audit.RecordAsync(actor, AuditAction.StudyUpload, AuditOutcome.Refused, detail: refused.Reason.ToString());
            return new ImportStudyResult.Refused(refused.Message);
        }

        var image = ((DecodeResult.Decoded)decoded).Image;
        var hash = image.PixelHash();
        return await FindAsync(hash, cancellation) is { } known
            ? await KnownAsync(known, actor)
            : await StoreAsync(content, image, hash, details, actor, cancellation);
    }

    async Task<ImportStudyResult> KnownAsync(Guid studyId, Actor actor)
    {
        await audit.RecordAsync(actor, AuditAction.StudyUpload, AuditOutcome.Succeeded, studyId, "duplicate");
        return new ImportStudyResult.Duplicate(studyId);
    }

    async Task<ImportStudyResult> StoreAsync(
        byte[] content, GreyImage image, string hash, StudyDetails details, Actor actor, CancellationToken cancellation)
    {
        var key = await blobs.SaveAsync(content, cancellation);
        var statistics = ImageStatistics.Of(image);
        var study = new Study
        {
            PatientNumber = Normalise(details.PatientNumber),
            Sex = details.Sex,
            AgeYears = details.AgeYears,
            AcquiredOn = details.AcquiredOn,
            View = details.View,
            ReceivedAt = time.GetUtcNow(),
            UploadedBy = actor.UserId,
            PixelHash = hash,
            Width = image.Width,
            Height = image.Height,
            BitsStored = image.BitsStored,
            MeanIntensity = statistics.Mean,
            IntensityDeviation = statistics.Deviation,
            ImageKey = key,
        };
        try
        {
            // Once the file is stored the rows follow, even where the uploader hangs up: no file without a study.
            await using var db = await contexts.CreateDbContextAsync(CancellationToken.None);
            db.Studies.Add(study);
            jobs.AddTo(db, AnalyseStudy.JobKind, JsonSerializer.Serialize(new AnalyseStudy.Payload(study.Id)));
            audit.AddTo(db, actor, AuditAction.StudyUpload, AuditOutcome.Succeeded, study.Id);
            scans.Put(key, image);
            await db.SaveChangesAsync(CancellationToken.None);
        }
        catch (Exception e) when (e is DbUpdateException or DbException)
        {
            scans.Take(key);
            blobs.Delete(key);
            // The same image twice at the same time: the index let one of them in.
            return await FindAsync(hash, CancellationToken.None) is { } winner
                ? await KnownAsync(winner, actor)
                : throw new IOException("The study could not be stored.");
        }

        jobs.Wake(AnalyseStudy.JobKind);
        changes.Publish(study.Id);
        return new ImportStudyResult.Imported(study.Id);
    }

    async Task<Guid?> FindAsync(string hash, CancellationToken cancellation)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        return await db.Studies.Where(s => s.PixelHash == hash).Select(s => (Guid?)s.Id).SingleOrDefaultAsync(cancellation);
    }

    static string? Check(StudyDetails details, DateTimeOffset now) => details switch
    {
        _ when !Enum.IsDefined(details.Sex) || !Enum.IsDefined(details.View) => "The sex or the view is not one of the list.",
        // A day more, for those who live ahead of UTC.
        { AcquiredOn: { } day } when day > DateOnly.FromDateTime(now.UtcDateTime).AddDays(1) => "The date of the X-ray lies in the future.",
        { AgeYears: < 0 or > MaxAge } => $"The age must be 0 to {MaxAge} years.",
        _ when Normalise(details.PatientNumber) is { } number && (number.Length > MaxPatientNumber || number.Any(char.IsControl)) =>
            $"The patient number must have at most {MaxPatientNumber} printable characters.",
        _ => null,
    };

    static string? Normalise(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();
}
