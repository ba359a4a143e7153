using System.Buffers.Binary;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Domain.Readings;
using CovidCxr.Domain.Studies;
using CovidCxr.Platform.Audit;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Clinic.Readings;

/// <summary>
/// What follows from a reading, in its transaction: the consensus that it completes, the second read for which the lot draws the study.
/// </summary>
static class ReadingConsequences
{
    public static Task AddAsync(
        CovidCxrDbContext db, AuditLog audit, Study study, Reading reading, Actor actor, CancellationToken cancellation) => reading switch
        {
            { SupersedesId: not null } => Task.CompletedTask,
            { Stage: ReadingStage.Blind } => AddConsensusAsync(db, audit, reading, actor, cancellation),
            _ => study.ReadCount == 1 ? DrawAsync(db, study, reading, cancellation) : Task.CompletedTask,
        };

    static async Task AddConsensusAsync(CovidCxrDbContext db, AuditLog audit, Reading reading, Actor actor, CancellationToken cancellation)
    {
        var asked = await (from r in db.ReadRequests
                           join u in db.Users on r.ReaderId equals u.Id
                           where r.StudyId == reading.StudyId && r.Kind == ReadRequestKind.Adjudication
                           orderby u.UserName
                           select new
                           {
                               u.Id,
                               u.UserName,
                               Opinion = db.Readings
                                   .Where(b => b.StudyId == r.StudyId && b.ReaderId == u.Id && b.Stage == ReadingStage.Blind)
                                   .Select(b => (Opinion?)b.Opinion).FirstOrDefault(),
                           }).ToListAsync(cancellation);
        var opinions = asked.Select(a => (a.UserName, Opinion: a.Id == reading.ReaderId ? reading.Opinion : a.Opinion)).ToList();
        if (asked.All(a => a.Id != reading.ReaderId) || ConsensusRules.Of([.. opinions.Select(o => o.Opinion)]) is not { } result)
        {
            return;
        }

        var stands = await db.ReferenceFindings
            .Where(f => f.StudyId == reading.StudyId && f.Source == ReferenceSource.Consensus && !db.ReferenceFindings.Any(
                o => o.SupersedesId == f.Id))
            .SingleOrDefaultAsync(cancellation);
        db.ReferenceFindings.Add(new ReferenceFinding
        {
            StudyId = reading.StudyId,
            Source = ReferenceSource.Consensus,
            Result = result,
            FoundOn = DateOnly.FromDateTime(reading.CreatedAt.UtcDateTime),
            EnteredBy = actor.UserId,
            EnteredByName = actor.UserName,
            EnteredAt = reading.CreatedAt,
            Basis = $"adjudication, blinded: {string.Join(", ", opinions.Select(o => $"{o.UserName} {o.Opinion}"))}",
            SupersedesId = stands?.Id,
        });
        audit.AddTo(db, actor, AuditAction.ReferenceRecord, AuditOutcome.Succeeded, reading.StudyId, "Consensus, by adjudication");
    }

    static async Task DrawAsync(CovidCxrDbContext db, Study study, Reading reading, CancellationToken cancellation)
    {
        var every = await db.QualitySettings.OrderByDescending(s => s.Id).Select(s => s.SecondReadEvery).FirstOrDefaultAsync(cancellation);
        if (every > 0 && Lot(study.Id) % (uint)every == 0 && !await db.ReadRequests.AnyAsync(r => r.StudyId == study.Id, cancellation)
            && !await db.Disclosures.AnyAsync(d => d.StudyId == study.Id && d.ReaderId == Disclosure.Everybody, cancellation))
        {
            db.ReadRequests.Add(new ReadRequest { StudyId = study.Id, Kind = ReadRequestKind.SecondRead, AskedAt = reading.CreatedAt });
        }
    }

    // The random end of a version 7 id: nobody who reads can tell which study it will be.
    static uint Lot(Guid id) => BinaryPrimitives.ReadUInt32BigEndian(id.ToByteArray(bigEndian: true).AsSpan(12));
}
