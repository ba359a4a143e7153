using System.Runtime.InteropServices;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Studies;
using CovidCxr.Storage;

namespace CovidCxr.Testing;

/// <summary>What a clinic's database holds before a test begins.</summary>
public static class ClinicRows
{
    static readonly string[] Usual = ["Unremarkable", "COVID-19"];

    /// <summary>Accounts without a password and without a role.</summary>
    public static void AddPeople(this CovidCxrDbContext db, params IEnumerable<Actor> people) =>
        db.Users.AddRange(people.Select(a => new Account
        {
            Id = a.UserId,
            UserName = a.UserName,
            NormalizedUserName = a.UserName.ToUpperInvariant(),
            SecurityStamp = a.UserName,
        }));

    /// <summary>As the analysis would: COVID-19 with this probability, and the study is ready.</summary>
    /// <param name="number">Tells a study's predictions apart: it begins the prediction's id.</param>
    /// <param name="classes">Two, the positive one last; null for those of COVID-19.</param>
    public static Prediction AddPrediction(
        this CovidCxrDbContext db,
        Study study,
        Guid model,
        double probability,
        double threshold = 0.5,
        string device = "cpu",
        TimeSpan elapsed = default,
        int number = 1,
        string[]? classes = null)
    {
        classes ??= Usual;
        var prediction = new Prediction
        {
            Id = Guid.Parse($"{number:x8}-0000-7000-8000-{study.Id.ToString()[24..]}"),
            StudyId = study.Id,
            ModelVersionId = model,
            Classes = classes,
            Probabilities = [1 - probability, probability],
            PositiveIndex = 1,
            PredictedIndex = probability >= threshold ? 1 : 0,
            Threshold = threshold,
            Elapsed = elapsed,
            Device = device,
            MapWidth = 2,
            MapHeight = 1,
            HeatMaps = MemoryMarshal.AsBytes<float>([0f, (float)probability, 0.5f, 1f]).ToArray(),
        };
        db.Predictions.Add(prediction);
        (study.Status, study.PredictionId) = (StudyStatus.Ready, prediction.Id);
        (study.PredictedClass, study.Probability) = (classes[prediction.PredictedIndex], probability);
        return prediction;
    }
}
