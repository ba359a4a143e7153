using System.Text.Json;
using CovidCxr.Domain.Accounts;
using CovidCxr.Laboratory.DataSets;
using CovidCxr.Platform.Audit;
using CovidCxr.Statistics;
using CovidCxr.Statistics.Calibration;
using CovidCxr.Storage;
using CovidCxr.Storage.Files;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Laboratory.Runs;

/// <summary>What the report of a cross-validation says, for its page: the same JSON that can be downloaded.</summary>
/// <param name="Pooled">All images together, each decided by the network that had not seen its fold.</param>
public sealed record CrossValidationView(
    string DataSet, int Folds, IReadOnlyList<string> Statements, IReadOnlyList<FoldView> PerFold, IReadOnlyList<FoldMeanView> Means, FigureSetView Pooled, ConfusionView Confusion, RocView Roc,
    ReliabilityDiagram Calibration, IReadOnlyList<ConfusedView> MostConfused, DateTimeOffset MeasuredAt);

public sealed record FoldView(int Fold, int TrainingImages, int ValidationImages, int Epochs, int BestEpoch, double Threshold, FigureSetView Figures);

/// <param name="Lowest">Of the folds; null where no fold has the figure.</param>
public sealed record FoldMeanView(string Name, Estimate Mean, double? Lowest, double? Highest);

/// <summary>Reads a report for its page. Recorded, because it shows films.</summary>
public sealed class GetCrossValidation(IDbContextFactory<CovidCxrDbContext> contexts, DataFolder folder, DataSetPlaces places, AuditLog audit)
{
    static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    /// <returns>Null where there is no such run, or no report of it.</returns>
    public async Task<CrossValidationView?> RunAsync(Guid runId, Actor actor, CancellationToken cancellation)
    {
        actor.Demand(Role.Admin);
        var place = RunFolder.Of(folder, runId);
        if (!File.Exists(place.CrossValidation))
        {
            return null;
        }

        var view = JsonSerializer.Deserialize<CrossValidationView>(await File.ReadAllTextAsync(place.CrossValidation, cancellation), Json)!;
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        return view with { MostConfused = await ConfusedPlaces.ShowAsync(db, places, audit, place, runId, view.MostConfused, actor, cancellation) };
    }
}
