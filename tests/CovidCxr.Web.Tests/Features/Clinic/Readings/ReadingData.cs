using CovidCxr.Clinic.Studies;
using CovidCxr.Domain.Readings;
using CovidCxr.Domain.Studies;

namespace CovidCxr.Web.Tests.Features.Clinic.Readings;

/// <summary>Studies, predictions and readings as the components of the reading room take them.</summary>
static class ReadingData
{
    public static readonly DateTimeOffset Noon = new(2026, 3, 2, 12, 0, 0, TimeSpan.Zero);

    public static StudyDetail Study(StudyStatus status = StudyStatus.Ready, string? reason = null, PredictionView? prediction = null) =>
        new(
            Guid.Parse("0198f000-0000-7000-8000-0000000000aa"), "P-00317", Sex.Male, 64, new DateOnly(2026, 3, 2), ViewPosition.PA, Noon,
            2048, 1800, 16, status, reason, null, ReadingPolicy.BlindedFirst, IsRevealed: true, prediction, CanRead: true,
            ReadingStage.Final, [], null, []);

    public static PredictionView Prediction(params (string Class, double Probability)[] classes) => new(
        Guid.Parse("0198f000-0000-7000-8000-0000000000bb"), [.. classes.Select(c => c.Class)], [.. classes.Select(c => c.Probability)],
        Array.FindIndex(classes, c => c.Class == "COVID-19"), 0.47, Array.IndexOf(classes, classes.MaxBy(c => c.Probability)),
        Guid.Parse("0198f000-0000-7000-8000-0000000000cc"), 4, "densenet169", Noon, TimeSpan.FromMilliseconds(123.4), "CPU", 7, 7,
        0.81, [], null, null, []);

    public static ReadingView Reading(
        ReadingStage stage, Opinion opinion, int minute, bool? agrees = null, string? note = null, bool isSuperseded = false) => new(
            Guid.CreateVersion7(), "reader", IsOwn: true, stage, opinion, 4, agrees, null, note, Noon.AddMinutes(minute), isSuperseded);
}
