using CovidCxr.Domain.Models;
using CovidCxr.Domain.Readings;
using CovidCxr.Domain.Studies;

namespace CovidCxr.Storage.Tests;

/// <summary>Rows that say what a test is about and fill the rest.</summary>
static class Rows
{
    public static readonly DateTimeOffset Morning = new(2026, 3, 2, 8, 0, 0, TimeSpan.Zero);

    public static Study Study(string pixelHash, int hour = 0) => new()
    {
        PixelHash = pixelHash,
        ImageKey = "0",
        Width = 1,
        Height = 1,
        BitsStored = 8,
        ReceivedAt = Morning.AddHours(hour),
    };

    public static ModelVersion Model(int number, bool isActive) => new()
    {
        Number = number,
        Name = "m",
        Architecture = "resnet18",
        Sha256 = $"{number}",
        FileKey = "f",
        HeaderJson = "{}",
        IsActive = isActive,
    };

    public static Reading Reading(Guid study, Guid reader, ReadingStage stage, Guid? supersedes = null) => new()
    {
        StudyId = study,
        ReaderId = reader,
        Stage = stage,
        Confidence = 3,
        SupersedesId = supersedes,
        CreatedAt = Morning,
        SubmissionId = Guid.NewGuid(),
    };
}
