namespace CovidCxr.Domain.Readings;

/// <summary>Where a training label comes from.</summary>
public enum TrainingSource
{
    Reference,
    BlindReadings,
}

/// <summary>A study's label for training, COVID-19 or not.</summary>
public readonly record struct TrainingLabel(bool IsPositive, TrainingSource Source);

/// <summary>
/// What may enter a training set: references, and what readers said before they saw the model. A model that learned from opinions that it
/// had itself suggested would teach itself its errors.
/// </summary>
public static class TrainingRules
{
    /// <summary>Final and concurrent readings never.</summary>
    public static bool MayEnter(ReadingStage stage) => stage == ReadingStage.Blind;

    /// <summary>
    /// The reference's word; without any, that of the blind readings where all agree. Null where there is neither, where they contradict
    /// each other, or where a reference was looked for and is indeterminate.
    /// </summary>
    /// <param name="readings">All that was said of the study, whatever the stage.</param>
    public static TrainingLabel? Of(ReferenceState reference, IEnumerable<(ReadingStage Stage, Opinion Opinion)> readings)
    {
        if (reference is ReferenceState.Positive or ReferenceState.Negative)
        {
            return new(reference == ReferenceState.Positive, TrainingSource.Reference);
        }

        var blind = readings.Where(r => MayEnter(r.Stage)).Select(r => r.Opinion).Distinct().ToList();
        return reference == ReferenceState.Missing && blind.Count > 0 && !blind.Contains(Opinion.Indeterminate)
            && blind.Select(o => o == Opinion.Covid19).Distinct().Count() == 1
            ? new(blind[0] == Opinion.Covid19, TrainingSource.BlindReadings)
            : null;
    }
}
