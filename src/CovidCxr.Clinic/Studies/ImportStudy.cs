using System.Data.Common;
using System.Text.Json;
using CovidCxr.Clinic.Readings;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Domain.Studies;
using CovidCxr.Imaging.Decoding;
using CovidCxr.Imaging.Dicom;
using CovidCxr.Imaging.Preprocessing;
using CovidCxr.Learning.Duplicates;
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

    /// <summary>The file has a header that the person has not seen yet; nothing was stored.</summary>
    /// <param name="Header">What it says of the study.</param>
    /// <param name="Conflicts">What was typed otherwise, in words.</param>
    public sealed record Asked(StudyDetails Header, string? AccessionNumber, IReadOnlyList<string> Conflicts) : ImportStudyResult;

    /// <summary>
    /// The film may be another patient's than its number says; nothing was stored. Asked again with isConfirmed, a new film is stored
    /// under its number, and a known one stays as it is.
    /// </summary>
    /// <param name="StudyId">The study that the film is known as already; null for a new film.</param>
    /// <param name="Doubts">What speaks against it, a sentence each.</param>
    /// <param name="PatientNumber">The film's number as settled between file and person.</param>
    /// <param name="CopyOf">The study whose film a new film shows cropped, brightened or saved anew; null where there is none.</param>
    public sealed record Doubted(Guid? StudyId, IReadOnlyList<string> Doubts, string? PatientNumber, Guid? CopyOf = null)
        : ImportStudyResult
    {
        /// <summary>The doubts in general words, for those who may not see other films.</summary>
        public required IReadOnlyList<string> Kinds { get; init; }
    }

    /// <param name="Message">For the person who uploaded.</param>
    public sealed record Refused(string Message) : ImportStudyResult;
}

/// <summary>
/// Takes an uploaded file in: study, job and audit row in one transaction, so that after a crash all or none of it stands.
/// </summary>
public sealed class ImportStudy(
    IDbContextFactory<CovidCxrDbContext> contexts, IScanDecoder decoder, BlobStore blobs, DecodedScans scans, JobQueue jobs, AuditLog audit,
    FilmCopies copies, StudyChanges changes, TimeProvider time)
{
    const int MaxPatientNumber = 64, MaxAge = 130;
    const string InDoubt = "doubted";

    /// <param name="answer">Whose word counts where the file has a header of its own; without it such a file is asked about.</param>
    /// <param name="isConfirmed">A person has seen what speaks against the patient number.</param>
    public async Task<ImportStudyResult> RunAsync(
        byte[] content, StudyDetails details, Actor actor, CancellationToken cancellation, HeaderAnswer answer = HeaderAnswer.NotAsked,
        bool isConfirmed = false)
    {
        actor.Demand(Role.Radiologist);
        if (Check(details, time.GetUtcNow()) is { } objection)
        {
            return await RefuseAsync(objection, "details", actor);
        }

        var decoded = decoder.Decode(content, cancellation);
        if (decoded is DecodeResult.Refused refused)
        {
            return await RefuseAsync(refused.Message, refused.Reason.ToString(), actor);
        }

        var (image, format, header) = (DecodeResult.Decoded)decoded;
        var hash = image.PixelHash();
        var said = header is null ? details : HeaderFacts.Of(header);
        var isUnanswered = header is not null && answer is not (HeaderAnswer.File or HeaderAnswer.Typed);
        var conflicts = isUnanswered ? HeaderFacts.Conflicts(said, details) : [];
        var settled = answer == HeaderAnswer.Typed ? HeaderFacts.Over(details, said) : HeaderFacts.Over(said, details);
        // Whoever says that the header is another patient's does not want that one's day of birth.
        var film = ToParticulars(settled, answer == HeaderAnswer.Typed ? null : header?.BirthDate);
        if (conflicts.Count == 0 && await FindAsync(hash, cancellation) is { } known)
        {
            return await KnownAsync(known, film, isConfirmed, actor, cancellation);
        }

        if (isUnanswered)
        {
            return new ImportStudyResult.Asked(said, header!.AccessionNumber, conflicts);
        }

        return Check(settled, time.GetUtcNow()) is { } wrong
            ? await RefuseAsync(wrong, "details", actor)
            : await StoreAsync(
                new(WithoutWords(content, format, hash, cancellation), image, hash, film, header, answer), isConfirmed, actor,
                cancellation);
    }

    // What a file says besides its pixels may name a patient, and nobody asked for it. Where the pixels would come out otherwise, as those
    // of a photograph that says which way is up, the file stays as it is.
    byte[] WithoutWords(byte[] content, ScanFormat format, string hash, CancellationToken cancellation) =>
        FilmMetadata.Without(content, format) is { } stripped
        && decoder.Decode(stripped, cancellation) is DecodeResult.Decoded { Image: var image } && image.PixelHash() == hash
            ? stripped
            : content;

    /// <param name="Film">As settled between header and uploader.</param>
    sealed record Arrival(
        byte[] Content, GreyImage Image, string Hash, StudyParticulars Film, DicomHeader? Header, HeaderAnswer Answer);

    static StudyParticulars ToParticulars(StudyDetails details, DateOnly? birthDate) =>
        new(Normalise(details.PatientNumber), details.Sex, birthDate, details.AgeYears, details.View, details.AcquiredOn);

    async Task<ImportStudyResult> RefuseAsync(string message, string detail, Actor actor)
    {
        await audit.RecordAsync(actor, AuditAction.StudyUpload, AuditOutcome.Refused, detail: detail);
        return new ImportStudyResult.Refused(message);
    }

    async Task<ImportStudyResult> KnownAsync(
        Study known, StudyParticulars film, bool isConfirmed, Actor actor, CancellationToken cancellation)
    {
        if (!isConfirmed && await DoubtsAsync(known, film, cancellation) is [_, ..] doubts)
        {
            // What is asked tells of other films.
            await audit.RecordAsync(actor, AuditAction.StudyUpload, AuditOutcome.Refused, known.Id, InDoubt);
            return Doubted(known.Id, doubts, film.PatientNumber);
        }

        await audit.RecordAsync(actor, AuditAction.StudyUpload, AuditOutcome.Succeeded, known.Id, Detail("duplicate", isConfirmed));
        return new ImportStudyResult.Duplicate(known.Id);
    }

    static ImportStudyResult.Doubted Doubted(Guid? known, IReadOnlyList<Doubt> doubts, string? patientNumber, Guid? copyOf = null) =>
        new(known, [.. doubts.Select(d => d.Words)], patientNumber, copyOf) { Kinds = [.. doubts.Select(d => d.Kind).Distinct()] };

    // That it is the same film was seen in its pixels; the question is whose it is.
    async Task<IReadOnlyList<Doubt>> DoubtsAsync(Study known, StudyParticulars film, CancellationToken cancellation)
    {
        if (known.IsWithdrawn)
        {
            await using var db = await contexts.CreateDbContextAsync(cancellation);
            var changes = await db.StudyChanges.AsNoTracking().Where(c => c.StudyId == known.Id).ToListAsync(cancellation);
            var why = changes.Where(c => c.Kind == StudyChangeKind.Withdraw).MaxBy(c => c.Id);
            return [new("The film was withdrawn.", $"This film was withdrawn by {why?.ChangedByName}: {why?.Reason}")];
        }

        Doubt[] number = film.PatientNumber is null
            || film.PatientNumber.Equals(known.PatientNumber, StringComparison.OrdinalIgnoreCase)
                ? []
                : [new(
                    "The same film stands under another patient number.",
                    $"The same film stands under {known.PatientNumber ?? "no patient number"}, and {film.PatientNumber} was given now.")];
        return [.. number, .. PatientDoubts.Between(film, time.GetUtcNow(), StudyParticulars.Of(known), known.ReceivedAt)];
    }

    async Task<ImportStudyResult> StoreAsync(Arrival arrival, bool isConfirmed, Actor actor, CancellationToken cancellation)
    {
        var key = await blobs.SaveAsync(arrival.Content, cancellation);
        var (image, header, answer) = (arrival.Image, arrival.Header, arrival.Answer);
        var statistics = ImageStatistics.Of(image);
        var look = FilmAppearance.Of(image, arrival.Hash);
        var study = new Study
        {
            Laterality = header?.Laterality,
            BodyPart = header?.BodyPart,
            Modality = header?.Modality,
            PresentationIntent = header?.PresentationIntent,
            AccessionNumber = header?.AccessionNumber,
            DicomStudyUid = header?.StudyUid,
            DicomSeriesUid = header?.SeriesUid,
            DicomInstanceUid = header?.InstanceUid,
            ReceivedAt = time.GetUtcNow(),
            UploadedBy = actor.UserId,
            PixelHash = arrival.Hash,
            Width = image.Width,
            Height = image.Height,
            BitsStored = image.BitsStored,
            MeanIntensity = statistics.Mean,
            IntensityDeviation = statistics.Deviation,
            ImageKey = key,
        };
        arrival.Film.ApplyTo(study);
        try
        {
            // Once the file is stored the rows follow, even where the uploader hangs up: no file without a study.
            await using var db = await contexts.CreateDbContextAsync(CancellationToken.None);
            await copies.CatchUpAsync(db, CancellationToken.None);
            // Whoever stores a film of this number at the same moment is waited for, and asked about.
            await using var transaction = await db.Database.BeginTransactionAsync(CancellationToken.None);
            study.CopyOf = await copies.FindAsync(db, look, CancellationToken.None);
            if (!isConfirmed && await DoubtsAsync(db, study, arrival.Film) is [_, ..] doubts)
            {
                audit.AddTo(db, actor, AuditAction.StudyUpload, AuditOutcome.Refused, study.CopyOf, InDoubt);
                await db.SaveChangesAsync(CancellationToken.None);
                await transaction.CommitAsync(CancellationToken.None);
                blobs.Delete(key);
                return Doubted(null, doubts, arrival.Film.PatientNumber, study.CopyOf);
            }

            db.Studies.Add(study);
            db.StudyAppearances.Add(FilmCopies.Describe(study.Id, image, look));
            if (study.CopyOf is { } original)
            {
                await Disclosures.CarryAsync(db, study.Id, original, CancellationToken.None);
            }

            jobs.AddTo(db, AnalyseStudy.JobKind, JsonSerializer.Serialize(new AnalyseStudy.Payload(study.Id)));
            audit.AddTo(
                db, actor, AuditAction.StudyUpload, AuditOutcome.Succeeded, study.Id,
                Detail(
                    header is null ? null : answer == HeaderAnswer.Typed ? "as typed" : "as the file says", isConfirmed, study.CopyOf));
            scans.Put(key, image);
            await db.SaveChangesAsync(CancellationToken.None);
            await transaction.CommitAsync(CancellationToken.None);
        }
        catch (Exception e) when (e is DbUpdateException or DbException)
        {
            scans.Take(key);
            blobs.Delete(key);
            // The same image twice at the same time: the index let one of them in.
            return await FindAsync(arrival.Hash, CancellationToken.None) is { } winner
                ? await KnownAsync(winner, arrival.Film, isConfirmed, actor, CancellationToken.None)
                : throw new IOException("The study could not be stored.");
        }

        jobs.Wake(AnalyseStudy.JobKind);
        changes.Publish(study.Id);
        return new ImportStudyResult.Imported(study.Id);
    }

    static async Task<IReadOnlyList<Doubt>> DoubtsAsync(CovidCxrDbContext db, Study study, StudyParticulars film)
    {
        List<Doubt> doubts = [.. await PatientDoubts.OfAsync(db, film, study.ReceivedAt, [], CancellationToken.None)];
        if (study.CopyOf is { } id)
        {
            var original = await db.AllStudies.AsNoTracking().SingleAsync(s => s.Id == id, CancellationToken.None);
            doubts.Add(new(
                "It shows the same film as a known one.",
                FormattableString.Invariant(
                    $"It shows the same film as one under {original.PatientNumber ?? "no patient number"}, received on ")
                    + FormattableString.Invariant($"{original.ReceivedAt:yyyy-MM-dd}: cropped, brightened, resized or saved anew.")));
        }

        return doubts;
    }

    static string? Detail(string? word, bool isConfirmed, Guid? copyOf = null) =>
        string.Join(
            ", ",
            new[] { word, isConfirmed ? "confirmed against doubts" : null, copyOf is { } id ? $"copy of {id}" : null }.OfType<string>())
            is { Length: > 0 } detail
            ? detail
            : null;

    async Task<Study?> FindAsync(string hash, CancellationToken cancellation)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        return await db.AllStudies.AsNoTracking().SingleOrDefaultAsync(s => s.PixelHash == hash, cancellation);
    }

    /// <summary>Why these details cannot be a film's; null where they can.</summary>
    internal static string? Check(StudyDetails details, DateTimeOffset now) => details switch
    {
        _ when !Enum.IsDefined(details.Sex) || !Enum.IsDefined(details.View) => "The sex or the view is not one of the list.",
        // A day more, for those who live ahead of UTC.
        { AcquiredOn: { } day } when day > DateOnly.FromDateTime(now.UtcDateTime).AddDays(1) => "The date of the X-ray lies in the future.",
        { AgeYears: < 0 or > MaxAge } => $"The age must be 0 to {MaxAge} years.",
        _ when Normalise(details.PatientNumber) is { } number && (number.Length > MaxPatientNumber || number.Any(char.IsControl)) =>
            $"The patient number must have at most {MaxPatientNumber} printable characters.",
        _ => null,
    };

    internal static string? Normalise(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();
}
