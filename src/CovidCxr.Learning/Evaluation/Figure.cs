using CovidCxr.Statistics;

namespace CovidCxr.Learning.Evaluation;

/// <summary>One figure with two intervals.</summary>
/// <param name="ByImage">As if every image were a case of its own: Wilson's or DeLong's interval.</param>
/// <param name="ByPatient">From resampling patients with all their images: the honest one where patients have several.</param>
public sealed record Figure(string Name, Estimate ByImage, Estimate ByPatient);
