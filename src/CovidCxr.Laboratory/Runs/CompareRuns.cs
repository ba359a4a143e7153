using System.Text.Json;
using CovidCxr.Domain.Accounts;
using CovidCxr.Laboratory.Training;
using CovidCxr.Learning.Evaluation;
using CovidCxr.Learning.Training;
using CovidCxr.Storage;
using CovidCxr.Storage.Files;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Laboratory.Runs;

/// <param name="BestEpoch">Whose weights are kept, from 1; null before the first epoch is done.</param>
/// <param name="Evaluation">Null where the run has no report.</param>
public sealed record ComparedRun(
    TrainingRunView Run, IReadOnlyList<TrainingProgress.Epoch> Epochs, int? BestEpoch, EvaluationReport? Evaluation);

/// <param name="Values">One per run; null where its configuration has no such entry.</param>
public sealed record ConfigurationDifference(string Key, IReadOnlyList<string?> Values);

public sealed record RunComparison(IReadOnlyList<ComparedRun> Runs, IReadOnlyList<ConfigurationDifference> Differences);

/// <summary>Two or more runs side by side: their courses, their reports, and where their configurations differ.</summary>
public sealed class CompareRuns(IDbContextFactory<CovidCxrDbContext> contexts, DataFolder folder)
{
    public const int Most = 6;

    /// <param name="runIds">Unknown ones are left out, and those above six.</param>
    public async Task<RunComparison> RunAsync(IReadOnlyList<Guid> runIds, Actor actor, CancellationToken cancellation)
    {
        actor.Demand(Role.Admin);
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        var runs = await db.TrainingRuns.AsNoTracking().Where(r => runIds.Contains(r.Id)).OrderBy(r => r.Number).Take(Most)
            .ToListAsync(cancellation);
        var compared = new List<ComparedRun>();
        foreach (var run in runs)
        {
            var place = RunFolder.Of(folder, run.Id);
            var (lines, _) = await Task.Run(() => place.ReadProgress(0), cancellation);
            // An epoch repeated after a crash replaces the one before it.
            var epochs = lines.Select(l => l.Epoch).OfType<TrainingProgress.Epoch>().GroupBy(e => e.Number).Select(g => g.Last())
                .OrderBy(e => e.Number).ToList();
            var best = TrainingConfiguration.BestEpochOf(run.Configuration).Of(epochs, e => e.ValidationLoss, e => e.Area);
            compared.Add(new(ListTrainingRuns.View(run), epochs, best?.Number, await GetEvaluation.ReadAsync(place, cancellation)));
        }

        return new(compared, Differences([.. compared.Select(r => Flat(r.Run.Configuration))]));
    }

    static List<ConfigurationDifference> Differences(IReadOnlyList<IReadOnlyDictionary<string, string>> all) =>
        [
            .. all.SelectMany(c => c.Keys).Distinct().Order(StringComparer.Ordinal)
                .Select(key => new ConfigurationDifference(key, [.. all.Select(c => c.GetValueOrDefault(key))]))
            .Where(d => d.Values.Distinct().Count() > 1)];

    // schedule.maxRate = 0.01 and so on, as the configuration's own error messages name its values.
    static Dictionary<string, string> Flat(string json)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        void Walk(string path, JsonElement element)
        {
            switch (element.ValueKind)
            {
                case JsonValueKind.Object:
                    element.EnumerateObject().ToList().ForEach(p => Walk(path.Length == 0 ? p.Name : $"{path}.{p.Name}", p.Value));
                    break;
                case JsonValueKind.Array:
                    element.EnumerateArray().Select((item, i) => (item, i)).ToList().ForEach(p => Walk($"{path}[{p.i}]", p.item));
                    break;
                default:
                    values[path] = element.ToString();
                    break;
            }
        }

        using var document = JsonDocument.Parse(json);
        Walk("", document.RootElement);
        return values;
    }
}
