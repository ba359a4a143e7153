using CovidCxr.Clinic.Policies;
using CovidCxr.Clinic.Readings;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Domain.Readings;
using CovidCxr.Domain.Studies;
using CovidCxr.Platform.Audit;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Clinic.Studies;

/// <summary>
/// One page of the worklist. Under "blinded first" nothing here lets a radiologist learn the model's answer to a study that is not locked
/// yet: not the column, not the filter and not the order.
/// </summary>
public sealed class ListStudies(
    IDbContextFactory<CovidCxrDbContext> contexts, GetReadingPolicy policies, Disclosures disclosures, ViewLog views)
{
    const string Escape = "\\";

    // As the database keeps them.
    const int LongestNumber = 64;

    /// <param name="hasAnswers">False where nobody looks at the model's answers: they are locked then, and none counts as shown.</param>
    public async Task<WorklistPage> RunAsync(
        WorklistQuery query, Actor actor, CancellationToken cancellation, bool hasAnswers = true)
    {
        actor.Demand(Role.Radiologist, Role.DepartmentLead);
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        var isBlindedToAll = ReadingRules.IsBlinded(actor, await policies.TodayAsync(db, cancellation));
        HashSet<Guid> asked = [], blinded = [];
        if (actor.Is(Role.Radiologist))
        {
            asked = await OpenReadRequests.StudiesFor(db, actor.UserId).ToHashSetAsync(cancellation);
            blinded = await OpenReadRequests.BlindedFor(db, actor.UserId).ToHashSetAsync(cancellation);
        }

        // With one study to read blinded, no filter or order may tell its answer. A withdrawn one may be brought back to be read.
        var isBlinded = isBlindedToAll || blinded.Count > 0 || (query.IsWithdrawn && actor.Is(Role.Radiologist));
        var late = LateImages.StudiesFor(db, actor);
        var matching = Filter(db, query, actor.UserId, isBlinded);
        matching = query.IsLate ? matching.Where(s => late.Contains(s.Id)) : matching;
        var size = Math.Clamp(query.PageSize, 1, 200);
        var page = Sort(matching, query, isBlinded).Skip((int)Math.Min((long)Math.Max(query.Page, 0) * size, int.MaxValue)).Take(size);
        var rows = await page.Select(s => new
        {
            Study = s,
            HasSeen = db.Readings.Any(r => r.StudyId == s.Id && r.ReaderId == actor.UserId)
                || db.Disclosures.Any(d =>
                    d.StudyId == s.Id && (d.ReaderId == actor.UserId || d.ReaderId == Disclosure.Everybody)),
            IsReadByMe = db.Readings.Any(r => r.StudyId == s.Id && r.ReaderId == actor.UserId && r.Stage != ReadingStage.Blind),
            HasLocked = db.Readings.Any(r => r.StudyId == s.Id && r.ReaderId == actor.UserId && r.Stage == ReadingStage.Blind),
            AssignedToName = db.Users.Where(u => u.Id == s.AssignedTo).Select(u => u.ShownName).FirstOrDefault(),
            FurtherImages = db.StudyImages.Count(i => i.StudyId == s.Id),
            HasLateImage = late.Contains(s.Id),
        }).AsNoTracking().ToListAsync(cancellation);

        var newest = await db.Predictions.OrderByDescending(p => p.Id).Select(p => new { p.Classes, p.PositiveIndex })
            .FirstOrDefaultAsync(cancellation);
        List<WorklistItem> items = [.. rows.Select(r => ToItem(
            r.Study, isLocked: !hasAnswers || r.Study.IsWithdrawn || (!r.HasSeen && (isBlindedToAll || blinded.Contains(r.Study.Id))),
            r.IsReadByMe,
            r.HasLocked && !r.IsReadByMe, asked.Contains(r.Study.Id), r.AssignedToName, r.FurtherImages, r.HasLateImage))];
        // A handful: nobody leaves many films half read.
        var begun = await Begun(db, actor.UserId).ToListAsync(cancellation);
        await disclosures.NoteAsync(db, items.Where(i => !i.IsLocked).Select(i => i.Id), actor, cancellation);
        await views.NoteOnceAMinuteAsync(actor, AuditAction.ListView, null, "worklist");
        return new(
            items,
            await matching.CountAsync(cancellation),
            await db.Studies.CountAsync(s => s.ReadCount == 0, cancellation),
            await db.Studies.CountAsync(s => s.Status == StudyStatus.Queued || s.Status == StudyStatus.Analysing, cancellation),
            newest?.Classes ?? [], newest?.Classes[newest.PositiveIndex], asked.Count,
            await db.Studies.CountAsync(s => begun.Contains(s.Id), cancellation),
            await db.Studies.CountAsync(s => s.Urgency != null && s.ReadCount == 0, cancellation),
            await db.Studies.CountAsync(s => s.AssignedTo == actor.UserId && s.ReadCount == 0, cancellation),
            // Few; to have the database tell them apart would take it through all images.
            (await late.ToListAsync(cancellation)).Distinct().Count());
    }

    static IQueryable<Guid> Begun(CovidCxrDbContext db, Guid reader) =>
        db.Readings.Where(r => r.ReaderId == reader && r.Stage == ReadingStage.Blind
            && !db.Readings.Any(f => f.StudyId == r.StudyId && f.ReaderId == reader && f.Stage != ReadingStage.Blind))
            .Select(r => r.StudyId);

    static IQueryable<Study> Filter(CovidCxrDbContext db, WorklistQuery query, Guid reader, bool isBlinded)
    {
        var studies = query.IsWithdrawn ? db.AllStudies.Where(s => s.IsWithdrawn) : db.Studies;
        if (query.IsRead is { } isRead)
        {
            studies = isRead ? studies.Where(s => s.ReadCount > 0) : studies.Where(s => s.ReadCount == 0);
        }

        // In words that the few urgent films' own index has.
        studies = query.IsUrgent ? studies.Where(s => s.Urgency != null && s.ReadCount == 0) : studies;
        studies = query.AssignedTo is { } owner ? studies.Where(s => s.AssignedTo == owner) : studies;
        studies = query.IsUnassigned ? studies.Where(s => s.AssignedTo == null) : studies;
        if (query.IsAsked)
        {
            var asked = OpenReadRequests.StudiesFor(db, reader);
            studies = studies.Where(s => asked.Contains(s.Id));
        }

        if (query.IsBegun)
        {
            var begun = Begun(db, reader);
            studies = studies.Where(s => begun.Contains(s.Id));
        }

        if (query.Status is { } status)
        {
            studies = studies.Where(s => s.Status == status);
        }

        if (query.View is { } view)
        {
            studies = studies.Where(s => s.View == view);
        }

        if (query.From is { } from)
        {
            studies = studies.Where(s => s.ReceivedAt >= from);
        }

        if (query.To is { } to)
        {
            studies = studies.Where(s => s.ReceivedAt < to);
        }

        if (query.PredictedClass is { } predicted)
        {
            studies = studies.Where(s => s.PredictedClass == predicted);
            studies = isBlinded
                ? studies.Where(s => db.Readings.Any(r => r.StudyId == s.Id && r.ReaderId == reader)
                    || db.Disclosures.Any(d => d.StudyId == s.Id && (d.ReaderId == reader || d.ReaderId == Disclosure.Everybody)))
                : studies;
        }

        if (!string.IsNullOrWhiteSpace(query.Text))
        {
            // Every row is looked at, in the order of the page, until the page is full. What is longer than any number matches none.
            var text = query.Text.Trim();
            var part = $"%{Literal(text[..Math.Min(text.Length, LongestNumber + 1)])}%";
            // SQLite's LIKE takes small letters for capital ones.
            studies = db.IsPostgreSql
                ? studies.Where(s =>
                    EF.Functions.ILike(s.PatientNumber!, part, Escape) || EF.Functions.ILike(s.AccessionNumber!, part, Escape))
                : studies.Where(s =>
                    EF.Functions.Like(s.PatientNumber, part, Escape) || EF.Functions.Like(s.AccessionNumber, part, Escape));
        }

        return studies;
    }

    // No character of what was typed is a pattern.
    static string Literal(string text) => text.Replace(Escape, Escape + Escape, StringComparison.Ordinal)
        .Replace("%", Escape + "%", StringComparison.Ordinal).Replace("_", Escape + "_", StringComparison.Ordinal);

    // Every order ends in the id, so that no page repeats or skips a study, and every order has its index.
    static IOrderedQueryable<Study> Sort(IQueryable<Study> studies, WorklistQuery query, bool isBlinded) =>
        (query.Sort, query.Descending) switch
        {
            (WorklistSort.Received, true) => studies.OrderByDescending(s => s.ReceivedAt).ThenByDescending(s => s.Id),
            (WorklistSort.Received, false) => studies.OrderBy(s => s.ReceivedAt).ThenBy(s => s.Id),
            (WorklistSort.Patient, true) =>
                studies.OrderByDescending(s => s.PatientNumber).ThenByDescending(s => s.ReceivedAt).ThenByDescending(s => s.Id),
            (WorklistSort.Patient, false) => studies.OrderBy(s => s.PatientNumber).ThenBy(s => s.ReceivedAt).ThenBy(s => s.Id),
            (WorklistSort.Age, true) => studies.OrderByDescending(s => s.AgeYears).ThenByDescending(s => s.Id),
            (WorklistSort.Age, false) => studies.OrderBy(s => s.AgeYears).ThenBy(s => s.Id),
            (WorklistSort.Probability, true) when !isBlinded => studies.OrderByDescending(s => s.Probability).ThenByDescending(s => s.Id),
            (WorklistSort.Probability, false) when !isBlinded => studies.OrderBy(s => s.Probability).ThenBy(s => s.Id),
            _ => InTurn(studies),
        };

    /// <summary>Unread first, of these the urgent, of each the newest.</summary>
    internal static IOrderedQueryable<Study> InTurn(IQueryable<Study> studies) => studies.OrderBy(s => s.ReadCount)
        .ThenByDescending(s => s.WaitsUrgently).ThenByDescending(s => s.ReceivedAt).ThenByDescending(s => s.Id);

    static WorklistItem ToItem(
        Study s, bool isLocked, bool isReadByMe, bool isBegunByMe, bool isAsked, string? assignedTo, int furtherImages,
        bool hasLateImage) => new(
        s.Id, s.ReceivedAt, s.PatientNumber, s.AgeYears, s.Sex, s.View, s.Status, s.StatusReason,
        isLocked, isLocked ? null : s.PredictedClass, isLocked ? null : s.Probability, s.ReadCount, isReadByMe, isBegunByMe,
        isAsked, s.WaitsUrgently ? s.Urgency : null, s.AssignedTo, assignedTo, furtherImages, hasLateImage);
}
