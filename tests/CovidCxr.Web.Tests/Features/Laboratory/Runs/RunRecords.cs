using System.Text.Json;
using CovidCxr.Domain.Runs;
using CovidCxr.Laboratory.Runs;
using CovidCxr.Learning.Training;
using CovidCxr.Storage.Files;
using CovidCxr.Testing;
using CovidCxr.Web.Tests.Features.Clinic.Readings;
using Microsoft.Extensions.DependencyInjection;

namespace CovidCxr.Web.Tests.Features.Laboratory.Runs;

/// <summary>Runs as their processes leave them: a row, and a folder with progress and report.</summary>
static class RunRecords
{
    static readonly DateTimeOffset At = new(2026, 3, 2, 8, 0, 0, TimeSpan.Zero);

    public static async Task<TrainingRun> AddAsync(
        IServiceProvider services, int number, RunState state, RunKind kind = RunKind.Training,
        string configuration = """{"schedule":{"maxRate":0.01},"epochs":2}""", string? message = null)
    {
        var run = new TrainingRun
        {
            Number = number,
            Name = $"resnet18 on films {number}",
            Architecture = "resnet18",
            Kind = kind,
            Configuration = configuration,
            StartedBy = TestClinic.Admin.UserId,
            StartedByName = TestClinic.Admin.UserName,
            CreatedAt = At,
            State = state,
            Message = message,
        };
        await using var db = WebClinic.Context(services);
        db.TrainingRuns.Add(run);
        await db.SaveChangesAsync();
        Directory.CreateDirectory(Folder(services, run).Path);
        return run;
    }

    public static RunFolder Folder(IServiceProvider services, TrainingRun run) =>
        RunFolder.Of(services.GetRequiredService<DataFolder>(), run.Id);

    public static void Write(RunFolder folder, params RunLine[] lines)
    {
        using var progress = folder.OpenProgress();
        lines.ToList().ForEach(l => progress.WriteLine(RunFolder.Line(l)));
    }

    public static RunLine Step(
        int epoch, int step, int steps = 4, int epochs = 2, double loss = 0.5, double? memory = 512, double scale = 1,
        double afterSeconds = 0) =>
        new(
            At.AddSeconds(afterSeconds),
            Step: new(epoch, epochs, step, steps, loss, 16, scale, 0, [new("stem", 1e-4, 0.8), new("head", 1e-2, 0.9)], loss),
            MemoryMegabytes: memory);

    /// <param name="optimised">The training loss that was lowered; null for the plain one.</param>
    public static RunLine Epoch(int number, double loss, double area = 0.5, double? optimised = null) =>
        new(At, Epoch: new(number, optimised ?? loss, 0.5, loss, 0.75, 0.625, null, area, 10, 0, 1, 0, 2, loss));

    /// <summary>Of a run that keeps the epoch of the largest area.</summary>
    public static string ChoosingByArea => (new TrainingDraft().Configuration with { BestEpoch = BestEpoch.LargestArea }).ToJson();

    /// <summary>As the process writes it: 7 of 10 right, one image that confused it, its ROC and calibration.</summary>
    /// <param name="verdict">Of the lungs blacked out; null for a report of before there was one.</param>
    public static void WriteEvaluation(RunFolder folder, double sensitivity = 0.8, string? verdict = null)
    {
        File.WriteAllText(folder.Evaluation, JsonSerializer.Serialize(
            new
            {
                Model = new { Name = "m", PositiveClass = "COVID-19", Threshold = 0.4321 },
                DataSet = "films, version 2",
                Part = "validation",
                Statements = new[] { "Divided by patient, seed 1." },
                Overall = Figures(sensitivity),
                Confusion = new { Classes = new[] { "COVID-19", "Normal" }, Counts = new[] { new[] { 4, 1 }, new[] { 2, 3 } } },
                Roc = Roc,
                Calibration,
                BySource = new[]
                {
                    new { Source = "north", WasTrainedOn = true, Figures = Figures(0.7), SeenInTraining = 3 },
                    new { Source = "south", WasTrainedOn = false, Figures = Figures(0.6), SeenInTraining = 0 },
                },
                LungsBlackedOut = new
                {
                    Whole = Figures(0.8),
                    Blacked = Figures(0.8),
                    Reading = "as it should be",
                    Verdict = verdict
                },
                SourcesCheck = "Every source was also trained on.",
                MostConfused = Confused,
                MeasuredAt = At,
            },
            JsonSerializerOptions.Web));
        File.WriteAllBytes(folder.ConfusedPicture(0), [1, 2, 3]);
    }

    public static void WriteCrossValidation(RunFolder folder)
    {
        object Fold(int number, double sensitivity) => new
        {
            Fold = number,
            TrainingImages = 6,
            ValidationImages = 2,
            Epochs = 2,
            BestEpoch = 1,
            Threshold = 0.5,
            Figures = Figures(sensitivity)
        };
        File.WriteAllText(folder.CrossValidation, JsonSerializer.Serialize(
            new
            {
                DataSet = "films, version 3",
                Folds = 3,
                Statements = new[] { "Divided by patient, class by class, as the data set version is." },
                PerFold = new[] { Fold(1, 0.7), Fold(2, 0.8), Fold(3, 0.9) },
                Means = new[] { new { Name = "sensitivity", Mean = Estimate(0.8, 0.55, 1), Lowest = 0.7, Highest = 0.9 } },
                Pooled = Figures(0.8),
                Confusion = new { Classes = new[] { "COVID-19", "Normal" }, Counts = new[] { new[] { 4, 1 }, new[] { 2, 3 } } },
                Roc = Roc,
                Calibration,
                MostConfused = Confused,
                MeasuredAt = At,
            },
            JsonSerializerOptions.Web));
    }

    static object Estimate(double? value, double? lower, double? upper) =>
        new { Value = value, Lower = lower, Upper = upper, Count = 5, Method = "bootstrap by patient" };

    static object Figures(double sensitivity) => new
    {
        Images = 10,
        Patients = 8,
        Positives = 5,
        Figures = new[]
        {
            new { Name = "sensitivity", ByImage = Estimate(sensitivity, 0.376, 0.964), ByPatient = Estimate(sensitivity, 0.333, 1) },
            new { Name = "specificity", ByImage = Estimate(null, null, null), ByPatient = Estimate(null, null, null) },
        },
    };

    static object Roc => new
    {
        Points = new[]
        {
            new { Threshold = (double?)null, FalsePositiveRate = 0.0, TruePositiveRate = 0.0 },
            new { Threshold = (double?)0.1, FalsePositiveRate = 1.0, TruePositiveRate = 1.0 }
        },
        Area = Estimate(0.84, 0.5, 0.97)
    };

    static object Calibration => new
    {
        BrierScore = 0.2,
        ExpectedCalibrationError = 0.1,
        Bins = new[] { new { Low = 0.0, High = 0.5, Count = 5, MeanScore = 0.3, ObservedRate = 0.2 } }
    };

    static object[] Confused =>
        [new { Path = "files/1/COVID-19/film.png", Predicted = "Normal", Truth = "COVID-19", Loss = 2.3026, ProbabilityOfTruth = 0.1 }];
}
