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

/// <summary>
/// A visit's X-rays with what is known of them, and where the analysis stands. One of the images is the principal one, a frontal film where
/// there is any: it stands here, and is the one that is scored. The others are <see cref="StudyImage"/>; one reading is of all of them.
/// </summary>
public sealed class Study
{
    public Guid Id { get; init; } = Guid.CreateVersion7();

    public string? PatientNumber { get; set; }

    public Sex Sex { get; set; }

    public int? AgeYears { get; set; }

    public DateOnly? AcquiredOn { get; set; }

    public ViewPosition View { get; set; }

    // What the principal image's DICOM file says besides; null for other formats and where it says nothing.

    /// <summary>Null too where a person answered that the file's patient is another's.</summary>
    public DateOnly? BirthDate { get; set; }

    /// <summary>R, L, B (both) or U (unpaired).</summary>
    public string? Laterality { get; set; }

    public string? BodyPart { get; set; }

    /// <summary>CR, DX and others, as the file calls it.</summary>
    public string? Modality { get; set; }

    /// <summary>FOR PRESENTATION or FOR PROCESSING.</summary>
    public string? PresentationIntent { get; set; }

    public string? AccessionNumber { get; set; }

    public string? DicomStudyUid { get; set; }

    public string? DicomSeriesUid { get; set; }

    public string? DicomInstanceUid { get; set; }

    /// <summary>When its first image came.</summary>
    public DateTimeOffset ReceivedAt { get; init; }

    public Guid UploadedBy { get; init; }

    /// <summary>
    /// The oldest study that shows the same film, where this one is a copy of it. Who saw the model's answer to one saw it to both.
    /// </summary>
    public Guid? CopyOf { get; set; }

    /// <summary>Of the decoded pixels; no two images share one.</summary>
    public required string PixelHash { get; set; }

    public int Width { get; set; }

    public int Height { get; set; }

    public int BitsStored { get; set; }

    /// <summary>Of the windowed image, 0..1; null for a study of before it was measured.</summary>
    public double? MeanIntensity { get; set; }

    /// <summary>The standard deviation of the same.</summary>
    public double? IntensityDeviation { get; set; }

    /// <summary>Where the uploaded file is stored.</summary>
    public required string ImageKey { get; set; }

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

    /// <summary>Why a person wants it read before others; null where nobody does. The audit trail says who.</summary>
    public UrgencyReason? Urgency { get; set; }

    /// <summary>Urgent, and not read by anybody yet. The database makes it, for the worklist's order.</summary>
    public bool WaitsUrgently { get; private set; }

    /// <summary>Whose work it is to read it; null where it is anybody's. Everybody who may read still may.</summary>
    public Guid? AssignedTo { get; set; }

    /// <summary>The newest prediction; its class and probability stand here too, for the worklist.</summary>
    public Guid? PredictionId { get; set; }

    public string? PredictedClass { get; set; }

    /// <summary>Of the positive class, 0..1.</summary>
    public double? Probability { get; set; }
}
