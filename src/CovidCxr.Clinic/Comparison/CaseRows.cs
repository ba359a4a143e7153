using System.Data.Common;
using CovidCxr.Domain.Readings;
using CovidCxr.Domain.Studies;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Clinic.Comparison;

readonly record struct ReadingRow(
    Guid Id, Guid StudyId, Guid ReaderId, ReadingStage Stage, Opinion Opinion, int Confidence, Guid? PredictionId, Guid? SupersedesId,
    DateTimeOffset CreatedAt)
{
    public RatedOpinion Rated => new(Opinion, Confidence);
}

readonly record struct FindingRow(Guid Id, Guid StudyId, ReferenceSource Source, ReferenceResult Result, Guid? SupersedesId);

sealed record StudyRow(Guid Id, string? PatientNumber, Sex Sex, int? AgeYears, ViewPosition View);

/// <summary>Rows of the tables that are not known yet: all of them, or those that are newer than a version.</summary>
/// <param name="Findings">The new findings, and all findings of <paramref name="Studies"/>.</param>
/// <param name="Studies">The studies of these readings that are not known yet, without those that were withdrawn.</param>
/// <param name="Predictions">The predictions of these readings that are not known yet. The first loading has all predictions of its
/// studies.</param>
sealed record CaseRows(
    CaseVersion Version, IReadOnlyList<ReadingRow> Readings, IReadOnlyList<FindingRow> Findings, IReadOnlyList<StudyRow> Studies,
    IReadOnlyList<PredictionFacts> Predictions)
{
    /// <summary>
    /// Up to so many new rows are loaded alone, with a parameter for each. Where there are more, everything is loaded anew.
    /// </summary>
    const int MostNew = 500;

    /// <summary>
    /// So many more rows are read, because rows may have come in since the version was asked for. They must not push out those that it
    /// counts.
    /// </summary>
    const int Slack = 100;

    /// <summary>Passes over whole tables, two at a time: correlated queries take several times as long.</summary>
    public static async Task<CaseRows> AllAsync(IDbContextFactory<CovidCxrDbContext> contexts, CancellationToken cancellation)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        await db.Database.OpenConnectionAsync(cancellation);
        // Before the rows: a study that is changed meanwhile makes the next call read all of them again.
        var lastChange = await CaseVersion.LastChangeAsync(db, cancellation);
        await using var command = Rows(db.Readings).CreateDbCommand();
        // From here on this connection sees nothing newer. The other connection reads later, so it finds everything that these readings
        // refer to.
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var reading = Task.Run(() => ReadAll(reader), cancellation);
        var others = OthersAsync(contexts, cancellation);
        await Task.WhenAll(reading, others);
        var (readings, (findings, studies, predictions)) = (await reading, await others);
        return new(
            new(readings.Count, Newest(readings.Select(r => r.Id)), findings.Count, Newest(findings.Select(f => f.Id)), lastChange),
            readings, findings, studies, predictions);
    }

    static async Task<(List<FindingRow> Findings, List<StudyRow> Studies, List<PredictionFacts> Predictions)> OthersAsync(
        IDbContextFactory<CovidCxrDbContext> contexts, CancellationToken cancellation)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        return (
            await Rows(db.ReferenceFindings).ToListAsync(cancellation),
            await Rows(db.Studies.Where(s => db.Readings.Any(r => r.StudyId == s.Id))).ToListAsync(cancellation),
            await Rows(db.Predictions.Where(p => db.Readings.Any(r => r.StudyId == p.StudyId))).ToListAsync(cancellation));
    }

    // The longest table by far, without what a query costs for each row. The columns are those of Rows, in their order.
    static List<ReadingRow> ReadAll(DbDataReader reader)
    {
        List<ReadingRow> rows = [];
        while (reader.Read())
        {
            rows.Add(new(
                reader.GetGuid(0), reader.GetGuid(1), reader.GetGuid(2), (ReadingStage)reader.GetInt32(3), (Opinion)reader.GetInt32(4),
                reader.GetInt32(5), reader.IsDBNull(6) ? null : reader.GetGuid(6), reader.IsDBNull(7) ? null : reader.GetGuid(7),
                new(reader.GetInt64(8), TimeSpan.Zero)));
        }

        return rows;
    }

    /// <returns>
    /// Null where a study was changed, where they are too many, or not the newest: an id made earlier can be written later.
    /// </returns>
    public static async Task<CaseRows?> NewerAsync(CovidCxrDbContext db, CaseSet old, CaseVersion version, CancellationToken cancellation)
    {
        if (version.LastChange != old.Version.LastChange)
        {
            return null;
        }

        var (moreReadings, moreFindings) = (version.Readings - old.Version.Readings, version.Findings - old.Version.Findings);
        if (moreReadings is < 0 or > MostNew || moreFindings is < 0 or > MostNew)
        {
            return null;
        }

        var readings = Since(
            await Rows(db.Readings.OrderByDescending(r => r.Id).Take(moreReadings + Slack)).ToListAsync(cancellation), r => r.Id,
            moreReadings, old.Version.LastReading, version.LastReading);
        var findings = Since(
            await Rows(db.ReferenceFindings.OrderByDescending(f => f.Id).Take(moreFindings + Slack)).ToListAsync(cancellation), f => f.Id,
            moreFindings, old.Version.LastFinding, version.LastFinding);
        if (readings is null || findings is null)
        {
            return null;
        }

        var studies = readings.Select(r => r.StudyId).Where(id => !old.Studies.ContainsKey(id)).Distinct().ToList();
        var predictions = readings.Select(r => r.PredictionId).OfType<Guid>().Where(id => !old.Predictions.ContainsKey(id)).Distinct()
            .ToList();
        return new(
            version, readings,
            [.. await Rows(db.ReferenceFindings.Where(f => studies.Contains(f.StudyId))).ToListAsync(cancellation), .. findings],
            await Rows(db.Studies.Where(s => studies.Contains(s.Id))).ToListAsync(cancellation),
            await Rows(db.Predictions.Where(p => predictions.Contains(p.Id))).ToListAsync(cancellation));
    }

    static List<T>? Since<T>(List<T> newest, Func<T, Guid> id, int count, Guid? last, Guid? now)
    {
        List<T> since = [.. newest.Where(r => last is null || id(r).CompareTo(last.Value) > 0).OrderBy(id).Take(count)];
        return since.Count == count && (count == 0 ? last == now : id(since[^1]) == now) ? since : null;
    }

    static Guid? Newest(IEnumerable<Guid> ids)
    {
        Guid? newest = null;
        foreach (var id in ids)
        {
            newest = newest is { } known && known.CompareTo(id) >= 0 ? known : id;
        }

        return newest;
    }

    static IQueryable<ReadingRow> Rows(IQueryable<Reading> of) =>
        of.Select(r =>
            new ReadingRow(r.Id, r.StudyId, r.ReaderId, r.Stage, r.Opinion, r.Confidence, r.PredictionId, r.SupersedesId, r.CreatedAt));

    static IQueryable<FindingRow> Rows(IQueryable<ReferenceFinding> of) =>
        of.Select(f => new FindingRow(f.Id, f.StudyId, f.Source, f.Result, f.SupersedesId));

    static IQueryable<StudyRow> Rows(IQueryable<Study> of) =>
        of.Select(s => new StudyRow(s.Id, s.PatientNumber, s.Sex, s.AgeYears, s.View));

    // One string for each class that a model ever had, not one for each answer.
    static IQueryable<PredictionFacts> Rows(IQueryable<Prediction> of) =>
        of.Select(p => new PredictionFacts(
            p.Id, p.ModelVersionId, string.Intern(p.Classes[p.PositiveIndex]), p.Probabilities[p.PositiveIndex],
            p.PredictedIndex == p.PositiveIndex, p.Threshold));
}
