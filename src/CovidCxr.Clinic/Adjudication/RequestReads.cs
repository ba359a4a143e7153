using CovidCxr.Clinic.Comparison;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Domain.Readings;
using CovidCxr.Platform.Audit;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Clinic.Adjudication;

/// <param name="Asked">Studies for which everybody chosen was asked.</param>
/// <param name="Refusals">Why others were left as they were, a sentence each.</param>
public sealed record RequestReadsResult(int Asked, IReadOnlyList<string> Refusals);

/// <summary>
/// The lead asks one or two radiologists, who have not read them, to read studies blinded. What they agree upon becomes the consensus.
/// </summary>
public sealed class RequestReads(IDbContextFactory<CovidCxrDbContext> contexts, AuditLog audit, TimeProvider time)
{
    public const int MostStudies = 200;

    public async Task<RequestReadsResult> RunAsync(
        IReadOnlyCollection<Guid> studies, IReadOnlyCollection<Guid> readers, Actor actor, CancellationToken cancellation)
    {
        actor.Demand(Role.DepartmentLead);
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        var names = (await Radiologists.ListAsync(db, cancellation)).Where(r => readers.Contains(r.Id))
            .ToDictionary(r => r.Id, r => r.Name);
        if (readers.Distinct().Count() is < 1 or > ConsensusRules.MostReaders || names.Count != readers.Distinct().Count())
        {
            return new(0, ["Choose one or two radiologists."]);
        }

        if (studies.Count is 0 or > MostStudies)
        {
            return new(0, [$"Choose 1 to {MostStudies} studies."]);
        }

        var (asked, refusals) = (0, new List<string>());
        foreach (var study in await db.AllStudies.Where(s => studies.Contains(s.Id))
            .Select(s => new { s.Id, s.PatientNumber, s.IsWithdrawn }).ToListAsync(cancellation))
        {
            var has = await db.ReadRequests.Where(r => r.StudyId == study.Id && r.ReaderId != null).Select(r => r.ReaderId!.Value)
                .ToListAsync(cancellation);
            var read = await db.Readings.Where(r => r.StudyId == study.Id && names.Keys.Contains(r.ReaderId)).Select(r => r.ReaderId)
                .Distinct().ToListAsync(cancellation);
            var seen = await db.Disclosures
                .Where(d => d.StudyId == study.Id && (names.Keys.Contains(d.ReaderId) || d.ReaderId == Disclosure.Everybody))
                .Select(d => d.ReaderId).ToListAsync(cancellation);
            if ((study.IsWithdrawn ? "it was withdrawn." : Refusal(names, has, read, seen)) is { } why)
            {
                refusals.Add($"{study.PatientNumber ?? study.Id.ToString()}: {why}");
                continue;
            }

            db.ReadRequests.AddRange(names.Keys.Select(id => new ReadRequest
            {
                StudyId = study.Id,
                Kind = ReadRequestKind.Adjudication,
                ReaderId = id,
                AskedBy = actor.UserId,
                AskedAt = time.GetUtcNow(),
            }));
            audit.AddTo(db, actor, AuditAction.ReadRequest, AuditOutcome.Succeeded, study.Id, string.Join(", ", names.Values));
            asked++;
        }

        try
        {
            await db.SaveChangesAsync(cancellation);
        }
        catch (DbUpdateException)
        {
            return new(0, ["Somebody was just asked to read one of these studies. Look again."]);
        }

        return new(asked, refusals);
    }

    static string? Refusal(Dictionary<Guid, string> names, List<Guid> has, List<Guid> read, List<Guid> seen) =>
        (read, seen, has.Intersect(names.Keys).ToList()) switch
        {
            ([var reader, ..], _, _) => $"{names[reader]} has read it.",
            _ when seen.Contains(Disclosure.Everybody) => "the model's answer to it has left this program, where anybody may see it.",
            (_, [var reader, ..], _) => $"{names[reader]} has seen the model's answer to it.",
            (_, _, [var reader, ..]) => $"{names[reader]} is asked already.",
            _ when has.Count + names.Count > ConsensusRules.MostReaders =>
                $"no more than {ConsensusRules.MostReaders} readers adjudicate a study.",
            _ => null,
        };
}
