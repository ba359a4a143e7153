using CovidCxr.Learning.Evaluation;

namespace CovidCxr.Learning.Gate;

/// <summary>
/// Every limit of the gate. They are recorded with each result, so that a later edition leaves earlier verdicts readable. Areas are under
/// the ROC curve, 0..1; "surely" means by the end of the 95% interval by patient.
/// </summary>
public sealed record GateLimits
{
    public static GateLimits Current { get; } = new();

    /// <summary>Rises with every change of a limit or a rule.</summary>
    public int Edition { get; init; } = 2;

    /// <summary>Fewer patients in either class tell nothing.</summary>
    public int FewestPatients { get; init; } = 10;

    /// <summary>The area must surely be above this.</summary>
    public double Chance { get; init; } = 0.5;

    /// <summary>
    /// At most this share of the positive calls may stay with the lungs blacked out: refused where surely more does, passed where surely no
    /// more. Since edition 2.
    /// </summary>
    public double PositivesKept { get; init; } = BlackedOutLungs.MostKept;

    /// <summary>A covered middle must cost surely more than nothing; a loss that is surely smaller than this counts as none.</summary>
    public double NoLoss { get; init; } = 0.05;

    /// <summary>Refused where the border alone surely reaches more than the first, passed where surely no more than the second.</summary>
    public double BorderRefused { get; init; } = 0.6;

    public double BorderPassed { get; init; } = 0.75;

    /// <summary>Likewise of size, greyness and bit depth.</summary>
    public double MetadataRefused { get; init; } = 0.7;

    public double MetadataPassed { get; init; } = 0.8;

    /// <summary>From here on a film's source tells its class, and overall figures show nothing.</summary>
    public double SourceArea { get; init; } = 0.75;

    /// <summary>Mean distance of score and observed rate, 0..1.</summary>
    public double CalibrationError { get; init; } = 0.15;

    /// <summary>Fewer films say nothing of calibration.</summary>
    public int CalibrationFilms { get; init; } = 100;

    /// <summary>A sub-group of fewer films is never green.</summary>
    public int GroupFilms { get; init; } = 30;

    /// <summary>A sub-group's area must not surely be below this.</summary>
    public double GroupArea { get; init; } = 0.6;

    /// <summary>The mean share of the heat map inside the lungs.</summary>
    public double InLungs { get; init; } = 0.5;

    /// <summary>The share of evaluated films that the guard would withhold must not surely be above this.</summary>
    public double Withheld { get; init; } = 0.05;

    /// <summary>So much lower than the active model's may the area, and the sensitivity, surely not be.</summary>
    public double Margin { get; init; } = 0.05;
}
