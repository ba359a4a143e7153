using CovidCxr.Clinic.Studies;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Domain.Hospital;
using CovidCxr.Domain.Studies;
using CovidCxr.Imaging.Decoding;
using CovidCxr.Imaging.Dicom;
using CovidCxr.Platform.Audit;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace CovidCxr.Hospital.Inbox;

/// <summary>
/// Files one received object as an upload with its header's facts. Nobody can be asked at that moment: what contradicts what is known stays
/// in quarantine as a question. A kill at any place changes nothing, for the next start does it again with the same result.
/// </summary>
public sealed class FileReceived(
    IDbContextFactory<CovidCxrDbContext> contexts, ReceivedFiles files, ImportStudy import, IScanDecoder decoder,
    IOptions<ImagingOptions> imaging, AuditLog audit, TimeProvider time)
{
    /// <summary>Who uploads what was received; signs in nowhere.</summary>
    public static readonly Guid UploaderId = Guid.Parse("0198f000-d1c0-7000-8000-000000000001");

    /// <summary>Then an object goes into quarantine that ends its filing each time, or the whole program.</summary>
    public const int MaxAttempts = 5;

    public async Task RunAsync(Guid id, CancellationToken cancellation)
    {
        ReceivedObject? received;
        await using (var db = await contexts.CreateDbContextAsync(cancellation))
        {
            received = await db.ReceivedObjects.AsNoTracking().SingleOrDefaultAsync(r => r.Id == id, cancellation);
            await db.ReceivedObjects.Where(r => r.Id == id)
                .ExecuteUpdateAsync(s => s.SetProperty(r => r.Attempts, r => r.Attempts + 1), cancellation);
        }

        if (received is { State: ReceivedState.Waiting })
        {
            await SettleAsync(received, received.Attempts < MaxAttempts
                ? await JudgeAsync(received, cancellation)
                : new(ReceivedState.Refused, $"It could not be filed in {MaxAttempts} attempts; the program's log says why."));
        }
    }

    /// <summary>It was not this object's fault.</summary>
    internal async Task ForgiveAsync(Guid id, CancellationToken cancellation)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        await db.ReceivedObjects.Where(r => r.Id == id).ExecuteUpdateAsync(s => s.SetProperty(r => r.Attempts, 0), cancellation);
    }

    async Task<Outcome> JudgeAsync(ReceivedObject received, CancellationToken cancellation)
    {
        var path = files.PathOf(received.Id);
        if (!File.Exists(path))
        {
            return new(ReceivedState.Refused, "Its file is gone from the data folder.");
        }

        if (received.Bytes > imaging.Value.MaxFileBytes)
        {
            return new(ReceivedState.Refused, $"The file is larger than {imaging.Value.MaxFileMegabytes} MB.");
        }

        var bytes = await File.ReadAllBytesAsync(path, cancellation);
        if (DicomObject.Read(bytes, imaging.Value.LargestDataSet) is not { } sent)
        {
            return new(ReceivedState.Refused, "The file is damaged.");
        }

        (received.InstanceUid, received.Sha256) = (sent.Header.InstanceUid, sent.DataSetSha256);
        return await KnownAsync(received, bytes, cancellation)
            ?? (received.IsConfirmed ? null : await ContradictionAsync(sent.Header, cancellation))
            ?? await ImportAsync(received, bytes, sent.Header, cancellation);
    }

    /// <summary>What is here already under the same UID or with the same bytes.</summary>
    async Task<Outcome?> KnownAsync(ReceivedObject received, byte[] bytes, CancellationToken cancellation)
    {
        var (id, uid, hash) = (received.Id, received.InstanceUid, received.Sha256);
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        var earlier = await db.ReceivedObjects
            .Where(r => r.Id != id && r.State != ReceivedState.Waiting && r.State != ReceivedState.Discarded)
            .Where(r => r.Sha256 == hash || (uid != null && r.InstanceUid == uid))
            .OrderBy(r => r.Id).Select(r => new { r.Id, r.State, r.Sha256, r.StudyId }).ToListAsync(cancellation);
        // Nobody can file any more what lost its file; it must not keep out what comes again.
        earlier.RemoveAll(r => r.State is ReceivedState.Question or ReceivedState.Refused && !File.Exists(files.PathOf(r.Id)));
        // One that was known from quarantine alone has no study, and must not make the object there superfluous.
        if (earlier.FirstOrDefault(r => r.Sha256 == hash && r.StudyId != null && r.State is ReceivedState.Filed or ReceivedState.Known)
            is { } same)
        {
            return new(ReceivedState.Known, "The same object was received before.", same.StudyId);
        }

        if (earlier.Any(r => r.Sha256 == hash && r.State is ReceivedState.Question or ReceivedState.Refused))
        {
            return new(ReceivedState.Known, "The same object is in quarantine already.");
        }

        if (earlier.FirstOrDefault(r => r.Sha256 != hash && r.State != ReceivedState.Refused) is { } other)
        {
            return new(ReceivedState.Question, "An object with the same UID and other contents was received before.", other.StudyId);
        }

        // One that was uploaded by hand: the pixels decide whether it is the same.
        return uid is not null
            && await db.Studies.Where(s => s.DicomInstanceUid == uid).Select(s => new { s.Id, s.PixelHash })
                .Concat(
                    from i in db.StudyImages
                    where i.DicomInstanceUid == uid && db.Studies.Any(s => s.Id == i.StudyId)
                    select new { Id = i.StudyId, i.PixelHash })
                .FirstOrDefaultAsync(cancellation) is { } study
            && decoder.Decode(bytes, cancellation) is DecodeResult.Decoded { Image: var image }
            && image.PixelHash() != study.PixelHash
                ? new(ReceivedState.Question, "A study with the same UID and another picture is here already.", study.Id)
                : null;
    }

    async Task<Outcome?> ContradictionAsync(DicomHeader header, CancellationToken cancellation)
    {
        if (header.PatientId is not { } number)
        {
            return null;
        }

        var facts = HeaderFacts.Of(header).Sex;
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        var others = await db.Studies.Where(s => s.PatientNumber == number)
            .Where(s => (facts != Sex.Unknown && s.Sex != Sex.Unknown && s.Sex != facts)
                || (header.BirthDate != null && s.BirthDate != null && s.BirthDate != header.BirthDate))
            .OrderByDescending(s => s.ReceivedAt).Select(s => new { s.Id, s.Sex, s.BirthDate }).FirstOrDefaultAsync(cancellation);
        return others is null ? null : new(
            ReceivedState.Question,
            $"The patient number is known with another {(others.Sex != Sex.Unknown && facts != Sex.Unknown && others.Sex != facts
                ? others.BirthDate is not null && header.BirthDate is not null && others.BirthDate != header.BirthDate
                    ? "sex and another day of birth" : "sex"
                : "day of birth")}.",
            others.Id);
    }

    async Task<Outcome> ImportAsync(ReceivedObject received, byte[] bytes, DicomHeader header, CancellationToken cancellation)
    {
        var actor = new Actor(UploaderId, $"DICOM from {received.CallingAe}", new HashSet<string> { Role.Radiologist });
        return await import.RunAsync(bytes, new(), actor, cancellation, HeaderAnswer.File, received.IsConfirmed) switch
        {
            ImportStudyResult.Imported imported => new(ReceivedState.Filed, imported.Joined, imported.StudyId),
            ImportStudyResult.Duplicate known => await DuplicateAsync(received, known.StudyId, header, cancellation),
            // Its sentences hold a patient's data, and a reason is without.
            ImportStudyResult.Doubted { StudyId: { } known } => new(
                ReceivedState.Question, "The same picture is here already, withdrawn or with other facts of its patient.", known),
            ImportStudyResult.Doubted { CopyOf: { } original } => new(
                ReceivedState.Question, "It shows the same film as a study that is here already, processed otherwise.", original),
            ImportStudyResult.Doubted => new(ReceivedState.Question, "The patient number is known with facts that contradict the header."),
            ImportStudyResult.Refused refused => new(ReceivedState.Refused, refused.Message),
            _ => new(ReceivedState.Question, "What its header says has to be looked at by a person."),
        };
    }

    async Task<Outcome> DuplicateAsync(ReceivedObject received, Guid studyId, DicomHeader header, CancellationToken cancellation)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        var study = await db.Studies.SingleOrDefaultAsync(s => s.Id == studyId, cancellation);
        var uid = received.InstanceUid;
        var isOurs = (study?.UploadedBy == UploaderId && study.DicomInstanceUid == uid)
            || await db.StudyImages.AnyAsync(
                i => i.StudyId == studyId && i.UploadedBy == UploaderId && i.DicomInstanceUid == uid, cancellation);
        if (study is not null && isOurs && !await db.ReceivedObjects.AnyAsync(
            r => r.StudyId == studyId && r.State == ReceivedState.Filed && r.InstanceUid == uid, cancellation))
        {
            // Its own image, stored just before a kill.
            return new(ReceivedState.Filed, null, studyId);
        }

        var (ours, theirs) = (study?.PatientNumber, header.PatientId);
        return ours is not null && theirs is not null && !ours.Equals(theirs.Trim(), StringComparison.OrdinalIgnoreCase)
            ? new(ReceivedState.Question, "The same picture is here already under another patient number.", studyId)
            : new(ReceivedState.Known, $"The same picture is here already{(study is null ? ", and was withdrawn" : "")}.", studyId);
    }

    async Task SettleAsync(ReceivedObject received, Outcome outcome)
    {
        await using (var db = await contexts.CreateDbContextAsync())
        {
            await using var transaction = await db.Database.BeginTransactionAsync();
            var now = time.GetUtcNow();
            // Somebody may have settled it meanwhile.
            var settled = await db.ReceivedObjects.Where(r => r.Id == received.Id && r.State == ReceivedState.Waiting).ExecuteUpdateAsync(
                s => s.SetProperty(r => r.State, outcome.State).SetProperty(r => r.Reason, outcome.Reason)
                    .SetProperty(r => r.StudyId, outcome.StudyId).SetProperty(r => r.SettledAt, now)
                    .SetProperty(r => r.InstanceUid, received.InstanceUid).SetProperty(r => r.Sha256, received.Sha256));
            if (settled == 0)
            {
                return;
            }

            if (outcome.State is ReceivedState.Question or ReceivedState.Refused)
            {
                audit.AddTo(
                    db, actor: null, AuditAction.ReceivedObject, AuditOutcome.Refused, outcome.StudyId,
                    $"quarantine: {received.Id:N} of {received.CallingAe}");
            }

            await db.SaveChangesAsync();
            await transaction.CommitAsync();
        }

        if (ReceivedFiles.IsSettled(outcome.State))
        {
            files.Delete(received.Id);
        }
    }

    sealed record Outcome(ReceivedState State, string? Reason, Guid? StudyId = null);
}
