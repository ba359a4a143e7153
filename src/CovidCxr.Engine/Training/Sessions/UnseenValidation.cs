using CovidCxr.Learning.Checkpoints;
using CovidCxr.Learning.Data;
using CovidCxr.Learning.Evaluation;
using CovidCxr.Learning.Training;

namespace CovidCxr.Engine.Training.Sessions;

/// <summary>
/// The validation films of a run that starts from another model. What that one was trained on flatters the epoch and the threshold that it
/// chooses.
/// </summary>
/// <param name="Data">Without the validation films that the initial model, or one before it, has seen or of whose patients it has.</param>
/// <param name="Remarks">What a reader of the run and of the model's card must know of it; empty where no such film was seen.</param>
sealed record UnseenValidation(DataSet Data, IReadOnlyList<string> Remarks)
{
    /// <summary>Of the positive class, and of the others: fewer choose nothing.</summary>
    internal const int FewestPatients = 10;

    /// <param name="data">Divided.</param>
    public static UnseenValidation Of(DataSet data, TrainingConfiguration options)
    {
        var known = SeenImages.WithPatients(data.Samples, TrainedImages.Of([], options.InitialModel));
        bool IsSeen(Sample sample) => sample.Part == DataPart.Validation && known.Contains(sample.Image.File.Path);
        var (all, seen) = (data.Of(DataPart.Validation).Count, data.Samples.Count(IsSeen));
        if (seen == 0)
        {
            return new(data, []);
        }

        var without = data with { Samples = [.. data.Samples.Where(s => !IsSeen(s))] };
        var words = $"{seen} of {all} validation images were seen by the model that the training started from, or are of its patients";
        return IsEnough(without, options)
            ? new(without, [$"{words}: they did not choose epoch, threshold and temperature."])
            : new(data, [$"WARNING: {words}. Too few would be left, so they chose epoch, threshold and temperature too: these flatter."]);
    }

    static bool IsEnough(DataSet data, TrainingConfiguration options)
    {
        var films = data.Of(DataPart.Validation);
        var positive = options.Classes.ToList().IndexOf(options.PositiveClass);
        int Patients(bool isPositive) => films.Where(f => f.Class == positive == isPositive).Select(f => f.Group).Distinct().Count();
        return Math.Min(Patients(true), Patients(false)) >= FewestPatients
            && films.Select(f => f.Class).Distinct().Count() == options.Classes.Count;
    }
}
