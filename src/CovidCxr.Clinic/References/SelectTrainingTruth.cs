using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Readings;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Clinic.References;

public readonly record struct TrainingTruth(Guid StudyId, TrainingLabel Label);

/// <param name="OnlyWithModel">Studies that were read with the model in sight alone, and have no reference.</param>
/// <param name="Unclear">Studies whose references or blind readings contradict each other or are indeterminate.</param>
public sealed record TrainingSelection(IReadOnlyList<TrainingTruth> Studies, int OnlyWithModel, int Unclear)
{
    public int From(TrainingSource source) => Studies.Count(s => s.Label.Source == source);
}

/// <summary>
/// The hospital's own studies that may be trained on, each with its label. <see cref="TrainingRules"/> alone says which; nothing else makes
/// labels of readings.
/// </summary>
public sealed class SelectTrainingTruth(IDbContextFactory<CovidCxrDbContext> contexts)
{
    public async Task<TrainingSelection> RunAsync(Actor actor, CancellationToken cancellation)
    {
        actor.Demand(Role.DepartmentLead, Role.Admin);
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        return await SelectAsync(db, cancellation);
    }

    /// <summary>For a job that somebody with the right to it has queued.</summary>
    internal static async Task<TrainingSelection> SelectAsync(CovidCxrDbContext db, CancellationToken cancellation)
    {
        var findings = await db.ReferenceFindings.Where(f => !db.ReferenceFindings.Any(o => o.SupersedesId == f.Id))
            .Where(f => db.Studies.Any(s => s.Id == f.StudyId))
            .Select(f => new { f.StudyId, f.Source, f.Result }).ToDictionaryAsync(f => (f.StudyId, f.Source), f => f.Result, cancellation);
        var readings = (await db.Readings.Where(r => !db.Readings.Any(o => o.SupersedesId == r.Id))
            .Where(r => db.Studies.Any(s => s.Id == r.StudyId)).Select(r => new { r.StudyId, r.Stage, r.Opinion })
            .ToListAsync(cancellation))
            .ToLookup(r => r.StudyId, r => (r.Stage, r.Opinion));
        List<TrainingTruth> studies = [];
        int onlyWithModel = 0, unclear = 0;
        foreach (var study in findings.Keys.Select(k => k.StudyId).Concat(readings.Select(r => r.Key)).Distinct())
        {
            var reference = ReferenceRules.Settle(
                ReferencePolicy.AnyAgreeing, Of(study, ReferenceSource.RtPcr), Of(study, ReferenceSource.Consensus),
                Of(study, ReferenceSource.FollowUp));
            if (TrainingRules.Of(reference, readings[study]) is { } label)
            {
                studies.Add(new(study, label));
            }
            else if (reference == ReferenceState.Missing && !readings[study].Any(r => TrainingRules.MayEnter(r.Stage)))
            {
                onlyWithModel++;
            }
            else
            {
                unclear++;
            }
        }

        return new(studies, onlyWithModel, unclear);

        ReferenceResult? Of(Guid study, ReferenceSource source) => findings.TryGetValue((study, source), out var result) ? result : null;
    }
}
