namespace CovidCxr.Domain.Studies;

/// <summary>What an image of a study looks like, so that a copy of it is known again: cropped, brightened or saved anew.</summary>
public sealed class StudyAppearance
{
    /// <summary>Counts up, so that whoever keeps the hashes in memory asks for the newer ones alone.</summary>
    public long Id { get; init; }

    public Guid StudyId { get; init; }

    /// <summary>Null for the principal image.</summary>
    public Guid? ImageId { get; init; }

    /// <summary>The perceptual hash, 64 hexadecimal digits.</summary>
    public required string Hash { get; init; }

    /// <summary>The film's fine structure, to lay two films over one another.</summary>
    public required byte[] Thumbnail { get; init; }
}
