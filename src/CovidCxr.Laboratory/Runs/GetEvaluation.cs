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

/// <summary>What the report of a run says, for its page: the same JSON that can be downloaded.</summary>
public sealed record EvaluationView(
    EvaluatedModelView Model, string DataSet, string Part, IReadOnlyList<string> Statements, FigureSetView Overall, ConfusionView Confusion, RocView Roc, ReliabilityDiagram Calibration,
    string SourcesCheck, IReadOnlyList<ConfusedView> MostConfused, DateTimeOffset MeasuredAt);

public sealed record EvaluatedModelView(string Name, string PositiveClass, double Threshold);

public sealed record FigureSetView(int Images, int Patients, int Positives, IReadOnlyList<FigureView> Figures);

/// <param name="ByImage">As if every image were a case of its own.</param>
/// <param name="ByPatient">From resampling patients with all their images.</param>
public sealed record FigureView(string Name, Estimate ByImage, Estimate ByPatient);

/// <param name="Counts">Row: the truth; column: the decision.</param>
public sealed record ConfusionView(IReadOnlyList<string> Classes, IReadOnlyList<IReadOnlyList<int>> Counts);

public sealed record RocView(IReadOnlyList<RocPointView> Points, Estimate Area);

public sealed record RocPointView(double? Threshold, double FalsePositiveRate, double TruePositiveRate);

public sealed record ConfusedView(string Path, string Predicted, string Truth, double Loss, double ProbabilityOfTruth)
{
    /// <summary>In the data set version's manifest; -1 where it is not there.</summary>
    public int Index { get; init; } = -1;

    /// <summary>Whether it can be shown with its heat map.</summary>
    public bool HasPicture { get; init; }
}

/// <summary>Reads a report for its page. Recorded, because it shows films.</summary>
public sealed class GetEvaluation(IDbContextFactory<CovidCxrDbContext> contexts, DataFolder folder, DataSetPlaces places, AuditLog audit)
{
    static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    /// <returns>Null where there is no such run, or no report of it.</returns>
    public async Task<EvaluationView?> RunAsync(Guid runId, Actor actor, CancellationToken cancellation)
    {
        actor.Demand(Role.Admin);
        if (await ReadAsync(RunFolder.Of(folder, runId), cancellation) is not { } view)
        {
            return null;
        }

        await using var db = await contexts.CreateDbContextAsync(cancellation);
        return view with { MostConfused = await ConfusedPlaces.ShowAsync(db, places, audit, RunFolder.Of(folder, runId), runId, view.MostConfused, actor, cancellation) };
    }

    /// <summary>The report as it was written, without the places of its images; null where there is none.</summary>
    internal static async Task<EvaluationView?> ReadAsync(RunFolder place, CancellationToken cancellation) =>
        File.Exists(place.Evaluation) ? JsonSerializer.Deserialize<EvaluationView>(await File.ReadAllTextAsync(place.Evaluation, cancellation), Json)! : null;
}
