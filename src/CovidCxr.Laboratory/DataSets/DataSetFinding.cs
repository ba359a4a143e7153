namespace CovidCxr.Laboratory.DataSets;

/// <summary>Where an image stands in the division.</summary>
public enum ImagePart
{
    Train,
    Validation,
    Test,
}

public enum FindingKind
{
    Unreadable,
    ConflictingLabels,
    ExactDuplicates,
    NearDuplicates,
    InOtherDataSets,
    PatientInTwoClasses,
    NotFrontal,
    LeakingPatients,
    Imbalance,
    SizeTellsClass,
}

/// <summary>Something to know of a version before anything is trained on it.</summary>
/// <param name="Images">How many are concerned.</param>
/// <param name="Words">What it is and why it matters.</param>
/// <param name="Remedy">What one click does, as the next version; null where nothing can be left out for it.</param>
/// <param name="Groups">What belongs together, to look at.</param>
public sealed record DataSetFinding(FindingKind Kind, int Images, string Words, string? Remedy, IReadOnlyList<FindingGroup> Groups)
{
    /// <summary>Look-alikes to decide on, one by one.</summary>
    public IReadOnlyList<LookalikePair> Pairs { get; init; } = [];

    /// <summary>The images that the remedy leaves out.</summary>
    internal IReadOnlySet<string> LeavesOut { get; init; } = new HashSet<string>();
}

/// <param name="Note">What joins them.</param>
public sealed record FindingGroup(string Note, IReadOnlyList<ManifestImageView> Images);

/// <summary>Two images that seem to show one film.</summary>
/// <param name="Larger">In pixels; kept where they are the same film.</param>
/// <param name="DifferingBits">Of the 256 of their hashes.</param>
/// <param name="Correlation">-1..1; null where the version is too old to have thumbnails.</param>
public sealed record LookalikePair(ManifestImageView Larger, ManifestImageView Smaller, int DifferingBits, double? Correlation);

/// <summary>What a person saw of two images, by their indices in the version's manifest.</summary>
public sealed record PairDecision(int Larger, int Smaller, bool IsSameFilm);

/// <param name="Index">In the version's manifest; -1 where it is another data set's.</param>
public sealed record ManifestImageView(int Index, string Name, string Class, string Patient, string Size, ImagePart? Part, string? Problem)
{
    /// <summary>From 1, where the version is divided into folds; null elsewhere.</summary>
    public int? Fold { get; init; }
}

/// <param name="Width">The median, in pixels.</param>
/// <param name="Height">The median, in pixels.</param>
public sealed record ClassCount(string Class, int Images, int Patients, int Width, int Height, int Train, int Validation, int Test)
{
    /// <summary>Images in each fold; empty where the version is not divided into folds.</summary>
    public IReadOnlyList<int> Folds { get; init; } = [];
}

/// <summary>Images of one class in one source.</summary>
/// <param name="Masks">Images with a lung mask.</param>
public sealed record SourceCount(string Source, string Class, int Images, int Patients, int Masks);

public sealed record DataSetFindings(IReadOnlyList<ClassCount> Classes, IReadOnlyList<DataSetFinding> Found, IReadOnlyList<string> Remarks)
{
    /// <summary>By source, then class.</summary>
    public IReadOnlyList<SourceCount> Sources { get; init; } = [];
}
