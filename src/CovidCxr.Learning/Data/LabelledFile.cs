namespace CovidCxr.Learning.Data;

/// <summary>One image of a data set before it is opened.</summary>
/// <param name="Path">Relative to the data folder, with forward slashes.</param>
/// <param name="Patient">Unique within the whole data set.</param>
/// <param name="Source">The source's path.</param>
public sealed record LabelledFile(string Path, string Class, string Patient, string Source);
