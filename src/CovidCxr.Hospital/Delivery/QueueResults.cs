using CovidCxr.Clinic.Answers;
using CovidCxr.Domain.Hospital;
using CovidCxr.Hospital.Fhir;
using CovidCxr.Hospital.Hl7;
using CovidCxr.Hospital.Peers;
using CovidCxr.Hospital.Results;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace CovidCxr.Hospital.Delivery;

/// <summary>
/// Queues what is to be sent: for each destination and answer that may leave, the objects that it gets, or one message. It looks at
/// what is there and not at what happened, so that a kill at any place, and a look too many, change nothing.
/// </summary>
sealed class QueueResults(
    IDbContextFactory<CovidCxrDbContext> contexts, ReleasedAnswers answers, IOptions<HospitalOptions> options, TimeProvider time)
{
    /// <summary>Answers of one look; the next one finds the others.</summary>
    public const int Batch = 200;

    /// <summary>
    /// Notes since when each destination is one. One that was switched off, or is of another kind than before, begins anew, without what
    /// waited for it. Done twice it is done once.
    /// </summary>
    public async Task PrepareAsync(CancellationToken cancellation)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        var names = options.Value.Destinations.Where(d => d.Send).Select(d => d.Name).ToList();
        var servers = options.Value.Destinations.Where(d => d.IsFhir).Select(d => d.Name).ToList();
        var receivers = options.Value.Destinations.Where(d => d.IsHl7).Select(d => d.Name).ToList();
        // A name that got something of another kind since it is a destination: it is another one by now.
        var changed = await db.ResultDestinations.Where(d => db.OutgoingResults.Any(o => o.Destination == d.Name
            && o.CreatedAt >= d.Since && ((o.Kind == ResultKind.Fhir) != servers.Contains(d.Name)
                || (o.Kind == ResultKind.Hl7) != receivers.Contains(d.Name)))).Select(d => d.Name)
            .ToListAsync(cancellation);
        var (kept, now) = (names.Except(changed).ToList(), time.GetUtcNow());
        await db.OutgoingResults.Where(o => o.State == DeliveryState.Waiting && !kept.Contains(o.Destination)).ExecuteUpdateAsync(
            s => s.SetProperty(o => o.State, DeliveryState.Cancelled).SetProperty(o => o.SettledAt, now)
                .SetProperty(o => o.Reason, "The destination was switched off in the settings, or became one of another kind."),
            cancellation);
        var wanting = options.Value.Destinations.Where(d => d.KeyObjects).Select(d => d.Name).ToList();
        await db.OutgoingResults.Where(o => o.Kind == ResultKind.KeyObjects && !wanting.Contains(o.Destination)
            && (o.State == DeliveryState.Waiting || o.State == DeliveryState.Failed)).ExecuteUpdateAsync(
            s => s.SetProperty(o => o.State, DeliveryState.Cancelled).SetProperty(o => o.SettledAt, now)
                .SetProperty(o => o.Reason, "The archive gets no key objects any more."),
            cancellation);
        await db.ResultDestinations.Where(d => !kept.Contains(d.Name)).ExecuteDeleteAsync(cancellation);
        var known = await db.ResultDestinations.Select(d => d.Name).ToListAsync(cancellation);
        db.AddRange(names.Except(known).Select(name => new ResultDestination { Name = name, Since = now }));
        await db.SaveChangesAsync(cancellation);
    }

    /// <param name="only">The studies to look at; null for all.</param>
    /// <returns>How many answers were queued.</returns>
    public async Task<int> RunAsync(IReadOnlyCollection<Guid>? only, CancellationToken cancellation)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        var queued = 0;
        foreach (var destination in await db.ResultDestinations.AsNoTracking().ToListAsync(cancellation))
        {
            foreach (var answer in await MissingAsync(db, destination, only, cancellation))
            {
                queued += await AddAsync(answer, destination.Name, cancellation) ? 1 : 0;
            }
        }

        return queued;
    }

    async Task<List<ReleasableStudy>> MissingAsync(
        CovidCxrDbContext db, ResultDestination destination, IReadOnlyCollection<Guid>? only, CancellationToken cancellation)
    {
        var (name, since, kinds) = (destination.Name, destination.Since, KindsFor(destination.Name));
        var released = await answers.WithinAsync(db, cancellation);
        return await (only is null ? released : released.Where(r => only.Contains(r.StudyId)))
            .Where(r => db.Studies.Any(s => s.Id == r.StudyId
                && s.DicomStudyUid != null && s.DicomSeriesUid != null && s.DicomInstanceUid != null))
            .Where(r => db.Predictions.Any(p => p.Id == r.PredictionId && p.CreatedAt >= since)
                || db.Readings.Any(o => o.Id == r.ReadingId && o.CreatedAt >= since))
            .Where(r => !db.OutgoingResults.Any(o => o.StudyId == r.StudyId && o.Destination == name && o.PredictionId == r.PredictionId
                && o.ReadingId == r.ReadingId && kinds.Contains(o.Kind)))
            .OrderBy(r => r.StudyId).Take(Batch).ToListAsync(cancellation);
    }

    // Of a destination that another program on this database knows alone, as of an archive.
    IReadOnlyList<ResultKind> KindsFor(string destination) =>
        (options.Value.Destinations.FirstOrDefault(d => d.Name == destination) ?? new()).Kinds;

    static string IdOf(ResultKind kind, Guid study, int version) => kind switch
    {
        ResultKind.Hl7 => ResultMessage.ControlIdOf(study, version),
        ResultKind.Fhir => StudyResult.UidOf(study, version, ResultBundle.What),
        ResultKind.KeyObjects => StudyResult.UidOf(study, version, KeyObjects.What),
        ResultKind.Picture => StudyResult.UidOf(study, version, SecondaryCapture.What),
        _ => StudyResult.UidOf(study, version, StructuredReport.What),
    };

    async Task<bool> AddAsync(ReleasableStudy answer, string destination, CancellationToken cancellation)
    {
        var (study, now, kinds) = (answer.StudyId, time.GetUtcNow(), KindsFor(destination));
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        var ofStudy = db.OutgoingResults.Where(o => o.StudyId == study);
        var version = await ofStudy.Where(o => o.PredictionId == answer.PredictionId && o.ReadingId == answer.ReadingId)
            .Select(o => (int?)o.Version).FirstOrDefaultAsync(cancellation)
            ?? 1 + (await ofStudy.MaxAsync(o => (int?)o.Version, cancellation) ?? 0);
        var isOpen = ofStudy.Where(o => o.State == DeliveryState.Waiting || o.State == DeliveryState.Failed);
        await isOpen.Where(o => o.Destination == destination && kinds.Contains(o.Kind)).ExecuteUpdateAsync(
            s => s.SetProperty(o => o.State, DeliveryState.Superseded).SetProperty(o => o.SettledAt, now)
                .SetProperty(o => o.Reason, $"Version {version} came before it was sent."),
            cancellation);
        foreach (var kind in kinds)
        {
            db.OutgoingResults.Add(new()
            {
                StudyId = study,
                Destination = destination,
                Kind = kind,
                Version = version,
                PredictionId = answer.PredictionId,
                ReadingId = answer.ReadingId,
                InstanceUid = IdOf(kind, study, version),
                CreatedAt = now,
                NotBefore = now,
            });
        }

        try
        {
            await db.SaveChangesAsync(cancellation);
            await transaction.CommitAsync(cancellation);
            return true;
        }
        catch (DbUpdateException)
        {
            // Another process queued it at the same moment.
            return false;
        }
    }
}
