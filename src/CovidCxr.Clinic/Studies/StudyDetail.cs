using CovidCxr.Domain.Readings;
using CovidCxr.Domain.Studies;
using CovidCxr.Learning.Gate;

namespace CovidCxr.Clinic.Studies;

/// <summary>A study as one person may see it now.</summary>
/// <param name="ScoreDemand">Why a score was asked for although it was withheld, in that person's words; null where nobody did.</param>
/// <param name="IsRevealed">Whether the model's answer may be shown to this person.</param>
/// <param name="Prediction">Null where it is not revealed or not there.</param>
/// <param name="CanRead">Radiologists read; the lead looks on.</param>
/// <param name="NextStage">The stage of the reader's next reading; null where the reader has finished, or does not read.</param>
/// <param name="Readings">The reader's own, or for the lead everybody's once the answer is revealed, oldest first.</param>
/// <param name="CorrectableId">The reading that this reader may correct; null where there is none.</param>
/// <param name="Earlier">The patient's other studies, newest first; empty without a patient number.</param>
/// <param name="IsDisclosed">Whether this person would read it blinded, had the answer not been shown before.</param>
public sealed record StudyDetail(
    Guid Id, string? PatientNumber, Sex Sex, int? AgeYears, DateOnly? AcquiredOn, ViewPosition View, DateTimeOffset ReceivedAt, int Width,
    int Height, int BitsStored, StudyStatus Status, string? StatusReason, string? ScoreDemand, ReadingPolicy Policy, bool IsRevealed,
    PredictionView? Prediction, bool CanRead, ReadingStage? NextStage, IReadOnlyList<ReadingView> Readings, Guid? CorrectableId,
    IReadOnlyList<EarlierStudy> Earlier, bool IsDisclosed = false)
{
    public DateOnly? BirthDate { get; init; }

    /// <summary>R, L, B (both) or U (unpaired), as the principal image's file says it.</summary>
    public string? Laterality { get; init; }

    /// <summary>Tells the principal image from another one that took its place.</summary>
    public string? PixelHash { get; init; }

    /// <summary>The further images of the visit, in the order of their arrival.</summary>
    public IReadOnlyList<StudyImageView> Images { get; init; } = [];

    /// <summary>An image came after this person's last word on the study; after anybody's, for who does not read.</summary>
    public bool HasLateImage { get; init; }

    /// <summary>Whether this person may add an image.</summary>
    public bool CanAddImage { get; init; }

    /// <summary>Why a person wants it read before others; null where nobody does.</summary>
    public UrgencyReason? Urgency { get; init; }

    public Guid? AssignedTo { get; init; }

    /// <summary>As pages show a person; null where it is assigned to nobody.</summary>
    public string? AssignedToName { get; init; }

    /// <summary>It counts nowhere; <see cref="Changes"/> says why.</summary>
    public bool IsWithdrawn { get; init; }

    /// <summary>Whether this person may correct, move or withdraw it.</summary>
    public bool CanChange { get; init; }

    /// <summary>What was corrected, moved or withdrawn, the newest first.</summary>
    public IReadOnlyList<StudyChange> Changes { get; init; } = [];

    public StudyParticulars Particulars => new(PatientNumber, Sex, BirthDate, AgeYears, View, AcquiredOn, IsWithdrawn);
}

/// <summary>A further image of a visit: looked at, and not scored.</summary>
/// <param name="WithheldReason">Why it was not scored when it was the principal one; null where it never was.</param>
public sealed record StudyImageView(
    Guid Id, ViewPosition View, string? Laterality, int Width, int Height, int BitsStored, DateTimeOffset ReceivedAt,
    string? WithheldReason);

/// <param name="Probabilities">One per class, together 1.</param>
/// <param name="InLungs">The part of the decided class's heat map inside the lungs, 0..1; null where it is unknown.</param>
/// <param name="SeverityZones">A to F, 0..3 each; empty where the model says none.</param>
/// <param name="LungScores">Of the lungs as a whole; empty where the model says none.</param>
/// <param name="Threshold">At or above it the positive class is predicted.</param>
public sealed record PredictionView(
    Guid Id, IReadOnlyList<string> Classes, IReadOnlyList<double> Probabilities, int PositiveIndex, double Threshold, int PredictedIndex,
    Guid ModelVersionId, int ModelNumber, string ModelName, DateTimeOffset CreatedAt, TimeSpan Elapsed, string Device, int MapWidth,
    int MapHeight, double? InLungs, IReadOnlyList<double> SeverityZones, double? SeverityLower, double? SeverityUpper,
    IReadOnlyList<LungScore> LungScores)
{
    /// <summary>What such an answer has meant here; null where the model looks for something that the clinic does not read for.</summary>
    public ScoreMeaning? Meaning { get; init; }

    /// <summary>How the version was accepted for this department; null where it is not.</summary>
    public LocalThreshold? AcceptedHere { get; init; }

    /// <summary>Why the version's answers are not to be relied on as they stand.</summary>
    public ModelWarnings Warnings { get; init; } = ModelWarnings.None;

    /// <summary>Whether the answer is what the model looks for.</summary>
    public bool IsPositive => PredictedIndex == PositiveIndex;

    /// <summary>Whether the answer is the disease that the clinic reads for; null where the model looks for another.</summary>
    public bool? IsReadDisease => ReadDisease.IsAnswer(Classes, PositiveIndex, PredictedIndex);
}

public sealed record ReadingView(
    Guid Id, string ReaderName, bool IsOwn, ReadingStage Stage, Opinion Opinion, int Confidence, bool? AgreesWithPrediction,
    bool? HeatMapUseful, string? Note, DateTimeOffset CreatedAt, bool IsSuperseded)
{
    /// <summary>The answer that was on the page; null where none was.</summary>
    public Guid? PredictionId { get; init; }
}

public sealed record EarlierStudy(Guid Id, DateTimeOffset ReceivedAt, DateOnly? AcquiredOn, ViewPosition View);
