using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Readings;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Application.Agreement;

/// <summary>All finished readings that nothing supersedes, in the order in which they were made, and what a filter leaves of them.</summary>
static class ReaderCases
{
    /// <summary>Whose readings this person may see: all of them, or only their own.</summary>
    public static Guid? OnlyBy(Actor actor) => actor.Is(Role.DepartmentLead) ? null : actor.UserId;

    public static List<ReaderCase> Filter(IReadOnlyList<ReaderCase> all, AgreementFilter filter, Guid? onlyBy)
    {
        var from = filter.From is { } first ? new DateTimeOffset(first, default, TimeSpan.Zero) : DateTimeOffset.MinValue;
        var to = filter.To is { } last && last < DateOnly.MaxValue ? new DateTimeOffset(last.AddDays(1), default, TimeSpan.Zero) : DateTimeOffset.MaxValue;
        List<ReaderCase> left = new(all.Count);
        foreach (var c in all)
        {
            if ((onlyBy is null || c.ReaderId == onlyBy) && (filter.ReaderId is null || c.ReaderId == filter.ReaderId) && c.ReadAt >= from && c.ReadAt < to
                && (filter.ModelVersionId is null || c.Prediction?.ModelVersionId == filter.ModelVersionId)
                && (filter.View is null || c.Study.View == filter.View) && (filter.Sex is null || c.Study.Sex == filter.Sex)
                && (filter.Age is null || AgreementFilter.Band(c.Study.AgeYears) == filter.Age))
            {
                left.Add(c with { Reference = ReferenceRules.Settle(filter.Reference, c.Study.RtPcr, c.Study.Consensus, c.Study.FollowUp) });
            }
        }

        return left;
    }

    /// <summary>
    /// Passes over whole tables, joined in memory: correlated queries take several times as long. Readings come first, because what they refer to is there before them.
    /// </summary>
    public static async Task<ReaderCase[]> LoadAsync(CovidCxrDbContext db, CancellationToken cancellation)
    {
        var readings = await db.Readings
            .Select(r => new ReadingRow(r.Id, r.StudyId, r.ReaderId, r.Stage, r.Opinion, r.Confidence, r.PredictionId, r.SupersedesId, r.CreatedAt)).ToListAsync(cancellation);
        var studies = await StudiesAsync(db, await FindingsAsync(db, cancellation), cancellation);
        var predictions = await PredictionsAsync(db, cancellation);
        var before = readings.Where(r => r.Stage == ReadingStage.Blind).ToDictionary(r => (r.StudyId, r.ReaderId), r => r.Said);
        var superseded = readings.Where(r => r.SupersedesId is not null).Select(r => r.SupersedesId!.Value).ToHashSet();
        return [.. readings.Where(r => r.Stage != ReadingStage.Blind && !superseded.Contains(r.Id)).OrderBy(r => r.CreatedAt).ThenBy(r => r.Id).Select(r => new ReaderCase(
            studies[r.StudyId], r.ReaderId, r.CreatedAt, before.TryGetValue((r.StudyId, r.ReaderId), out var said) ? said : null, r.Said,
            r.PredictionId is { } id ? predictions[id] : null))];
    }

    readonly record struct ReadingRow(
        Guid Id, Guid StudyId, Guid ReaderId, ReadingStage Stage, Opinion Opinion, int Confidence, Guid? PredictionId, Guid? SupersedesId, DateTimeOffset CreatedAt)
    {
        public Said Said => new(Opinion, Confidence);
    }

    /// <summary>What stands, by study and source.</summary>
    public static async Task<Dictionary<(Guid StudyId, ReferenceSource Source), ReferenceResult>> FindingsAsync(CovidCxrDbContext db, CancellationToken cancellation) =>
        await db.ReferenceFindings.Where(f => !db.ReferenceFindings.Any(o => o.SupersedesId == f.Id))
            .Select(f => new { f.StudyId, f.Source, f.Result }).ToDictionaryAsync(f => (f.StudyId, f.Source), f => f.Result, cancellation);

    static async Task<Dictionary<Guid, StudyFacts>> StudiesAsync(CovidCxrDbContext db, Dictionary<(Guid StudyId, ReferenceSource Source), ReferenceResult> findings, CancellationToken cancellation)
    {
        var rows = db.Studies.Where(s => db.Readings.Any(r => r.StudyId == s.Id)).Select(s => new { s.Id, s.PatientNumber, s.Sex, s.AgeYears, s.View });
        return await rows.AsNoTracking().ToDictionaryAsync(s => s.Id, s => new StudyFacts(
            s.Id, s.PatientNumber, s.PatientNumber?.ToUpperInvariant() ?? s.Id.ToString(), s.Sex, s.AgeYears, s.View, Of(s.Id, ReferenceSource.RtPcr), Of(s.Id, ReferenceSource.Consensus),
            Of(s.Id, ReferenceSource.FollowUp)), cancellation);

        ReferenceResult? Of(Guid study, ReferenceSource source) => findings.TryGetValue((study, source), out var result) ? result : null;
    }

    static async Task<Dictionary<Guid, PredictionFacts>> PredictionsAsync(CovidCxrDbContext db, CancellationToken cancellation)
    {
        var used = db.Readings.Where(r => r.PredictionId != null).Select(r => r.PredictionId!.Value);
        var rows = db.Predictions.Where(p => used.Contains(p.Id)).Select(p => new { p.Id, p.ModelVersionId, p.Probabilities, p.PositiveIndex, p.PredictedIndex, p.Threshold });
        return await rows.AsNoTracking().ToDictionaryAsync(
            p => p.Id, p => new PredictionFacts(p.Id, p.ModelVersionId, p.Probabilities[p.PositiveIndex], p.PredictedIndex == p.PositiveIndex, p.Threshold), cancellation);
    }
}
