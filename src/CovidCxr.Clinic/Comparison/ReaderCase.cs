using System.Runtime.CompilerServices;
using CovidCxr.Domain.Readings;
using CovidCxr.Domain.Studies;

namespace CovidCxr.Clinic.Comparison;

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

/// <summary>What became of a call, COVID-19 or not, that the reader changed after the reveal.</summary>
public enum SwitchKind
{
    /// <summary>Wrong before, right after.</summary>
    Corrected,

    /// <summary>Right before, wrong after.</summary>
    Misled,

    /// <summary>No reference says which was right.</summary>
    Unsettled,
}

/// <summary>What all readings of a study share. It is kept once, so that two are equal where they are the same object.</summary>
/// <param name="Patient">
/// Numbers the patient. The upper and lower case of a patient number make no difference. A study without a patient number has a patient of
/// its own.
/// </param>
sealed record StudyFacts(Guid Id, string? PatientNumber, int Patient, Sex Sex, int? AgeYears, ViewPosition View)
{
    /// <summary>The result of the RT-PCR finding that no later one supersedes; null where there is no such finding.</summary>
    public ReferenceResult? RtPcr { get; init; }

    /// <summary>The result of the consensus that no later one supersedes; null where there is none.</summary>
    public ReferenceResult? Consensus { get; init; }

    /// <summary>The result of the follow-up that no later one supersedes; null where there is none.</summary>
    public ReferenceResult? FollowUp { get; init; }

    public StudyFacts With(ReferenceSource source, ReferenceResult result) => source switch
    {
        ReferenceSource.RtPcr => this with { RtPcr = result },
        ReferenceSource.Consensus => this with { Consensus = result },
        _ => this with { FollowUp = result },
    };

    public bool Equals(StudyFacts? other) => ReferenceEquals(this, other);

    public override int GetHashCode() => RuntimeHelpers.GetHashCode(this);
}

/// <param name="PositiveClass">Of the model that answered.</param>
/// <param name="Score">Of the positive class, 0..1.</param>
/// <param name="IsPositive">At or above the threshold of its version.</param>
sealed record PredictionFacts(Guid Id, Guid ModelVersionId, string PositiveClass, double Score, bool IsPositive, double Threshold)
{
    /// <summary>False for a model of another disease, whose answer is compared with nobody's.</summary>
    public bool IsOfReadDisease { get; } = ReadDisease.Is(PositiveClass);

    /// <summary>In the model's own words.</summary>
    public string Call => IsPositive ? PositiveClass : $"not {PositiveClass}";

    /// <summary>How far the score lies from the threshold on its side of it: 0 on it, 1 at the end.</summary>
    public double Sureness =>
        Score >= Threshold ? (Threshold < 1 ? (Score - Threshold) / (1 - Threshold) : 1) : (Threshold - Score) / Threshold;
}

/// <summary>An opinion with how sure the reader was of it, 1 to 5.</summary>
readonly record struct RatedOpinion(Opinion Opinion, int Confidence);

/// <summary>One reader's finished reading of one study, with what the model and the reference say of it.</summary>
/// <param name="Id">Of the finished reading.</param>
/// <param name="Before">Null where the reading was made with the model in sight from the start.</param>
/// <param name="Prediction">The model's answer that was in sight at the finished reading; null where none was.</param>
/// <param name="Reference">By the filter's choice of sources.</param>
readonly record struct ReaderCase(
    Guid Id, StudyFacts Study, Guid ReaderId, DateTimeOffset ReadAt, RatedOpinion? Before, RatedOpinion After, PredictionFacts? Prediction,
    ReferenceState Reference = default)
{
    public Guid StudyId => Study.Id;

    public int Patient => Study.Patient;

    public Opinion? Blind => Before?.Opinion;

    public Opinion Final => After.Opinion;

    public Guid? PredictionId => Prediction?.Id;

    public double? Score => Prediction?.Score;

    /// <summary>Whether the answer in sight was about another disease than the readings.</summary>
    public bool IsBesideOtherDisease => Prediction is { IsOfReadDisease: false };

    /// <summary>
    /// COVID-19 (true) or not; null where the party says nothing of it or is indeterminate, which is neither. A model of another disease
    /// says nothing of it.
    /// </summary>
    public bool? Call(Party party) => party switch
    {
        Party.Blind => Call(Blind),
        Party.Final => Call(Final),
        Party.Model => Prediction is { IsOfReadDisease: true } answer ? answer.IsPositive : null,
        _ => Reference switch { ReferenceState.Positive => true, ReferenceState.Negative => false, _ => null },
    };

    /// <summary>Whether the reader called it, COVID-19 or not, before and after seeing what the model calls it.</summary>
    public bool IsRevealed => Call(Party.Model) is not null && Call(Party.Blind) is not null && Call(Party.Final) is not null;

    /// <summary>Null where the call after the reveal is the one before it.</summary>
    public SwitchKind? Switch => (Call(Party.Blind), Call(Party.Final), Call(Party.Reference)) switch
    {
        var (before, after, _) when !IsRevealed || before == after => null,
        (_, _, null) => SwitchKind.Unsettled,
        var (_, after, truth) => after == truth ? SwitchKind.Corrected : SwitchKind.Misled,
    };

    static bool? Call(Opinion? opinion) => opinion is null or Opinion.Indeterminate ? null : opinion == Opinion.Covid19;
}
