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

/// <summary>
/// Takes an uploaded file in: study, job and audit row in one transaction, so that after a crash all or none of it stands. A DICOM file of
/// a study that is here already becomes an image of that one (<see cref="VisitImages"/>).
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
        return await TakeAsync(content, details, visit: null, answer, isConfirmed, actor, cancellation);
    }

    /// <param name="visit">The study that a person adds it to; null to be told by the file.</param>
    internal async Task<ImportStudyResult> TakeAsync(
        byte[] content, StudyDetails details, Guid? visit, HeaderAnswer answer, bool isConfirmed, Actor actor,
        CancellationToken cancellation)
    {
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
            return await KnownAsync(known, film, details.Urgency, isConfirmed, actor, cancellation);
        }

        if (isUnanswered)
        {
            return new ImportStudyResult.Asked(said, header!.AccessionNumber, conflicts);
        }

        return Check(settled, time.GetUtcNow()) is { } wrong
            ? await RefuseAsync(wrong, "details", actor)
            : await StoreAsync(
                new(WithoutWords(content, format, hash, cancellation), image, hash, film, details.Urgency, header, answer, visit),
                isConfirmed, actor, cancellation);
    }

    // What a file says besides its pixels may name a patient, and nobody asked for it. Where the pixels would come out otherwise, as those
    // of a photograph that says which way is up, the file stays as it is.
    byte[] WithoutWords(byte[] content, ScanFormat format, string hash, CancellationToken cancellation) =>
        FilmMetadata.Without(content, format) is { } stripped
        && decoder.Decode(stripped, cancellation) is DecodeResult.Decoded { Image: var image } && image.PixelHash() == hash
            ? stripped
            : content;

    /// <param name="Film">As settled between header and uploader.</param>
    /// <param name="Visit">The study that a person adds it to.</param>
    sealed record Arrival(
        byte[] Content, GreyImage Image, string Hash, StudyParticulars Film, UrgencyReason? Urgency, DicomHeader? Header,
        HeaderAnswer Answer, Guid? Visit);

    static StudyParticulars ToParticulars(StudyDetails details, DateOnly? birthDate) =>
        new(Normalise(details.PatientNumber), details.Sex, birthDate, details.AgeYears, details.View, details.AcquiredOn);

    async Task<ImportStudyResult> RefuseAsync(string message, string detail, Actor actor)
    {
        await audit.RecordAsync(actor, AuditAction.StudyUpload, AuditOutcome.Refused, detail: detail);
        return new ImportStudyResult.Refused(message);
    }

    async Task<ImportStudyResult> KnownAsync(
        Study known, StudyParticulars film, UrgencyReason? urgency, bool isConfirmed, Actor actor, CancellationToken cancellation)
    {
        if (!isConfirmed && await DoubtsAsync(known, film, cancellation) is [_, ..] doubts)
        {
            // What is asked tells of other films.
            await audit.RecordAsync(actor, AuditAction.StudyUpload, AuditOutcome.Refused, known.Id, InDoubt);
            return Doubted(known.Id, doubts, film.PatientNumber);
        }

        await audit.RecordAsync(actor, AuditAction.StudyUpload, AuditOutcome.Succeeded, known.Id, Detail("duplicate", isConfirmed));
        if (urgency is not null)
        {
            await MarkAsync(known.Id, urgency, actor, cancellation);
        }

        return new ImportStudyResult.Duplicate(known.Id);
    }

    // Whoever uploads a film as urgent means the film, whoever sent it first. A reason that stands already stays.
    async Task MarkAsync(Guid id, UrgencyReason? urgency, Actor actor, CancellationToken cancellation)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        if (await db.Studies.SingleOrDefaultAsync(s => s.Id == id, cancellation) is not { Urgency: null } study)
        {
            return;
        }

        study.Urgency = urgency;
        AddUrgency(db, study, actor);
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        changes.Publish(id);
    }

    void AddUrgency(CovidCxrDbContext db, Study study, Actor actor) => audit.AddTo(
        db, actor, AuditAction.StudyUrgency, AuditOutcome.Succeeded, study.Id, "at the upload", StudyMarks.Words(null),
        StudyMarks.Words(study.Urgency));

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
        ImportStudyResult? stored = null;
        try
        {
            stored = await StoreRowsAsync(ToStudy(arrival, key, actor), arrival, isConfirmed, actor);
        }
        catch (Exception e) when (e is DbUpdateException or DbException)
        {
            // The same image twice at the same time: the index let one of them in.
        }

        if (stored is ImportStudyResult.Imported imported)
        {
            jobs.Wake(AnalyseStudy.JobKind);
            changes.Publish(imported.StudyId);
            return imported;
        }

        scans.Take(key);
        blobs.Delete(key);
        return stored
            ?? (await FindAsync(arrival.Hash, CancellationToken.None) is { } winner
                ? await KnownAsync(winner, arrival.Film, arrival.Urgency, isConfirmed, actor, CancellationToken.None)
                : throw new IOException("The study could not be stored."));
    }

    Study ToStudy(Arrival arrival, string key, Actor actor)
    {
        var (image, header, statistics) = (arrival.Image, arrival.Header, ImageStatistics.Of(arrival.Image));
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
        return study;
    }

    /// <param name="film">As a study of its own.</param>
    /// <returns>Null where the same image was stored a moment ago.</returns>
    async Task<ImportStudyResult?> StoreRowsAsync(Study film, Arrival arrival, bool isConfirmed, Actor actor)
    {
        var look = FilmAppearance.Of(arrival.Image, arrival.Hash);
        // Once the file is stored the rows follow, even where the uploader hangs up: no file without a study.
        await using var db = await contexts.CreateDbContextAsync(CancellationToken.None);
        await copies.CatchUpAsync(db, CancellationToken.None);
        // Whoever stores a film of this number at the same moment is waited for, and asked about.
        await using var transaction = await db.Database.BeginTransactionAsync(CancellationToken.None);
        if (await VisitImages.FindByPixelsAsync(db, arrival.Hash, CancellationToken.None) is not null)
        {
            return null;
        }

        var visit = await VisitImages.FindStudyAsync(db, film, arrival.Visit, CancellationToken.None);
        film.CopyOf = await copies.FindAsync(db, look, CancellationToken.None);
        if (await RefusalAsync(db, film, visit, arrival, isConfirmed, actor) is { } refused)
        {
            await db.SaveChangesAsync(CancellationToken.None);
            await transaction.CommitAsync(CancellationToken.None);
            return refused;
        }

        var joined = visit is null ? null : await VisitImages.JoinAsync(db, visit, film, time.GetUtcNow(), CancellationToken.None);
        var study = visit ?? db.Studies.Add(film).Entity;
        db.StudyAppearances.Add(FilmCopies.Describe(study.Id, joined?.ImageId, arrival.Image, look));
        if (joined?.ImageId is null)
        {
            await AnalyseAsync(db, study, arrival.Image, isQueued: joined?.IsQueued == true);
        }

        audit.AddTo(
            db, actor, AuditAction.StudyUpload, AuditOutcome.Succeeded, study.Id,
            Detail(
                arrival.Header is null ? null : arrival.Answer == HeaderAnswer.Typed ? "as typed" : "as the file says", isConfirmed,
                film.CopyOf, joined?.Detail));
        if (arrival.Urgency is not null && study.Urgency is null)
        {
            study.Urgency = arrival.Urgency;
            AddUrgency(db, study, actor);
        }

        await db.SaveChangesAsync(CancellationToken.None);
        await transaction.CommitAsync(CancellationToken.None);
        return new ImportStudyResult.Imported(study.Id, joined?.Words);
    }

    /// <param name="isQueued">A job that has not begun looks at whatever is the principal image then.</param>
    async Task AnalyseAsync(CovidCxrDbContext db, Study study, GreyImage image, bool isQueued)
    {
        if (study.CopyOf is { } original)
        {
            await Disclosures.CarryAsync(db, study.Id, original, CancellationToken.None);
        }

        if (!isQueued)
        {
            jobs.AddTo(db, AnalyseStudy.JobKind, JsonSerializer.Serialize(new AnalyseStudy.Payload(study.Id)));
        }

        scans.Put(study.ImageKey, image);
    }

    /// <summary>Null where it may be stored; what is said instead is in the audit trail, yet to be saved.</summary>
    async Task<ImportStudyResult?> RefusalAsync(
        CovidCxrDbContext db, Study film, Study? visit, Arrival arrival, bool isConfirmed, Actor actor)
    {
        if (arrival.Visit is { } asked && await VisitImages.RefusalAsync(db, asked, actor, CancellationToken.None) is { } words)
        {
            audit.AddTo(db, actor, AuditAction.StudyUpload, AuditOutcome.Refused, visit?.Id, words);
            return new ImportStudyResult.Refused(words);
        }

        if (isConfirmed || await DoubtsAsync(db, film, visit, arrival.Film) is not [_, ..] doubts)
        {
            return null;
        }

        audit.AddTo(db, actor, AuditAction.StudyUpload, AuditOutcome.Refused, film.CopyOf, InDoubt);
        return Doubted(null, doubts, arrival.Film.PatientNumber, film.CopyOf);
    }

    static async Task<IReadOnlyList<Doubt>> DoubtsAsync(CovidCxrDbContext db, Study study, Study? visit, StudyParticulars film)
    {
        List<Doubt> doubts = [.. await PatientDoubts.OfAsync(db, film, study.ReceivedAt, [], CancellationToken.None)];
        if (visit?.DicomStudyUid is { } uid && study.DicomStudyUid is { } other && uid != other)
        {
            doubts.Add(new("The file is of another examination.", "By its DICOM study UID the file is of another examination."));
        }

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

    static string? Detail(string? word, bool isConfirmed, Guid? copyOf = null, string? joined = null) =>
        string.Join(
            ", ",
            new[] { word, isConfirmed ? "confirmed against doubts" : null, copyOf is { } id ? $"copy of {id}" : null, joined }
                .OfType<string>()) is { Length: > 0 } detail
            ? detail
            : null;

    async Task<Study?> FindAsync(string hash, CancellationToken cancellation)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        return await VisitImages.FindByPixelsAsync(db, hash, cancellation);
    }

    /// <summary>Why these details cannot be a film's; null where they can.</summary>
    internal static string? Check(StudyDetails details, DateTimeOffset now) => details switch
    {
        _ when !Enum.IsDefined(details.Sex) || !Enum.IsDefined(details.View) => "The sex or the view is not one of the list.",
        { Urgency: { } reason } when !Enum.IsDefined(reason) => StudyMarks.NoSuchReason,
        // A day more, for those who live ahead of UTC.
        { AcquiredOn: { } day } when day > DateOnly.FromDateTime(now.UtcDateTime).AddDays(1) => "The date of the X-ray lies in the future.",
        { AgeYears: < 0 or > MaxAge } => $"The age must be 0 to {MaxAge} years.",
        _ when Normalise(details.PatientNumber) is { } number && (number.Length > MaxPatientNumber || number.Any(char.IsControl)) =>
            $"The patient number must have at most {MaxPatientNumber} printable characters.",
        _ => null,
    };

    internal static string? Normalise(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();
}
