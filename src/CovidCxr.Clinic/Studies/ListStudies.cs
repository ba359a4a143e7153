using CovidCxr.Clinic.Policies;
using CovidCxr.Clinic.Readings;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Readings;
using CovidCxr.Domain.Studies;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Clinic.Studies;

/// <summary>
/// One page of the worklist. Under "blinded first" nothing here lets a radiologist learn the model's answer to a study that is not locked
/// yet: not the column, not the filter and not the order.
/// </summary>
public sealed class ListStudies(IDbContextFactory<CovidCxrDbContext> contexts, GetReadingPolicy policies)
{
    public async Task<WorklistPage> RunAsync(WorklistQuery query, Actor actor, CancellationToken cancellation)
    {
        actor.Demand(Role.Radiologist, Role.DepartmentLead);
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        var isBlindedToAll = ReadingRules.IsBlinded(actor, await policies.TodayAsync(db, cancellation));
        var asked =
            actor.Is(Role.Radiologist) ? (await OpenReadRequests.StudiesFor(db, actor.UserId).ToListAsync(cancellation)).ToHashSet() : [];
        // With one study to read blinded, no filter or order may tell its answer.
        var isBlinded = isBlindedToAll || asked.Count > 0;
        var matching = Filter(db, query, actor.UserId, isBlinded);
        var size = Math.Clamp(query.PageSize, 1, 200);
        var page = Sort(matching, query, isBlinded).Skip((int)Math.Min((long)Math.Max(query.Page, 0) * size, int.MaxValue)).Take(size);
        var rows = await page.Select(s => new
        {
            Study = s,
            HasOwn = db.Readings.Any(r => r.StudyId == s.Id && r.ReaderId == actor.UserId),
            IsReadByMe = db.Readings.Any(r => r.StudyId == s.Id && r.ReaderId == actor.UserId && r.Stage != ReadingStage.Blind),
        }).AsNoTracking().ToListAsync(cancellation);

        var newest = await db.Predictions.OrderByDescending(p => p.Id).Select(p => new { p.Classes, p.PositiveIndex })
            .FirstOrDefaultAsync(cancellation);
        return new(
            [.. rows.Select(r => ToItem(
                r.Study, isLocked: !r.HasOwn && (isBlindedToAll || asked.Contains(r.Study.Id)), r.IsReadByMe, asked.Contains(r.Study.Id)))],
            await matching.CountAsync(cancellation),
            await db.Studies.CountAsync(s => s.ReadCount == 0, cancellation),
            await db.Studies.CountAsync(s => s.Status == StudyStatus.Queued || s.Status == StudyStatus.Analysing, cancellation),
            newest?.Classes ?? [], newest?.Classes[newest.PositiveIndex], asked.Count);
    }

    static IQueryable<Study> Filter(CovidCxrDbContext db, WorklistQuery query, Guid reader, bool isBlinded)
    {
        IQueryable<Study> studies = db.Studies;
        if (query.IsRead is { } isRead)
        {
            studies = isRead ? studies.Where(s => s.ReadCount > 0) : studies.Where(s => s.ReadCount == 0);
        }

        if (query.IsAsked)
        {
            var asked = OpenReadRequests.StudiesFor(db, reader);
            studies = studies.Where(s => asked.Contains(s.Id));
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
            studies = isBlinded ? studies.Where(s => db.Readings.Any(r => r.StudyId == s.Id && r.ReaderId == reader)) : studies;
        }

        if (!string.IsNullOrWhiteSpace(query.Text))
        {
            // A range, not LIKE: the index on the number serves it, and no character of the text is a pattern.
            var (low, high) = (query.Text.Trim(), query.Text.Trim() + char.MaxValue);
            studies = studies.Where(s => string.Compare(s.PatientNumber, low) >= 0 && string.Compare(s.PatientNumber, high) < 0);
        }

        return studies;
    }

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
            _ => studies.OrderBy(s => s.ReadCount).ThenByDescending(s => s.ReceivedAt).ThenByDescending(s => s.Id),
        };

    static WorklistItem ToItem(Study s, bool isLocked, bool isReadByMe, bool isAsked) => new(
        s.Id, s.ReceivedAt, s.PatientNumber, s.AgeYears, s.Sex, s.View, s.Status, s.StatusReason,
        isLocked, isLocked ? null : s.PredictedClass, isLocked ? null : s.Probability, s.ReadCount, isReadByMe, isAsked);
}
