using CovidCxr.Learning.Evaluation;

namespace CovidCxr.Laboratory.Runs;

/// <summary>A report for its page: the same that can be downloaded, and where the images stand that confused the run most.</summary>
/// <param name="MostConfused">In the report's order, worst first.</param>
public sealed record RunReport<TReport>(TReport Report, IReadOnlyList<ShownImage> MostConfused);

/// <param name="Index">In the data set version's manifest; -1 where it is not there.</param>
/// <param name="HasPicture">Whether it can be shown with its heat map.</param>
public sealed record ShownImage(ConfusedImage Image, int Index, bool HasPicture);
