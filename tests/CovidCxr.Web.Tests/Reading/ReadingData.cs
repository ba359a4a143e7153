using CovidCxr.Domain.Readings;
using CovidCxr.Domain.Studies;
using OneReading = CovidCxr.Domain.Readings.Reading;

namespace CovidCxr.Web.Tests.Reading;

/// <summary>Studies, predictions and readings as the tests of the reading room use them.</summary>
static class ReadingData
{
    public static readonly DateTimeOffset Noon = new(2026, 3, 2, 12, 0, 0, TimeSpan.Zero);

    public static readonly Guid Reader = Guid.Parse("0198f000-0000-7000-8000-000000000001");

    public static Study Study(StudyStatus status = StudyStatus.Ready, string? reason = null) => new()
    {
        Id = Guid.Parse("0198f000-0000-7000-8000-0000000000aa"),
        PatientNumber = "P-00317",
        Sex = Sex.Male,
        AgeYears = 64,
        AcquiredOn = new DateOnly(2026, 3, 2),
        View = ViewPosition.PA,
        ReceivedAt = Noon,
        Width = 2048,
        Height = 1800,
        BitsStored = 12,
        Status = status,
        StatusReason = reason,
        PixelHash = "00",
        ImageKey = "key",
    };

    public static Prediction Prediction(params (string Class, double Probability)[] classes) => new()
    {
        Id = Guid.Parse("0198f000-0000-7000-8000-0000000000bb"),
        ModelVersionId = Guid.Parse("0198f000-0000-7000-8000-0000000000cc"),
        CreatedAt = Noon,
        Classes = [.. classes.Select(c => c.Class)],
        Probabilities = [.. classes.Select(c => c.Probability)],
        PositiveIndex = Array.FindIndex(classes, c => c.Class == "COVID-19"),
        PredictedIndex = Array.IndexOf(classes, classes.MaxBy(c => c.Probability)),
        Threshold = 0.47,
        Elapsed = TimeSpan.FromMilliseconds(123.4),
        Device = "CPU",
        HeatMaps = [],
    };

    public static OneReading Reading(ReadingStage stage, Opinion opinion, int minute = 0, Guid? supersedes = null, bool? agrees = null, string? note = null) => new()
    {
        ReaderId = Reader,
        Stage = stage,
        Opinion = opinion,
        Confidence = 4,
        AgreesWithPrediction = agrees,
        Note = note,
        SupersedesId = supersedes,
        CreatedAt = Noon.AddMinutes(minute),
    };
}
