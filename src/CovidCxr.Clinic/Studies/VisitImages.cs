using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Studies;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Clinic.Studies;

/// <summary>
/// Which study an image is of, and which of a study's images is the principal one. Nobody who has begun to read finds another image scored
/// than before: from then on what comes is a further image.
/// </summary>
static class VisitImages
{
    /// <summary>What became of an image that joined a study.</summary>
    /// <param name="ImageId">Null where it is the principal image now.</param>
    /// <param name="IsQueued">Whether the study waits for its analysis already.</param>
    /// <param name="Words">For the person who uploaded it.</param>
    /// <param name="Detail">For the audit trail.</param>
    internal sealed record Joined(Guid? ImageId, bool IsQueued, string Words, string Detail);

    /// <summary>Whose principal or further image has these pixels; withdrawn studies too.</summary>
    internal static async Task<Study?> FindByPixelsAsync(CovidCxrDbContext db, string hash, CancellationToken cancellation) =>
        await db.AllStudies.AsNoTracking().SingleOrDefaultAsync(s => s.PixelHash == hash, cancellation)
        ?? await db.AllStudies.AsNoTracking()
            .SingleOrDefaultAsync(s => db.StudyImages.Any(i => i.StudyId == s.Id && i.PixelHash == hash), cancellation);

    /// <summary>Where the file of an image is kept; null where the study has no such image.</summary>
    /// <param name="image">A further image; null, or the study's own id, for the principal one.</param>
    internal static Task<string?> KeyAsync(CovidCxrDbContext db, Guid study, Guid? image, CancellationToken cancellation) =>
        image is null || image == study
            ? db.AllStudies.Where(s => s.Id == study).Select(s => s.ImageKey).SingleOrDefaultAsync(cancellation)
            : db.StudyImages.Where(i => i.Id == image && i.StudyId == study).Select(i => i.ImageKey).SingleOrDefaultAsync(cancellation);

    /// <summary>
    /// The study that a film is of: the one that a person says, else the oldest of the patient number with an image of the same study UID.
    /// One that a person made of a single image comes last: it was taken out of the visit.
    /// </summary>
    internal static async Task<Study?> FindStudyAsync(CovidCxrDbContext db, Study film, Guid? asked, CancellationToken cancellation)
    {
        if (asked is not null)
        {
            return await db.Studies.SingleOrDefaultAsync(s => s.Id == asked, cancellation);
        }

        var (uid, number) = (film.DicomStudyUid, film.PatientNumber);
        if (uid is null)
        {
            return null;
        }

        var others = await db.StudyImages.Where(i => i.DicomStudyUid == uid).Select(i => i.StudyId).Distinct().ToListAsync(cancellation);
        return await db.Studies.Where(s => (s.DicomStudyUid == uid || others.Contains(s.Id)) && s.PatientNumber == number)
            .OrderBy(s => db.StudyChanges.Any(c => c.ImageId == s.Id)).ThenBy(s => s.ReceivedAt).ThenBy(s => s.Id)
            .FirstOrDefaultAsync(cancellation);
    }

    /// <summary>Whether anybody has locked an opinion, read the study, or chosen something of it.</summary>
    static async Task<bool> IsBegunAsync(CovidCxrDbContext db, Guid study, CancellationToken cancellation) =>
        await db.Readings.AnyAsync(r => r.StudyId == study, cancellation)
        || await db.KeptDrafts.AnyAsync(d => d.StudyId == study, cancellation);

    /// <summary>Who may add an image by hand: who uploads, until somebody has locked an opinion; the lead always.</summary>
    internal static bool MayAdd(Actor actor, bool isRead) => actor.Is(Role.DepartmentLead) || (actor.Is(Role.Radiologist) && !isRead);

    /// <summary>Why this person may not add an image to it; null where the person may.</summary>
    internal static async Task<string?> RefusalAsync(CovidCxrDbContext db, Guid study, Actor actor, CancellationToken cancellation) =>
        await db.AllStudies.Where(s => s.Id == study).Select(s => (bool?)s.IsWithdrawn).SingleOrDefaultAsync(cancellation) switch
        {
            null => "There is no such study.",
            true => "The study was withdrawn: bring it back first.",
            _ => MayAdd(actor, await db.Readings.AnyAsync(r => r.StudyId == study, cancellation))
                ? null
                : "Somebody has read the study: from then on the department lead adds an image.",
        };

    /// <param name="now">Of the transaction: whoever has read by then has not seen the image.</param>
    internal static async Task<Joined> JoinAsync(
        CovidCxrDbContext db, Study study, Study film, DateTimeOffset now, CancellationToken cancellation)
    {
        var isBegun = await IsBegunAsync(db, study.Id, cancellation);
        // By itself no copy takes the place of another image: whoever was shown the answer to the other film would be shown it here.
        film.StatusReason = film.CopyOf is { } other && other != study.Id ? "It shows the same film as another study." : null;
        var image = StudyImage.OfPrincipal(film, study.Id, isLate: isBegun, receivedAt: isBegun ? now : film.ReceivedAt);
        study.AccessionNumber ??= film.AccessionNumber;
        if (!isBegun)
        {
            Learn(study, film);
        }

        if (!isBegun && IsScorable(image) && IsReplaceable(study)
            && !await db.Predictions.AnyAsync(p => p.StudyId == study.Id, cancellation))
        {
            var isQueued = study.Status == StudyStatus.Queued;
            await PromoteAsync(db, study, image, cancellation);
            study.CopyOf = film.CopyOf is { } original && original != study.Id ? original : study.CopyOf;
            return new(
                null, isQueued, "It is an image of a study that is here already, and is scored in the place of the one that was not.",
                "principal image of a known study");
        }

        db.StudyImages.Add(image);
        return new(image.Id, IsQueued: false, Words(image), $"further image {image.Id}");
    }

    // What one file of the visit leaves out another may say. An answer to a child's film goes, as after a correction.
    static void Learn(Study study, Study film)
    {
        study.AgeYears ??= film.AgeYears;
        study.BirthDate ??= film.BirthDate;
        study.AcquiredOn ??= film.AcquiredOn;
        study.Sex = study.Sex == Sex.Unknown ? film.Sex : study.Sex;
        if (study is { Status: StudyStatus.Ready, ScoreDemandReason: null } && AnalyseStudy.ReasonToWithhold(study) is { } reason)
        {
            (study.Status, study.StatusReason) = (StudyStatus.Withheld, reason);
            (study.PredictionId, study.PredictedClass, study.Probability) = (null, null, null);
        }
    }

    /// <summary>Lets the next image that may be scored take the place of the withheld one.</summary>
    /// <returns>False where there is none, somebody has begun to read, or the image was answered once: answers name the study.</returns>
    internal static async Task<bool> PromoteNextAsync(CovidCxrDbContext db, Study study)
    {
        var images = await db.StudyImages.Where(i => i.StudyId == study.Id && i.WithheldReason == null).OrderBy(i => i.ReceivedAt)
            .ThenBy(i => i.Id).ToListAsync();
        if (images.Find(IsScorable) is not { } next || study.IsWithdrawn || await IsBegunAsync(db, study.Id, CancellationToken.None)
            || await db.Predictions.AnyAsync(p => p.StudyId == study.Id))
        {
            return false;
        }

        await PromoteAsync(db, study, next, CancellationToken.None);
        db.StudyImages.Remove(next);
        return true;
    }

    // The former keeps the reason why it was not scored, so that each is tried once.
    static async Task PromoteAsync(CovidCxrDbContext db, Study study, StudyImage image, CancellationToken cancellation)
    {
        var former = StudyImage.OfPrincipal(study);
        db.StudyImages.Add(former);
        image.ReplacePrincipalOf(study);
        await db.StudyAppearances.Where(a => a.StudyId == study.Id && a.ImageId == null)
            .ExecuteUpdateAsync(s => s.SetProperty(a => a.ImageId, former.Id), cancellation);
        await db.StudyAppearances.Where(a => a.ImageId == image.Id)
            .ExecuteUpdateAsync(s => s.SetProperty(a => a.ImageId, (Guid?)null), cancellation);
    }

    static bool IsScorable(StudyImage image) =>
        ScoreRules.ReasonToWithhold(image.View, image.Modality, image.BodyPart, image.PresentationIntent) is null;

    // What speaks against the principal image is the image itself: its view, its header, or what the guard saw. Not the patient's age.
    static bool IsReplaceable(Study study) =>
        study is { PredictionId: null, ScoreDemandReason: null }
        && (ScoreRules.ReasonToWithhold(study.View, study.Modality, study.BodyPart, study.PresentationIntent) is not null
            || (study.Status == StudyStatus.Withheld && AnalyseStudy.ReasonToWithhold(study) is null));

    static string Words(StudyImage image) =>
        "It is a further image of a study that is here already"
        + (image.View is ViewPosition.PA or ViewPosition.AP ? ", a second frontal one, and is not scored." : ": one reading is of all.")
        + (image.IsLate ? " Somebody has begun to read that study and is told that an image came." : "");
}
