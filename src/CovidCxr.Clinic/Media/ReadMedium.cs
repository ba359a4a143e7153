using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Studies;
using CovidCxr.Imaging.Dicom;

namespace CovidCxr.Clinic.Media;

/// <summary>
/// A film that a medium's directory names. What it says is for choosing alone: at the upload the film's own header counts.
/// </summary>
/// <param name="Path">The key of <see cref="MediaDirectory.Normalise"/>; null where the directory names no place on the medium.</param>
/// <param name="IsOffered">Whether it is chosen until a person says otherwise: a film, rather than a picture of some screen.</param>
public sealed record MediumFilm(
    string? Path, string? PatientNumber, DateOnly? TakenOn, ViewPosition View, string? Modality, bool IsOffered);

/// <param name="What">Such as "a CT image".</param>
public sealed record MediumOthers(string What, int Count);

/// <summary>What is on a CD or another medium, by its directory.</summary>
public sealed record Medium(IReadOnlyList<MediumFilm> Films, IReadOnlyList<MediumOthers> Others);

/// <summary>
/// Says what is on a medium by its DICOMDIR, so that a person chooses films of it. It stores nothing and reads no other file: the browser
/// has them, and sends what was chosen like any film.
/// </summary>
public static class ReadMedium
{
    /// <summary>For the person whose directory is none.</summary>
    public const string Refusal =
        "The file DICOMDIR is damaged, or no directory of a medium. The files beside it can be sent all the same.";

    /// <returns>Null where it cannot be read.</returns>
    public static Medium? Run(byte[] directory, Actor actor, CancellationToken cancellation)
    {
        actor.Demand(Role.Radiologist);
        return MediaDirectory.Read(directory, cancellation) is not { } files
            ? null
            : new(
                [.. files.Where(f => f.Kind is null).Select(ToFilm)],
                [.. files.Select(f => f.Kind).OfType<string>().CountBy(k => k).OrderByDescending(k => k.Value)
                    .Select(k => new MediumOthers(k.Key, k.Value))]);
    }

    static MediumFilm ToFilm(MediaFile file) => new(
        file.Path, file.PatientId, file.StudyDate, ScoreRules.ViewOf(file.View), file.Modality,
        file.Path is not null && ScoreRules.ReasonToWithhold(ViewPosition.Unknown, file.Modality, bodyPart: null, intent: null) is null
            && file.Modality is not ("SC" or "OT"));
}
