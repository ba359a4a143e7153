namespace CovidCxr.Domain.Studies;

/// <summary>
/// A further image of a study's visit, such as the lateral view or a repeat. It is looked at and never scored: the principal image, which
/// is, stands in the study itself.
/// </summary>
public sealed class StudyImage
{
    /// <summary>A study of its own that it is taken out as has the same.</summary>
    public Guid Id { get; init; } = Guid.CreateVersion7();

    public Guid StudyId { get; init; }

    public ViewPosition View { get; init; }

    public string? Laterality { get; init; }

    public string? BodyPart { get; init; }

    public string? Modality { get; init; }

    public string? PresentationIntent { get; init; }

    public string? DicomStudyUid { get; init; }

    public string? DicomSeriesUid { get; init; }

    public string? DicomInstanceUid { get; init; }

    public DateTimeOffset ReceivedAt { get; init; }

    public Guid UploadedBy { get; init; }

    /// <summary>Of the decoded pixels; no two images share one, and no image and study.</summary>
    public required string PixelHash { get; init; }

    public int Width { get; init; }

    public int Height { get; init; }

    public int BitsStored { get; init; }

    /// <summary>Of the windowed image, 0..1; null for one of before it was measured.</summary>
    public double? MeanIntensity { get; init; }

    /// <summary>The standard deviation of the same.</summary>
    public double? IntensityDeviation { get; init; }

    /// <summary>Where the uploaded file is stored.</summary>
    public required string ImageKey { get; init; }

    /// <summary>Why it was not scored when it was the principal image, or is not to be, in words; null where it may be.</summary>
    public string? WithheldReason { get; init; }

    /// <summary>
    /// Somebody had begun to read the study when it came: <see cref="ReceivedAt"/> says since when it waits to be looked at.
    /// </summary>
    public bool IsLate { get; init; }

    /// <summary>The study's principal image, as a further one.</summary>
    /// <param name="joins">The study that it becomes an image of; null for the same.</param>
    /// <param name="id">Null for a new one.</param>
    /// <param name="receivedAt">Null for the study's.</param>
    public static StudyImage OfPrincipal(
        Study study, Guid? joins = null, Guid? id = null, bool isLate = false, DateTimeOffset? receivedAt = null) => new()
        {
            Id = id ?? Guid.CreateVersion7(),
            StudyId = joins ?? study.Id,
            IsLate = isLate,
            View = study.View,
            Laterality = study.Laterality,
            BodyPart = study.BodyPart,
            Modality = study.Modality,
            PresentationIntent = study.PresentationIntent,
            DicomStudyUid = study.DicomStudyUid,
            DicomSeriesUid = study.DicomSeriesUid,
            DicomInstanceUid = study.DicomInstanceUid,
            ReceivedAt = receivedAt ?? study.ReceivedAt,
            UploadedBy = study.UploadedBy,
            PixelHash = study.PixelHash,
            Width = study.Width,
            Height = study.Height,
            BitsStored = study.BitsStored,
            MeanIntensity = study.MeanIntensity,
            IntensityDeviation = study.IntensityDeviation,
            ImageKey = study.ImageKey,
            WithheldReason = study.StatusReason,
        };

    /// <summary>
    /// Makes it the principal image of a study, which keeps whose it is, its day and its arrival. What was principal is kept by
    /// <see cref="OfPrincipal"/> before.
    /// </summary>
    public void ReplacePrincipalOf(Study study)
    {
        (study.View, study.Laterality, study.BodyPart) = (View, Laterality, BodyPart);
        (study.Modality, study.PresentationIntent) = (Modality, PresentationIntent);
        (study.DicomStudyUid, study.DicomSeriesUid, study.DicomInstanceUid) = (DicomStudyUid, DicomSeriesUid, DicomInstanceUid);
        (study.PixelHash, study.ImageKey) = (PixelHash, ImageKey);
        (study.Width, study.Height, study.BitsStored) = (Width, Height, BitsStored);
        (study.MeanIntensity, study.IntensityDeviation) = (MeanIntensity, IntensityDeviation);
        (study.Status, study.StatusReason) = (StudyStatus.Queued, null);
    }
}
