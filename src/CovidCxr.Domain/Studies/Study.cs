namespace CovidCxr.Domain.Studies;

public enum Sex
{
    Unknown,
    Female,
    Male,
    Other,
}

public enum ViewPosition
{
    Unknown,

    /// <summary>Posteroanterior: the standing film.</summary>
    PA,

    /// <summary>Anteroposterior: the film at the bed.</summary>
    AP,

    Lateral,
}

public enum StudyStatus
{
    Queued,
    Analysing,
    Ready,

    /// <summary>The model's answer is held back, for the reason that the study gives.</summary>
    Withheld,

    Failed,
}

/// <summary>One X-ray with what is known of it, and where its analysis stands.</summary>
public sealed class Study
{
    public Guid Id { get; init; } = Guid.CreateVersion7();

    public string? PatientNumber { get; set; }

    public Sex Sex { get; set; }

    public int? AgeYears { get; set; }

    public DateOnly? AcquiredOn { get; set; }

    public ViewPosition View { get; set; }

    // What a DICOM file says besides; null for other formats and where it says nothing.

    /// <summary>Null too where a person answered that the file's patient is another's.</summary>
    public DateOnly? BirthDate { get; set; }

    /// <summary>R, L, B (both) or U (unpaired).</summary>
    public string? Laterality { get; init; }

    public string? BodyPart { get; init; }

    /// <summary>CR, DX and others, as the file calls it.</summary>
    public string? Modality { get; init; }

    /// <summary>FOR PRESENTATION or FOR PROCESSING.</summary>
    public string? PresentationIntent { get; init; }

    public string? AccessionNumber { get; init; }

    public string? DicomStudyUid { get; init; }

    public string? DicomSeriesUid { get; init; }

    public string? DicomInstanceUid { get; init; }

    public DateTimeOffset ReceivedAt { get; init; }

    public Guid UploadedBy { get; init; }

    /// <summary>
    /// The oldest study that shows the same film, where this one is a copy of it. Who saw the model's answer to one saw it to both.
    /// </summary>
    public Guid? CopyOf { get; set; }

    /// <summary>Of the decoded pixels; no two studies share one.</summary>
    public required string PixelHash { get; init; }

    public int Width { get; init; }

    public int Height { get; init; }

    public int BitsStored { get; init; }

    /// <summary>Of the windowed image, 0..1; null for a study of before it was measured.</summary>
    public double? MeanIntensity { get; init; }

    /// <summary>The standard deviation of the same.</summary>
    public double? IntensityDeviation { get; init; }

    /// <summary>Where the uploaded file is stored.</summary>
    public required string ImageKey { get; init; }

    /// <summary>
    /// Of the wrong patient, or useless: it stands in no list, count, statistic or export. <see cref="StudyChange"/> says why.
    /// </summary>
    public bool IsWithdrawn { get; set; }

    public StudyStatus Status { get; set; }

    /// <summary>In words, where the status is Withheld or Failed; and why the answer was held back, where somebody asked for it all the
    /// same.</summary>
    public string? StatusReason { get; set; }

    /// <summary>Who asked for a score although it was withheld; null where nobody did.</summary>
    public Guid? ScoreDemandedBy { get; set; }

    /// <summary>Why, in that person's words.</summary>
    public string? ScoreDemandReason { get; set; }

    /// <summary>Finished readings that nothing supersedes.</summary>
    public int ReadCount { get; set; }

    /// <summary>The newest prediction; its class and probability stand here too, for the worklist.</summary>
    public Guid? PredictionId { get; set; }

    public string? PredictedClass { get; set; }

    /// <summary>Of the positive class, 0..1.</summary>
    public double? Probability { get; set; }
}
