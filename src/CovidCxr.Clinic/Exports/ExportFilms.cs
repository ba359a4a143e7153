using CovidCxr.Clinic.Comparison;
using CovidCxr.Clinic.Readings;
using CovidCxr.Clinic.References;
using CovidCxr.Clinic.Worklist;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Platform.Audit;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Clinic.Exports;

/// <param name="Confirmed">Hashes of pixels in which words are possible and a person has seen none that names anybody.</param>
/// <param name="Reason">Why they leave, in the person's words; it stands in the audit trail.</param>
/// <param name="Digest">Of the plan that the person has seen; null where nobody has seen one.</param>
public sealed record FilmExportRequest(
    IReadOnlyCollection<Guid> Studies, IReadOnlyCollection<string> Confirmed, string Reason, string? Digest = null);

public abstract record FilmExportResult
{
    private FilmExportResult()
    {
    }

    /// <param name="Message">For the person.</param>
    public sealed record Refused(string Message) : FilmExportResult;

    /// <summary>The audit trail has it.</summary>
    /// <param name="WriteAsync">Writes the zip to a stream, film by film: no more than one is held at a time.</param>
    public sealed record Ready(Func<Stream, CancellationToken, Task> WriteAsync) : FilmExportResult;
}

/// <summary>
/// Films for somebody outside, who must not learn whose they are: each as DICOM and PNG, with a table, as a zip. Nothing of it is the
/// model's answer, or tells it of a film that the person has not read.
/// </summary>
public sealed class ExportFilms(
    IDbContextFactory<CovidCxrDbContext> contexts, RevealedCases revealed, Disclosures disclosures, Pseudonyms names, AuditLog audit,
    FilmPack pack)
{
    public const int MinReason = 3, MaxReason = 200;

    // As many ids as a row has place for.
    const int ImagesOfARow = 10;

    // A shorter number stands in any sentence by chance.
    const int ShortestNumber = 4;

    public async Task<FilmExportResult> RunAsync(FilmExportRequest request, Actor actor, CancellationToken cancellation)
    {
        actor.Demand(Role.DepartmentLead);
        var reason = request.Reason.Trim();
        if (reason.Length is < MinReason or > MaxReason || reason.Any(char.IsControl))
        {
            return new FilmExportResult.Refused($"Say why the films leave, in {MinReason} to {MaxReason} characters.");
        }

        if (WorklistChange.OfCount(request.Studies.Count) is { Refusals: var refusals })
        {
            return new FilmExportResult.Refused(refusals[0]);
        }

        await using var db = await contexts.CreateDbContextAsync(cancellation);
        var films = await PlanFilmExport.LoadAsync(db, request.Studies, cancellation);
        if (films.Count == 0)
        {
            return new FilmExportResult.Refused("None of these studies is here any more.");
        }

        if (request.Digest is { } seen && seen != PlanFilmExport.DigestOf(films))
        {
            return new FilmExportResult.Refused("The studies have changed meanwhile, and nothing left. Look at them again.");
        }

        if (films.Select(f => f.Study.PatientNumber).OfType<string>()
            .Any(number => number.Length >= ShortestNumber && reason.Contains(number, StringComparison.OrdinalIgnoreCase)))
        {
            return new FilmExportResult.Refused("The reason holds a patient number, and the audit trail holds none: say it without.");
        }

        var leaving = films.ConvertAll(f => LeavingFilm.Of(f.Study, f.Image, names));
        var confirmed = request.Confirmed.Intersect(leaving.Select(f => f.Pixels)).ToHashSet();
        var facts = await FactsAsync(db, [.. leaving.Select(f => f.Study).Distinct()], actor, cancellation);
        // Before the first byte: who breaks it off has a part.
        await AuditAsync(db, leaving, confirmed, reason, actor, cancellation);
        // By their names outside, which tell nothing of when they came.
        return new FilmExportResult.Ready((stream, stop) => pack.WriteAsync(
            [.. leaving.OrderBy(f => f.Name, StringComparer.Ordinal)], confirmed, facts, stream, actor, stop));
    }

    async Task AuditAsync(
        CovidCxrDbContext db, List<LeavingFilm> films, HashSet<string> confirmed, string reason, Actor actor,
        CancellationToken cancellation)
    {
        var studies = films.Select(f => f.Study).Distinct().ToList();
        audit.AddTo(
            db, actor, AuditAction.FilmExport, AuditOutcome.Succeeded,
            detail: $"{films.Count} films of {studies.Count} studies and {films.Select(f => f.Patient).Distinct().Count()} patients asked "
                + $"for, {confirmed.Count} with possible text confirmed: {reason}");
        foreach (var study in studies)
        {
            audit.AddTo(db, actor, AuditAction.FilmExport, AuditOutcome.Succeeded, study, $"in an export of {films.Count} films");
            foreach (var images in films.Where(f => f.Study == study && confirmed.Contains(f.Pixels)).Chunk(ImagesOfARow))
            {
                audit.AddTo(
                    db, actor, AuditAction.FilmExport, AuditOutcome.Succeeded, study,
                    $"confirmed to name nobody: image {string.Join(", ", images.Select(f => f.Image))}");
            }
        }

        await db.SaveChangesAsync(cancellation);
    }

    /// <summary>What is said of films besides their pixels: nothing of those that wait for the person's own reading.</summary>
    async Task<FilmFacts> FactsAsync(CovidCxrDbContext db, List<Guid> studies, Actor actor, CancellationToken cancellation)
    {
        var hidden = await revealed.HiddenFromAsync(db, actor, cancellation);
        var shown = studies.FindAll(s => !hidden.Contains(s));
        // What was said with the model's answer in sight may tell it.
        await disclosures.NoteAsync(db, shown, actor, cancellation);
        var readings = await db.Readings.AsNoTracking()
            .Where(r => shown.Contains(r.StudyId) && !db.Readings.Any(o => o.SupersedesId == r.Id))
            .ToListAsync(cancellation);
        var findings = await db.ReferenceFindings.AsNoTracking()
            .Where(f => shown.Contains(f.StudyId) && !db.ReferenceFindings.Any(o => o.SupersedesId == f.Id))
            .ToListAsync(cancellation);
        return new(
            readings.ToLookup(r => r.StudyId, r => new LeavingReading(names.Of("r-", $"{r.ReaderId}"), r.Stage, r.Opinion, r.Confidence)),
            findings.ToLookup(f => f.StudyId, f => (f.Source, f.Result)));
    }
}
