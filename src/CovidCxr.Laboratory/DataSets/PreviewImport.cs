using CovidCxr.Domain.Accounts;
using CovidCxr.Laboratory.DataSets.Sources;
using CovidCxr.Learning.Data;

namespace CovidCxr.Laboratory.DataSets;

/// <summary>What a source holds and what a mapping makes of it, before anything is imported.</summary>
/// <param name="Tables">Paths of CSV files.</param>
/// <param name="Columns">Of the mapping's table.</param>
/// <param name="First">The first images, to look at.</param>
/// <param name="Patients">Patients that the mapping tells apart; images without one count each.</param>
/// <param name="WithoutPatient">Images of which nothing says the patient.</param>
/// <param name="Problem">Why it cannot be imported this way.</param>
public sealed record ImportPreview(
    ImportMapping Mapping, IReadOnlyList<string> Tables, IReadOnlyList<string> Columns, IReadOnlyList<(string Class, int Images)> Classes,
    IReadOnlyList<PlannedImage> First, int Images, int Patients, int WithoutPatient, IReadOnlyList<string> Remarks, string? Problem)
{
    /// <summary>Images of which rows of the table say different things, those that are decided among them.</summary>
    public IReadOnlyList<Contradiction> Contradictions { get; init; } = [];

    /// <summary>The folders' names at each level from the top.</summary>
    public IReadOnlyList<IReadOnlyList<string>> Levels { get; init; } = [];

    /// <summary>Whether folders such as `train` and `test` divide the images.</summary>
    public bool HasDivision { get; init; }

    public bool TakesDivision { get; init; }
}

public sealed class PreviewImport(ImportSources sources)
{
    const int Shown = 8;

    /// <param name="mapping">Null to guess; with a table but without columns to guess these.</param>
    public async Task<ImportPreview> RunAsync(ImportOrigin origin, ImportMapping? mapping, Actor actor, CancellationToken cancellation)
    {
        actor.Demand(Role.Admin);
        return await Task.Run(() => Preview(origin, mapping), cancellation);
    }

    ImportPreview Preview(ImportOrigin origin, ImportMapping? wanted)
    {
        try
        {
            using var source = sources.Open(origin);
            var planner = new ImportPlanner(source);
            var mapping = wanted switch
            {
                null => planner.Guess(),
                { Table: { } table, FileColumn: null } => Keep(planner.GuessColumns(table), wanted),
                _ => wanted,
            };
            var plan = planner.Plan(mapping);
            return new(
                mapping, [.. source.Tables.Select(t => t.Path)], mapping.Table is { } chosen ? planner.ColumnsOf(chosen) : [], plan.Classes,
                Spread(plan.Images), plan.Images.Count,
                plan.Images.Select(i => i.Patient).Distinct(StringComparer.Ordinal).Count(), plan.Images.Count(i => !i.HasPatient),
                plan.Remarks, plan.Problem)
            {
                Contradictions = plan.Contradictions,
                Levels = planner.Levels,
                HasDivision = plan.Images.Any(i => i.Part is not null),
                TakesDivision = plan.TakesDivision,
            };
        }
        catch (Exception e) when (e is ImportRefusedException or DataSetException)
        {
            return new(wanted ?? new(), [], [], [], [], 0, 0, 0, [], e.Message);
        }
    }

    // What was typed before another table was chosen.
    static ImportMapping Keep(ImportMapping guessed, ImportMapping wanted) =>
        guessed with { PatientPattern = string.IsNullOrEmpty(wanted.PatientPattern) ? guessed.PatientPattern : wanted.PatientPattern };

    // Of every class some, so that each naming is seen.
    static List<PlannedImage> Spread(IReadOnlyList<PlannedImage> images)
    {
        var classes = images.GroupBy(i => i.Class).ToList();
        return [.. classes.SelectMany(c => c.Take(Math.Max(1, Shown / classes.Count))).Take(Shown)];
    }
}
