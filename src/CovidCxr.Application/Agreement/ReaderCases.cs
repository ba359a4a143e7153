using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Readings;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Application.Agreement;

/// <summary>The finished readings that a filter leaves, in one query, in the order in which they were made.</summary>
static class ReaderCases
{
    /// <summary>Whose readings this person may see: all of them, or only their own.</summary>
    public static Guid? OnlyBy(Actor actor) => actor.Is(Role.DepartmentLead) ? null : actor.UserId;

    public static async Task<List<ReaderCase>> LoadAsync(CovidCxrDbContext db, AgreementFilter filter, Actor actor, CancellationToken cancellation)
    {
        var own = OnlyBy(actor);
        var from = filter.From is { } first ? new DateTimeOffset(first, default, TimeSpan.Zero) : (DateTimeOffset?)null;
        var to = filter.To is { } last ? new DateTimeOffset(last.AddDays(1), default, TimeSpan.Zero) : (DateTimeOffset?)null;
        var finished = db.Readings.Where(r => r.Stage != ReadingStage.Blind && !db.Readings.Any(o => o.SupersedesId == r.Id))
            .Where(r => own == null || r.ReaderId == own)
            .Where(r => filter.ReaderId == null || r.ReaderId == filter.ReaderId)
            .Where(r => from == null || r.CreatedAt >= from)
            .Where(r => to == null || r.CreatedAt < to);
        var current = db.ReferenceFindings.Where(f => !db.ReferenceFindings.Any(o => o.SupersedesId == f.Id));
        var rows = from r in finished
                   join s in db.Studies on r.StudyId equals s.Id
                   join p in db.Predictions on r.PredictionId equals p.Id into seen
                   from p in seen.DefaultIfEmpty()
                   where (filter.ModelVersionId == null || p!.ModelVersionId == filter.ModelVersionId)
                       && (filter.View == null || s.View == filter.View) && (filter.Sex == null || s.Sex == filter.Sex)
                   orderby r.CreatedAt, r.Id
                   select new
                   {
                       r.StudyId,
                       r.ReaderId,
                       s.PatientNumber,
                       r.CreatedAt,
                       Blind = db.Readings.Where(b => b.StudyId == r.StudyId && b.ReaderId == r.ReaderId && b.Stage == ReadingStage.Blind).Select(b => (Opinion?)b.Opinion).FirstOrDefault(),
                       r.Opinion,
                       r.PredictionId,
                       Probabilities = p == null ? null : p.Probabilities,
                       PositiveIndex = p == null ? 0 : p.PositiveIndex,
                       PredictedIndex = p == null ? 0 : p.PredictedIndex,
                       RtPcr = current.Where(f => f.Source == ReferenceSource.RtPcr && f.StudyId == r.StudyId).Select(f => (ReferenceResult?)f.Result).FirstOrDefault(),
                       Consensus = current.Where(f => f.Source == ReferenceSource.Consensus && f.StudyId == r.StudyId).Select(f => (ReferenceResult?)f.Result).FirstOrDefault(),
                       FollowUp = current.Where(f => f.Source == ReferenceSource.FollowUp && f.StudyId == r.StudyId).Select(f => (ReferenceResult?)f.Result).FirstOrDefault(),
                   };
        List<ReaderCase> cases = [];
        await foreach (var r in rows.AsNoTracking().AsAsyncEnumerable().WithCancellation(cancellation))
        {
            cases.Add(new(
                r.StudyId, r.ReaderId, r.PatientNumber, r.CreatedAt, r.Blind, r.Opinion, r.PredictionId, r.Probabilities?[r.PositiveIndex],
                r.Probabilities is null ? null : r.PredictedIndex == r.PositiveIndex, ReferenceRules.Settle(filter.Reference, r.RtPcr, r.Consensus, r.FollowUp)));
        }

        return cases;
    }
}
