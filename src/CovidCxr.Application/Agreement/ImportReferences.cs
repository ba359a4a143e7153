using System.Globalization;
using CovidCxr.Application.Accounts;
using CovidCxr.Application.Audit;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Domain.Readings;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Application.Agreement;

public enum ReferenceFate
{
    New,

    /// <summary>Supersedes what stands.</summary>
    Replaces,

    /// <summary>Exactly this stands already, or an earlier line says it.</summary>
    Known,
    Refused,
}

/// <param name="Study">As the file names it.</param>
/// <param name="Message">Why it is refused, or what it replaces.</param>
public sealed record PlannedReference(
    int Line, string Study, Guid? StudyId, ReferenceSource Source, ReferenceResult Result, DateOnly FoundOn, ReferenceFate Fate, Guid? SupersedesId, string? Message);

/// <summary>What an import would do, line by line.</summary>
/// <param name="Error">Why the file as a whole cannot be taken; null where it can.</param>
public sealed record ReferencePlan(IReadOnlyList<PlannedReference> Lines, string? Error)
{
    public int Of(ReferenceFate fate) => Lines.Count(l => l.Fate == fate);

    public bool HasWork => Lines.Any(l => l.Fate is ReferenceFate.New or ReferenceFate.Replaces);
}

/// <summary>References from a file: first a plan that changes nothing, then exactly that plan.</summary>
public sealed class ImportReferences(IDbContextFactory<CovidCxrDbContext> contexts, AuditLog audit, TimeProvider time)
{
    public async Task<ReferencePlan> PreviewAsync(string csv, Actor actor, CancellationToken cancellation)
    {
        actor.Demand(Role.DepartmentLead);
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        return await PlanAsync(db, csv, cancellation);
    }

    /// <returns>Null where the plan was carried out as a whole; otherwise why nothing was.</returns>
    public async Task<string?> RunAsync(string csv, ReferencePlan previewed, Actor actor, CancellationToken cancellation)
    {
        actor.Demand(Role.DepartmentLead);
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        var plan = await PlanAsync(db, csv, cancellation);
        if (plan.Error is not null || !plan.Lines.SequenceEqual(previewed.Lines))
        {
            return "Studies or findings have changed since the preview. Look at it again.";
        }

        db.ReferenceFindings.AddRange(plan.Lines.Where(l => l.Fate is ReferenceFate.New or ReferenceFate.Replaces).Select(l => new ReferenceFinding
        {
            StudyId = l.StudyId!.Value,
            Source = l.Source,
            Result = l.Result,
            FoundOn = l.FoundOn,
            EnteredBy = actor.UserId,
            EnteredByName = actor.UserName,
            EnteredAt = time.GetUtcNow(),
            IsImported = true,
            SupersedesId = l.SupersedesId,
        }));
        audit.AddTo(db, actor, AuditAction.ReferenceImport, AuditOutcome.Succeeded, detail:
            $"{plan.Of(ReferenceFate.New)} new, {plan.Of(ReferenceFate.Replaces)} replaced, {plan.Of(ReferenceFate.Known)} known, {plan.Of(ReferenceFate.Refused)} refused");
        try
        {
            await db.SaveChangesAsync(cancellation);
            return null;
        }
        catch (DbUpdateException)
        {
            return "Another finding was just recorded for one of these studies. Look at the preview again.";
        }
    }

    async Task<ReferencePlan> PlanAsync(CovidCxrDbContext db, string csv, CancellationToken cancellation)
    {
        var (lines, error) = ReferenceCsv.Parse(csv);
        if (error is not null)
        {
            return new([], error);
        }

        var match = await StudyMatch.LoadAsync(db, [.. lines.Select(l => l.Reference).OfType<StudyReference>()], cancellation);
        var today = DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);
        List<PlannedReference> plan = [.. lines.Select(l => Plan(l, match, today))];
        RefuseContradictions(plan);
        return new(plan, null);
    }

    static PlannedReference Plan(ReferenceLine line, StudyMatch match, DateOnly today)
    {
        var (study, error) = line.Reference is null ? (null, line.Error) : match.Find(line.Reference);
        error ??= ReferenceRules.Refusal(line.FoundOn, today);
        var planned = new PlannedReference(line.Line, line.Study, study?.Id, line.Source, line.Result, line.FoundOn, ReferenceFate.New, null, null);
        return (error, study is null ? null : match.Current(study.Id, line.Source)) switch
        {
            ({ } why, _) => planned with { Fate = ReferenceFate.Refused, Message = why },
            (_, null) => planned,
            (_, { } stands) when stands.Result == line.Result && stands.FoundOn == line.FoundOn => planned with { Fate = ReferenceFate.Known, Message = "Recorded already." },
            (_, { } stands) => planned with { Fate = ReferenceFate.Replaces, SupersedesId = stands.Id, Message = string.Create(CultureInfo.InvariantCulture, $"Replaces {stands.Result} of {stands.FoundOn:yyyy-MM-dd}.") },
        };
    }

    // Two lines of one study and source: the same again is known, anything else leaves it open which of them is true.
    static void RefuseContradictions(List<PlannedReference> plan)
    {
        foreach (var group in plan.Index().Where(p => p.Item.Fate != ReferenceFate.Refused).GroupBy(p => (p.Item.StudyId, p.Item.Source)).Where(g => g.Count() > 1).ToList())
        {
            var first = group.First().Item;
            var isSame = group.All(p => p.Item.Result == first.Result && p.Item.FoundOn == first.FoundOn);
            foreach (var (index, item) in group.Skip(isSame ? 1 : 0))
            {
                plan[index] = isSame
                    ? item with { Fate = ReferenceFate.Known, SupersedesId = null, Message = $"Line {first.Line} says the same." }
                    : item with { Fate = ReferenceFate.Refused, SupersedesId = null, Message = $"Lines {string.Join(", ", group.Select(p => p.Item.Line))} contradict each other." };
            }
        }
    }
}
