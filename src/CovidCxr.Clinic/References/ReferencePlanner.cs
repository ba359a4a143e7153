using System.Globalization;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Domain.Readings;
using CovidCxr.Platform.Audit;
using CovidCxr.Storage;

namespace CovidCxr.Clinic.References;

/// <summary>
/// What lines of references would do to what stands, and doing it. What does not fit one study alone is refused, never guessed.
/// </summary>
static class ReferencePlanner
{
    public static async Task<ReferencePlan> PlanAsync(
        CovidCxrDbContext db, IReadOnlyList<ReferenceLine> lines, DateTimeOffset now, CancellationToken cancellation)
    {
        var match = await StudyMatch.LoadAsync(db, [.. lines.Select(l => l.Reference).OfType<StudyReference>()], cancellation);
        var today = DateOnly.FromDateTime(now.UtcDateTime);
        List<PlannedReference> plan = [.. lines.Select(l => Plan(l, match, today))];
        RefuseContradictions(plan);
        return new(plan, null);
    }

    /// <summary>With its audit row, to be saved together.</summary>
    public static void AddTo(CovidCxrDbContext db, AuditLog audit, ReferencePlan plan, Actor actor, DateTimeOffset now)
    {
        db.ReferenceFindings.AddRange(
            plan.Lines.Where(l => l.Outcome is ReferenceOutcome.New or ReferenceOutcome.Replaces).Select(l => new ReferenceFinding
            {
                StudyId = l.StudyId!.Value,
                Source = l.Source,
                Result = l.Result,
                FoundOn = l.FoundOn,
                EnteredBy = actor.UserId,
                EnteredByName = actor.UserName,
                EnteredAt = now,
                IsImported = true,
                SupersedesId = l.SupersedesId,
            }));
        audit.AddTo(db, actor, AuditAction.ReferenceImport, AuditOutcome.Succeeded, detail: Counts(plan));
    }

    /// <summary>For the audit trail.</summary>
    public static string Counts(ReferencePlan plan) =>
        $"{plan.Of(ReferenceOutcome.New)} new, {plan.Of(ReferenceOutcome.Replaces)} replaced, {plan.Of(ReferenceOutcome.Known)} known, "
            + $"{plan.Of(ReferenceOutcome.Refused)} refused";

    static PlannedReference Plan(ReferenceLine line, StudyMatch match, DateOnly today)
    {
        var (study, error) = line.Reference is null ? (null, line.Error) : match.Find(line.Reference);
        error ??= ReferenceRules.Refusal(line.FoundOn, today);
        var planned = new PlannedReference(
            line.Line, line.Study, study?.Id, line.Source, line.Result, line.FoundOn, ReferenceOutcome.New, null, null, line.FoundOnText,
            line.Reference?.AcquiredOn);
        return (error, study is null ? null : match.Current(study.Id, line.Source)) switch
        {
            ({ } why, _) => planned with { Outcome = ReferenceOutcome.Refused, Message = why },
            (_, null) => planned,
            (_, { } stands) when stands.Result == line.Result && stands.FoundOn == line.FoundOn =>
                planned with { Outcome = ReferenceOutcome.Known, Message = "Recorded already." },
            (_, { } stands) => planned with
            {
                Outcome = ReferenceOutcome.Replaces,
                SupersedesId = stands.Id,
                Message = string.Create(CultureInfo.InvariantCulture, $"Replaces {stands.Result} of {stands.FoundOn:yyyy-MM-dd}.")
            },
        };
    }

    // Two lines of one study and source: the same again is known, anything else leaves it open which of them is true.
    static void RefuseContradictions(List<PlannedReference> plan)
    {
        foreach (
            var group in plan.Index().Where(p => p.Item.Outcome != ReferenceOutcome.Refused).GroupBy(p => (p.Item.StudyId, p.Item.Source))
            .Where(g => g.Count() > 1).ToList())
        {
            var first = group.First().Item;
            var isSame = group.All(p => p.Item.Result == first.Result && p.Item.FoundOn == first.FoundOn);
            foreach (var (index, item) in group.Skip(isSame ? 1 : 0))
            {
                plan[index] = isSame
                    ? item with { Outcome = ReferenceOutcome.Known, SupersedesId = null, Message = $"Line {first.Line} says the same." }
                    : item with
                    {
                        Outcome = ReferenceOutcome.Refused,
                        SupersedesId = null,
                        Message = $"Lines {string.Join(", ", group.Select(p => p.Item.Line))} contradict each other."
                    };
            }
        }
    }
}
