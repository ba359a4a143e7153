namespace CovidCxr.Learning.Data;

/// <summary>One image of a data set before it is opened.</summary>
/// <param name="Path">Relative to the data folder, with forward slashes.</param>
/// <param name="Patient">Unique within the whole data set.</param>
/// <param name="Source">The collection that it comes from: the source's path, or what a manifest says.</param>
/// <param name="Part">Where a manifest has put it; null where it is still to be divided.</param>
/// <param name="Fold">From 1, where a manifest has divided it into folds; null elsewhere.</param>
/// <param name="Site">The hospital within the source, as its table calls it; null where nothing says.</param>
/// <param name="PixelHash">What its pixels must be; null where nothing says.</param>
public sealed record LabelledFile(
    string Path, string Class, string Patient, string Source, DataPart? Part = null, string? PixelHash = null, int? Fold = null,
    string? Site = null)
{
    /// <summary>What a list of places that are held out names: the source, and with a slash its site.</summary>
    public bool IsFrom(string place) => place == Source || (Site is not null && place == $"{Source}/{Site}");

    /// <summary>Whether it was drawn from another image of the data set.</summary>
    public bool IsAugmented { get; init; }

    /// <summary>Its lung mask, relative to the data folder; null for that of its name in the source's folder, where there is one.</summary>
    public string? LungMask { get; init; }

    /// <summary>As its table or manifest says; null where nothing says. Likewise Sex and Age.</summary>
    public string? View { get; init; }

    public string? Sex { get; init; }

    public string? Age { get; init; }
}
