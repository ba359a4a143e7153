namespace CovidCxr.Engine.Guard;

/// <summary>Whether a film may have a score.</summary>
/// <param name="Kind">What it is taken for.</param>
/// <param name="Good">0..1: how surely it is a good frontal film by its kind.</param>
/// <param name="Distance">From the films that the guard learned from, as a share of the distance that is still taken: above 1 is
/// far.</param>
public sealed record GuardVerdict(FilmKind Kind, double Good, double Distance)
{
    /// <summary>By the nearer of the two limits, 0 or more: a film above 1 is withheld.</summary>
    public double Suspicion { get; init; }

    public bool Withholds => Kind != FilmKind.Frontal;

    /// <summary>Why there is no score, as a sentence; null where there is one.</summary>
    public string? Reason => Kind switch
    {
        FilmKind.Frontal => null,
        FilmKind.TurnedSideways => "The film lies on its side. Turn it and upload it again.",
        FilmKind.UpsideDown => "The film is upside down. Turn it and upload it again.",
        FilmKind.Inverted => "The film's grey values are inverted: bone is dark.",
        FilmKind.CutOff => "A part of the lungs is cut off.",
        FilmKind.NoChest => "This does not look like an X-ray of a chest from the front.",
        _ => "This picture is unlike the frontal chest X-rays that the guard knows.",
    };
}
