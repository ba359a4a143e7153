namespace CovidCxr.Engine.Guard;

/// <summary>What kind of picture the guard takes a film for. All but the first have no score.</summary>
public enum FilmKind
{
    /// <summary>A chest from the front, upright, whole, bright where it is dense.</summary>
    Frontal,
    TurnedSideways,
    UpsideDown,
    Inverted,
    CutOff,

    /// <summary>No X-ray of a chest: a photograph, a hand, a page, a drawing, noise.</summary>
    NoChest,

    /// <summary>Like nothing that the guard knows.</summary>
    Unlike,
}
