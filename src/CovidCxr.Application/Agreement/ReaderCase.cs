using CovidCxr.Domain.Readings;

namespace CovidCxr.Application.Agreement;

/// <summary>The parties that call a study COVID-19 or not.</summary>
public enum Party
{
    /// <summary>The reader before seeing the model.</summary>
    Blind,
    Model,

    /// <summary>The reader's finished opinion.</summary>
    Final,
    Reference,
}

/// <summary>What became of a call, COVID-19 or not, that is another after the reveal than before.</summary>
public enum SwitchKind
{
    /// <summary>Wrong before, right after.</summary>
    Corrected,

    /// <summary>Right before, wrong after.</summary>
    Misled,

    /// <summary>No reference says which was right.</summary>
    Unsettled,
}

/// <summary>One reader's finished reading of one study, with what the model and the reference say of it.</summary>
/// <param name="Blind">Null where the reading was made with the model in sight from the start.</param>
/// <param name="PredictionId">What was in sight at the finished reading; null where nothing was.</param>
/// <param name="Score">Of the positive class, 0..1.</param>
/// <param name="IsModelPositive">At or above the threshold of its version.</param>
readonly record struct ReaderCase(
    Guid StudyId, Guid ReaderId, string? PatientNumber, DateTimeOffset ReadAt, Opinion? Blind, Opinion Final, Guid? PredictionId, double? Score, bool? IsModelPositive,
    ReferenceState Reference)
{
    /// <summary>Films without a patient's number are nobody else's.</summary>
    public string Patient => PatientNumber?.ToUpperInvariant() ?? StudyId.ToString();

    /// <summary>COVID-19 (true) or not; null where the party says nothing or is indeterminate, which is neither.</summary>
    public bool? Call(Party party) => party switch
    {
        Party.Blind => Call(Blind),
        Party.Final => Call(Final),
        Party.Model => IsModelPositive,
        _ => Reference switch { ReferenceState.Positive => true, ReferenceState.Negative => false, _ => null },
    };

    /// <summary>Whether the reader called it, COVID-19 or not, before and after seeing the model.</summary>
    public bool IsRevealed => PredictionId is not null && Call(Party.Blind) is not null && Call(Party.Final) is not null;

    /// <summary>Null where the call after the reveal is the one before it.</summary>
    public SwitchKind? Switch => (Call(Party.Blind), Call(Party.Final), Call(Party.Reference)) switch
    {
        var (before, after, _) when !IsRevealed || before == after => null,
        (_, _, null) => SwitchKind.Unsettled,
        var (_, after, truth) => after == truth ? SwitchKind.Corrected : SwitchKind.Misled,
    };

    static bool? Call(Opinion? opinion) => opinion is null or Opinion.Indeterminate ? null : opinion == Opinion.Covid19;
}
