namespace CovidCxr.Domain.Studies;

/// <summary>One of the clinic's films that may be trained on. It names no patient.</summary>
/// <param name="Name">A file name that is nobody's.</param>
/// <param name="Class">Its label in words.</param>
/// <param name="Patient">A pseudonym; empty where the film is nobody's.</param>
/// <param name="View">PA, AP or Lateral; empty where it is not known.</param>
/// <param name="ImageKey">Where the pixels are kept.</param>
/// <param name="PixelBytes">The size of its samples.</param>
public sealed record ClinicFilm(string Name, string Class, string Patient, string View, string ImageKey, long PixelBytes)
{
    /// <summary>Of the patient: M, F or O; empty where it is not known.</summary>
    public string Sex { get; init; } = "";

    /// <summary>Of the patient when the film was taken, in whole years; empty where it is not known.</summary>
    public string Age { get; init; } = "";
}

/// <param name="Remarks">In words: how many films may be trained on and why, and how many are left out.</param>
public sealed record TrainableFilms(IReadOnlyList<ClinicFilm> Films, IReadOnlyList<string> Remarks);

/// <summary>All that the laboratory ever learns of the clinic.</summary>
public interface IClinicFilms
{
    /// <summary>The films with a label that may be trained on.</summary>
    TrainableFilms SelectTrainable();

    /// <summary>Where the pixels of the newest films are kept, the newest first.</summary>
    Task<IReadOnlyList<string>> NewestImageKeysAsync(int count, CancellationToken cancellation);
}
