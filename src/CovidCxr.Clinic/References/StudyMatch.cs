using CovidCxr.Domain.Readings;
using CovidCxr.Domain.Studies;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Clinic.References;

/// <summary>Finds the one study that is meant. Where none or several fit, it says so and takes none.</summary>
sealed class StudyMatch
{
    const int Batch = 400;

    readonly Dictionary<Guid, Study> _byId = [];
    readonly Dictionary<(string, DateOnly), List<Study>> _byPatient = [];
    readonly Dictionary<(Guid, ReferenceSource), ReferenceFinding> _current = [];

    public static async Task<StudyMatch> LoadAsync(
        CovidCxrDbContext db, IReadOnlyCollection<StudyReference> references, CancellationToken cancellation)
    {
        var match = new StudyMatch();
        foreach (var ids in references.Select(r => r.StudyId).OfType<Guid>().Distinct().Chunk(Batch))
        {
            match.Add(await db.AllStudies.AsNoTracking().Where(s => ids.Contains(s.Id)).ToListAsync(cancellation));
        }

        foreach (var numbers in references.Select(r => r.PatientNumber).OfType<string>().Distinct(StringComparer.OrdinalIgnoreCase)
            .Chunk(Batch))
        {
            match.Add(await db.Studies.AsNoTracking().Where(s => s.PatientNumber != null && numbers.Contains(s.PatientNumber)).ToListAsync(
                cancellation));
        }

        foreach (var ids in match._byId.Keys.Chunk(Batch))
        {
            var findings = await db.ReferenceFindings.AsNoTracking()
                .Where(f => ids.Contains(f.StudyId) && !db.ReferenceFindings.Any(o => o.SupersedesId == f.Id)).ToListAsync(cancellation);
            findings.ForEach(f => match._current.Add((f.StudyId, f.Source), f));
        }

        return match;
    }

    public (Study? Study, string? Error) Find(StudyReference reference)
    {
        if (reference.StudyId is { } id)
        {
            return _byId.GetValueOrDefault(id) switch
            {
                null => (null, "There is no study with this id."),
                { IsWithdrawn: true } => (null, "This study was withdrawn."),
                var study => (study, null),
            };
        }

        var key = (reference.PatientNumber!.ToUpperInvariant(), reference.AcquiredOn!.Value);
        return _byPatient.GetValueOrDefault(key) switch
        {
            null => (null, "This patient has no study of this date."),
            [var only] => (only, null),
            var several => (null, $"This patient has {several.Count} studies of this date: give the study id."),
        };
    }

    /// <summary>The finding that a new one of this source would supersede.</summary>
    public ReferenceFinding? Current(Guid studyId, ReferenceSource source) => _current.GetValueOrDefault((studyId, source));

    void Add(List<Study> studies)
    {
        foreach (var study in studies.Where(s => _byId.TryAdd(s.Id, s)))
        {
            if (study is { IsWithdrawn: false, PatientNumber: { } number, AcquiredOn: { } day })
            {
                var key = (number.ToUpperInvariant(), day);
                _byPatient.TryAdd(key, []);
                _byPatient[key].Add(study);
            }
        }
    }
}
